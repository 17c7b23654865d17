/** The deadlines that a subject has set: when each falls due, whose it is, and what for. */
import type { ExploredManager } from './explored-manager.ts'

/** How long a dial, a close and a wait in the pool may take. */
export const WAIT_MS = 2 ** 20

/** All of them, the earliest first. */
export function deadlinesOf(subject: ExploredManager): { readonly at: number; readonly who: number; readonly what: string }[] {
  const deadlines: { at: number; who: number; what: string }[] = []
  for (const [who, hand] of subject.hands.entries()) {
    const request = subject.request(hand)
    if (request !== undefined) deadlines.push({ at: request.deadline.at, who, what: 'slot' })
    const record = subject.record(hand)
    if (record === undefined) continue
    const openUntil = record.breaker?.openUntil ?? 0
    if (openUntil > subject.clock.now()) deadlines.push({ at: openUntil, who, what: 'breaker' })
    if (record.deadline !== undefined && record.deadline.index >= 0)
      deadlines.push({ at: record.deadline.at, who, what: record.deadline.then })
    if (record.state === 'Disconnected.pooled') deadlines.push({ at: record.since + WAIT_MS, who, what: 'pool.expired' })
  }
  if (subject.shutdownAt !== undefined && subject.phase === 'Closing') deadlines.push({ at: subject.shutdownAt, who: -1, what: 'end' })
  return deadlines.toSorted((a, b) => a.at - b.at)
}
