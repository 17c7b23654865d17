/** The spelling of a subject's state: a short text that holds all that its future depends on. */
import { holdsSlot } from '../../machines/domain/peer-state.ts'
import type { PeerRecord } from '../../src/runtime/peers/peer-record.ts'
import { deadlinesOf } from './deadlines.ts'
import type { Hand } from './hand.ts'
import type { ExploredManager } from './explored-manager.ts'

/** Where each peer stands, in words that hold all that its future depends on. */
export function spellPeer(subject: ExploredManager, hand: Hand, ownersOfTheGone: boolean): string {
  const record = subject.record(hand)
  const request = subject.request(hand)
  const line = request === undefined ? '' : ` in line ${request.callers.size}`
  if (record?.state === undefined) return `-${line}`
  const { state, callers, wanted, dial, port, direction } = record
  const owner = subject.world.ownerOf(record) === 'app' && (ownersOfTheGone || holdsSlot(state)) ? 'app' : ''
  const link = port === undefined ? '' : direction
  return `${state} ${owner} ${link} ${dial === undefined ? '' : 'dials'} ${callers?.size ?? 0} ${subject.holdsOf(hand)}${wanted ? ' wanted' : ''}${line}${spellBreaker(subject, record)}`
}

function spellBreaker(subject: ExploredManager, { breaker }: PeerRecord): string {
  if (breaker === undefined) return ''
  const { failures, openUntil, isProbing } = breaker
  if (openUntil === 0) return ` failed ${failures}`
  return subject.clock.now() < openUntil ? ' open' : isProbing ? ' probing' : ' half open'
}

/** Who has a deadline, the earliest first; those of one instant together. `order` maps a peer to its name. */
export function spellOrder(subject: ExploredManager, order: readonly number[]): string {
  let text = ''
  let last: number | undefined
  let group: string[] = []
  for (const { at, who, what } of deadlinesOf(subject)) {
    if (at !== last) {
      text += `${group.toSorted().join('+')}<`
      group = []
    }
    last = at
    group.push(who < 0 ? what : `${order[who]} ${what}`)
  }
  return text + group.toSorted().join('+')
}
