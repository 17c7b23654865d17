/** Each plain line begins with the time and a word to search for, and is whole in itself. */
import { printable } from '../../machines/domain/plain-text.ts'
import { shownPeerId, shownWords } from '../../machines/domain/shown.ts'
import type { Transition } from '../../machines/domain/transition.ts'
import type { NetworkMetrics } from '../metrics/network-metrics.ts'
import { heldLinks } from './limit-watch.ts'
import { bytes, milliseconds, rate, timeOfDay } from './quantities.ts'
import { changeOf, failureText, type NamedTransition } from './transition-row.ts'

const LABEL = 9
/** The line that says where the console is: without the token of its URL nobody could open it. */
const CONSOLE = 'console'

/** `14:03:07 label     text`. */
export function plainLine(at: number, label: string, text: string): string {
  return printable(`${timeOfDay(at)} ${label.padEnd(LABEL)} ${label === CONSOLE ? text : shownWords(text)}`)
}

/** The metrics of a moment on one line; the round trips are average, p95 and p99. */
export function metricsLine(metrics: NetworkMetrics, refused: number): string {
  const { at, limit, dialing, connections, pooled, closing, byStatus, inbound, dials, pool, latency, memoryUsage } = metrics
  const groups = [
    `${heldLinks(metrics)}/${limit} links: ${connections} connected, ${dialing} connecting, ${pooled} pooled, ${closing} closing`,
    `${byStatus.Failed} failed`,
    `${rate(metrics.messagesPerSecond)} msg/s, in ${bytes(metrics.bytesPerSecond.in)}/s, out ${bytes(metrics.bytesPerSecond.out)}/s`,
    `rtt ${latency === null ? '–' : [metrics.avgLatency, latency.p95, latency.p99].map(milliseconds).join(' / ')}`,
    `pool ${pool.hits} hits, ${pool.misses} misses, ${pool.expired} expired, ${pool.evicted} evicted`,
    `dials ${dials.succeeded} ok, ${dials.failed} failed, ${refused} refused`,
    `inbound ${inbound.accepted} ok, ${inbound.rejected} rejected`,
    bytes(memoryUsage),
  ]
  return plainLine(at, 'metrics', groups.join(' | '))
}

/** What a notable transition is called; undefined: it is everyday life, or told with more than a transition knows. */
export function noteworthy({ to, reason }: Transition): 'failed' | 'yielded' | undefined {
  if (to === 'Failed') return 'failed'
  return reason === 'pool-evicted' ? 'yielded' : undefined
}

/** A transition on one line. */
export function transitionLine(label: string, { transition, name, safety = '' }: NamedTransition): string {
  const { at, reason, failure, remoteReason } = transition
  const words = remoteReason ?? safety
  const said = words === '' ? '' : ` (${words})`
  const why = failure === undefined ? said : `: ${failureText(failure)}`
  return plainLine(at, label, `${shownPeerId(name)}  ${changeOf(transition)}  ${reason}${why}`)
}
