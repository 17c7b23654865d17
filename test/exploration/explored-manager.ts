/** An explored manager as the files of this room see it: its hands, what it holds, and what is noted of it. */
import type { ConnectionManager } from 'qudag-connections'
import type { ScriptedTransport } from 'qudag-connections/testing'
import type { PeerState } from '../../machines/domain/peer-state.ts'
import type { PeerRecord } from '../../src/runtime/peers/peer-record.ts'
import type { SlotRequest } from '../../src/runtime/waiting/slot-queue.ts'
import type { SlotWaiters } from '../../src/runtime/waiting/slot-waiters.ts'
import type { World } from '../../src/runtime/world/world.ts'
import type { RowTitle } from '../machines/design-table.ts'
import type { Hand } from './hand.ts'
import type { LateClock } from './late-clock.ts'

/** What the checks, the spelling, the deadlines and the moves read of a subject, and where they note what they find. */
export interface ExploredManager {
  readonly clock: LateClock
  readonly transport: ScriptedTransport
  readonly manager: ConnectionManager
  readonly world: World
  readonly hands: readonly Hand[]
  /** Requests that wait for a slot. */
  readonly waiters: SlotWaiters
  /** How often each row of the transition table was taken in the last step. */
  readonly taken: RowTitle[]
  /** What was wrong in the last step. */
  readonly wrong: string[]
  readonly limit: number
  readonly stopped: boolean
  readonly phase: 'Accepting' | 'Draining' | 'Closing' | 'Stopped'
  /** When a shutdown that is under way gives up on what is left. */
  readonly shutdownAt: number | undefined
  readonly settledShutdowns: number
  readonly shutdowns: number
  /** The next links' `attach` throws. */
  readonly breakLinks: boolean
  /** What was told of each peer last. */
  readonly places: Map<string, PeerState | undefined>
  /** Whether the stream of transitions is over. */
  readonly isCompleted: boolean
  /** The peers that were in a slot when it was looked at last. */
  slotsBefore: ReadonlySet<string>
  handOf(peerId: string): Hand | undefined
  record(hand: Hand): PeerRecord | undefined
  /** Its request, where it waits for a slot. */
  request(hand: Hand): SlotRequest | undefined
  /** Connects that wait, for the link or for a slot. */
  callersOf(hand: Hand): number
  /** Connections that are open. */
  holdsOf(hand: Hand): number
}
