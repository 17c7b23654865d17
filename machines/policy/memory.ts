/** Keeps one thing true: peers that are gone are remembered, but only so many of them. */

/** The most peers without a link that are remembered. */
export const MAX_REMEMBERED = 10_000

/** Whether the one that is remembered longest must be forgotten. */
export function isMemoryFull(remembered: number): boolean {
  return remembered > MAX_REMEMBERED
}
