/** The peer that is pointed at is named below the crowd, as it is now. */
import type { PeerState } from '../../../../machines/domain/peer-state.ts'
import { SAFETY_WORDS } from '../../../transports/link-safety.ts'
import { SafetyBadge, Shape } from '../parts/shape.tsx'
import type { CrowdBook } from '../state/crowd-book.ts'
import { duration } from '../state/numbers.ts'
import { counted, crowd } from '../state/session.ts'
import { statusIn } from '../state/status.ts'

/** One line on the peer of a slot; undefined: nobody is pointed at. */
export function CrowdTip({ slot, states }: { slot: number | undefined; states: readonly PeerState[] }) {
  // Read so that the line follows the peer.
  void counted.value
  const state = slot === undefined ? undefined : states[crowd.state[slot]!]
  if (slot === undefined || state === undefined) return <p class="tip hint">Arrow keys move through the crowd, Enter opens a peer.</p>
  const status = statusIn(state)
  const failure = crowd.failures[slot]
  return (
    <p class="tip" data-testid="crowd-tip">
      {status !== undefined && <Shape status={status} />}
      <strong>{crowd.ids[slot]}</strong>
      <span>{state.replace('.', ' · ')}</span>
      <span class="mono">
        {crowd.addresses[slot] === '' ? 'no address' : `${crowd.inbound[slot] === 1 ? 'from' : 'to'} ${crowd.addresses[slot]}`}
      </span>
      <SafetyBadge safety={crowd.safety[slot] ?? 0} />
      <span>{duration(crowd.latency[slot])}</span>
      {failure != null && <span class="failure">{failure}</span>}
    </p>
  )
}

/** A peer in one line, for those who cannot see the cell. */
export function summaryOf(book: CrowdBook, slot: number, states: readonly PeerState[]): string {
  const latency = book.latency[slot]!
  return [
    book.ids[slot],
    states[book.state[slot]!]?.replace('.', ', '),
    book.addresses[slot],
    SAFETY_WORDS[book.safety[slot] ?? 0],
    Number.isNaN(latency) ? '' : duration(latency),
    book.failures[slot],
  ]
    .filter((part) => part !== '' && part != null)
    .join(', ')
}
