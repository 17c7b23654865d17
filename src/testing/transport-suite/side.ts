/** A side of a row: one in this process cannot be told from one in another. */
import type { Transport } from '../../transports/transport.ts'
import { textOf } from './check.ts'
import { type Facts, Party, type Plain, type SideName, Stopped } from './party.ts'
import type { Row } from './row.ts'

/** What a side plays in a row. */
export type Role = 'writer' | 'reader'

/** How a side's part of a row went. */
export type Verdict =
  | { readonly kind: 'kept' }
  | { readonly kind: 'broken'; readonly complaint: string }
  /** It was cut short: what it was waiting for. */
  | { readonly kind: 'stopped'; readonly waitedFor: string }

/** One side's part of one row, under way. */
export interface Part {
  readonly verdict: Promise<Verdict>
  /** The other side has told something. */
  told(word: string, value: Plain): void
  /** Cuts it short; the verdict comes soon. */
  stop(): void
  /** Gives back what it has opened. */
  release(): Promise<void>
}

/** One side of a transport: it plays its part of any row. */
export interface Side {
  play(row: Row, role: Role, side: SideName, facts: Facts, post: (word: string, value: Plain) => void): Part
}

/** A side in this process. */
export function localSide(transport: Transport): Side {
  return {
    play(row, role, side, facts, post) {
      const party = new Party(side, transport, facts, post)
      return {
        verdict: playPart(row, role, party),
        told: (word, value) => party.told(word, value),
        stop: () => party.stop(),
        release: () => party.release(),
      }
    },
  }
}

async function playPart(row: Row, role: Role, party: Party): Promise<Verdict> {
  try {
    if (row.takesArrivals) party.takeArrivals()
    if (party.side === 'listener') void party.listening().catch(() => {})
    await row[role](party)
    return { kind: 'kept' }
  } catch (error) {
    if (error instanceof Stopped) return { kind: 'stopped', waitedFor: error.message }
    return { kind: 'broken', complaint: textOf(error) }
  }
}
