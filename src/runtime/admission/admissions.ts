/** The app's own rule on admission is asked once a request, and what it says can never admit past the limit. */
import type { PeerId } from '../../../machines/domain/peer-id.ts'
import type { AdmissionView } from '../../../machines/policy/admission.ts'
import type { AdmissionDecision, AdmissionRequest, AdmissionRule } from '../../../machines/policy/admission-rule.ts'
import type { Direction } from '../../../machines/policy/duel.ts'
import { ignoreRejection, isThenable } from '../callbacks/app-callback.ts'
import { asError } from '../errors/failures.ts'
import type { Evictions } from './evictions.ts'
import type { Standings } from '../peers/standing.ts'
import type { World } from '../world/world.ts'

/** On what terms a request is judged where no slot is free. */
export type AdmissionTerms = Pick<AdmissionView, 'maxWaiting' | 'rejection' | 'contest'>

/** The rule was at fault: that is the app's own business, and not told to others. */
interface Fault {
  readonly kind: 'fault'
  readonly reason: string
}

const REFUSED: AdmissionTerms = { maxWaiting: 0 }

/** Whether the inbound links have all the slots that they may have: then only one of them makes room for another. */
export function isShareFull(share: AdmissionView['inbound']): boolean {
  return share !== undefined && share.held >= share.limit
}

/** Puts the option `admission` to each request of one supervisor. */
export class Admissions {
  readonly #world: World
  readonly #standings: Standings
  readonly #evictions: Evictions | undefined
  /** The reason of its own that the app's rule gave for the last refusal; undefined: it was no refusal, or had none. */
  told: string | undefined = undefined

  constructor(world: World, standings: Standings, evictions: Evictions | undefined) {
    this.#world = world
    this.#standings = standings
    this.#evictions = evictions
  }

  /**
   * The terms of a request made now.
   *
   * @param mayWait whether somebody waits for it who can wait longer
   * @param share the share of the inbound links, where it is one of them
   */
  terms(
    { peerId, direction, at }: { peerId: PeerId; direction: Direction; at: number },
    mayWait: boolean,
    waiting: number,
    share?: AdmissionView['inbound'],
  ): AdmissionTerms {
    const { settings, taken, limits } = this.#world
    const maxWaiting = mayWait ? settings.maxWaiting : 0
    const { admission } = settings
    this.told = undefined
    if (admission === 'reject') return REFUSED
    if (admission === 'queue') return { maxWaiting }
    const among = isShareFull(share) ? 'inbound' : 'any'
    const isFull = taken >= limits.maxConnections || among === 'inbound'
    if (admission === 'evict' && !isFull) return REFUSED
    const score = this.#standings.scoreOf(peerId, direction)
    const lowest = this.#evictions?.first(at, among)?.evictable?.score
    if (admission === 'evict') return { maxWaiting: 0, contest: { score, lowest } }
    const decision = this.#ask(admission, { peerId, direction, score }, waiting, lowest)
    this.told = typeof decision === 'object' && decision.kind === 'reject' ? decision.reason : undefined
    if (decision === 'queue') return { maxWaiting }
    // The rule may have commanded this manager: who yields now is asked anew, and no code of the app's with it.
    if (decision === 'evict') return { maxWaiting: 0, contest: this.contest(score, among) }
    if (decision === 'admit') return REFUSED
    return { maxWaiting: 0, rejection: decision === 'reject' ? 'rejected by the option admission' : decision.reason }
  }

  /** What a newcomer has to outrank now. */
  contest(score: number, among: 'inbound' | 'any'): { readonly score: number; readonly lowest: number | undefined } {
    return { score, lowest: this.#evictions?.firstWeighed(among)?.evictable?.score }
  }

  #ask(rule: AdmissionRule, request: AdmissionRequest, waiting: number, lowestScore: number | undefined): AdmissionDecision | Fault {
    const { slots, limits, pool, settings } = this.#world
    try {
      const decision: unknown = rule(request, { limit: limits.maxConnections, held: slots.held, pooled: pool.size, waiting, lowestScore })
      if (decision === 'admit' || decision === 'queue' || decision === 'evict' || decision === 'reject') return decision
      if (isThenable(decision)) ignoreRejection(decision)
      const { reason } = (decision ?? {}) as { readonly reason?: unknown }
      if (typeof reason === 'string') return { kind: 'reject', reason }
      const error = new TypeError(`the option admission must return 'admit', 'queue', 'evict' or 'reject'`)
      settings.errors.report(error, 'admission', request.peerId)
      return { kind: 'fault', reason: error.message }
    } catch (error) {
      settings.errors.report(error, 'admission', request.peerId)
      return { kind: 'fault', reason: `the option admission threw: ${asError(error).message}` }
    }
  }
}
