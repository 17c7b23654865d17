/** A peer reads as how it is, who, since when, how far away, how safe, and what it waits for. */
import type { PeerView } from '../runtime/actors/peer-view.ts'
import { SAFETY_MARKS, safetyOf } from '../transports/link-safety.ts'
import { milliseconds, timeOfDay } from './quantities.ts'
import type { StyledLine } from './styled-line.ts'
import { cut, STYLES } from './transition-row.ts'

/** A peer and what it is called here. */
export interface NamedPeer {
  readonly peer: PeerView
  readonly name: string
}

/** `Disconnected`, the longest of the statuses. */
const STATUS = 12

/** One peer, its name in a column of that width. */
export function peerRow({ peer, name }: NamedPeer, column: number): StyledLine {
  const { status, since, latency, failure, security, remoteAddress = '' } = peer
  const safety = status === 'Connected' ? SAFETY_MARKS[safetyOf(security, remoteAddress)] : ''
  return [
    [` ${timeOfDay(since)}  `, 'dim'],
    [`${cut(name, column)} `],
    [status.padEnd(STATUS), STYLES[status] ?? 'plain'],
    [status === 'Connected' && latency !== null ? ` rtt ${milliseconds(latency)}` : ''],
    [safety === '' ? '' : `  ${safety}`, 'dim'],
    [failure === undefined ? '' : ` ${failure.code}`, 'dim'],
  ]
}
