/** Which transitions there may be is a table, the one of design §4, and nothing else. */
import type { ConnectionStatus } from '../../machines/domain/connection-status.ts'
import type { Transition, TransitionReason } from '../../machines/domain/transition.ts'

type Place = ConnectionStatus | 'nowhere'

/** Per reason, the changes of status that it may stand for. `nowhere`: not known before, or forgotten. */
const LEGAL: { readonly [R in TransitionReason]?: readonly (readonly [from: Place, to: Place])[] } = {
  connect: [
    ['nowhere', 'Connecting'],
    ['Disconnected', 'Connecting'],
    ['Failed', 'Connecting'],
  ],
  opened: [['Connecting', 'Connected']],
  reused: [['Disconnected', 'Connected']],
  inbound: [
    ['nowhere', 'Connected'],
    ['Connecting', 'Connected'],
    ['Disconnected', 'Connected'],
    ['Failed', 'Connected'],
  ],
  reported: (['nowhere', 'Connecting', 'Connected', 'Disconnected', 'Failed'] as const).flatMap((from) =>
    (['Connecting', 'Connected', 'Disconnected', 'Failed'] as const).filter((to) => to !== from).map((to) => [from, to] as const),
  ),
  'dial-failed': [['Connecting', 'Failed']],
  timeout: [['Connecting', 'Failed']],
  aborted: [['Connecting', 'Disconnected']],
  disconnect: [
    ['Connecting', 'Disconnected'],
    ['Connected', 'Disconnected'],
  ],
  'remote-closed': [
    ['Connected', 'Disconnected'],
    ['Disconnected', 'nowhere'],
  ],
  'link-error': [['Connected', 'Failed']],
  'heartbeat-lost': [['Connected', 'Failed']],
  evicted: [['Connected', 'Disconnected']],
  'pool-expired': [['Disconnected', 'nowhere']],
  'pool-evicted': [['Disconnected', 'nowhere']],
  backoff: [
    ['Disconnected', 'Connecting'],
    ['Failed', 'Connecting'],
  ],
  crashed: (['nowhere', 'Connecting', 'Connected', 'Disconnected'] as const).map((from) => [from, 'Failed'] as const),
  shutdown: [
    ['Connecting', 'Disconnected'],
    ['Connected', 'Disconnected'],
    ['Failed', 'Disconnected'],
    ['Disconnected', 'nowhere'],
  ],
  forgotten: [
    ['Disconnected', 'nowhere'],
    ['Failed', 'nowhere'],
  ],
}

/** Whether the table has this transition, its states are substates of its statuses, and it carries a failure where it must. */
function isLegal(transition: Transition): boolean {
  const { from, to, fromState, toState, reason, failure } = transition
  const inTable = LEGAL[reason]?.some(([a, b]) => a === (from ?? 'nowhere') && b === (to ?? 'nowhere')) ?? false
  const spelled = isWithin(fromState, from) && isWithin(toState, to)
  const pooled = reason === 'reused' || reason.startsWith('pool-') ? fromState === 'Disconnected.pooled' : true
  return inTable && spelled && pooled && (failure === undefined || to === 'Failed')
}

/** Throws where the stream of any peer has a gap, an order that is not that of `seq`, or a transition that is not in the table. */
export function assertLegalStream(transitions: readonly Transition[]): void {
  const at = new Map<string, ConnectionStatus | undefined>()
  let seq = 0
  let time = -Infinity
  for (const transition of transitions) {
    const told = JSON.stringify(transition)
    if (!isLegal(transition)) throw new Error(`not in the table: ${told}`)
    if (transition.seq <= seq) throw new Error(`out of order after ${seq}: ${told}`)
    if (transition.at < time) throw new Error(`time went backwards from ${time}: ${told}`)
    if (at.get(transition.peerId) !== transition.from) throw new Error(`a gap: the peer was ${at.get(transition.peerId)}, then ${told}`)
    at.set(transition.peerId, transition.to)
    ;({ seq, at: time } = transition)
  }
}

function isWithin(state: string | undefined, status: string | undefined): boolean {
  return status === undefined ? state === undefined : state === status || (state?.startsWith(`${status}.`) ?? false)
}
