/** Peers that are gone are remembered, but only so many of them. */

/** The most peers without a link that are remembered, unless an option says otherwise. @since 0.1.0 */
export const MAX_REMEMBERED = 10_000

/** How many peers without a link are remembered. */
export interface Retention {
  /** Peers that can be dialled, or have proven their id. */
  readonly peers: number
  /** Inbound peers that proved no id: none of them can come back under its name. */
  readonly unproven: number
}

/** Whether the one that is remembered longest must be forgotten. @since 0.1.0 */
export function isMemoryFull(remembered: number, most: number = MAX_REMEMBERED): boolean {
  return remembered > most
}
