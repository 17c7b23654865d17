/** What honest peers saw. Round trips in milliseconds; null: there was none. */
export interface Seen {
  readonly p50: number | null
  readonly p99: number | null
  readonly max: number | null
  readonly trips: number
  readonly refused: number
  readonly lost: number
}

/** What became of a victim. */
export interface Outcome {
  readonly before?: Seen
  readonly during?: Seen
  readonly isAlive: boolean
  readonly exit?: number | string
  /** Bytes resident at its peak, less those at rest. */
  readonly addedRss?: number
  readonly peers?: number
  readonly error?: string
}

export function underAttack(
  name: string,
  kind: string,
  settings?: {
    readonly ms?: number
    readonly peers?: number
    readonly options?: object
    readonly transport?: object
    readonly heapMb?: number
    readonly isCompared?: boolean
  },
): Promise<Outcome>
