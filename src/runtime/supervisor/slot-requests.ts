/** A request for a slot: the door, the app's rule and its gate are asked, then the supervisor's machine. */
import type { PeerId } from '../../../machines/domain/peer-id.ts'
import { holdsSlot } from '../../../machines/domain/peer-state.ts'
import { decideAdmission, type Admission, type AdmissionView } from '../../../machines/policy/admission.ts'
import type { ConnectionError } from '../../errors.ts'
import type { Admissions } from '../admission/admissions.ts'
import type { Door } from '../admission/door.ts'
import { deniedError } from '../errors/refusals.ts'
import type { Breakers } from '../peers/breakers.ts'
import type { PeerRecord } from '../peers/peer-record.ts'
import type { SlotWaiters } from '../waiting/slot-waiters.ts'
import type { World } from '../world/world.ts'
import type { SupervisorCore } from './supervisor-core.ts'

/** Admissions that give a request no slot now: about these the gate is not asked. */
const NO_LINK: ReadonlySet<Admission['kind']> = new Set(['forbid', 'join', 'break', 'wait', 'full', 'refuse'])

/** What a request is judged by. */
export interface SlotRequestsHost {
  readonly door: Door
  readonly admissions: Admissions
  readonly breakers: Breakers
  readonly waiters: SlotWaiters
}

/** Asks for slots. */
export class SlotRequests {
  readonly #world: World
  readonly #core: SupervisorCore
  readonly #host: SlotRequestsHost
  /** The answer that the gate still owes about the dial that is being asked for. */
  #gated: Promise<boolean> | undefined = undefined

  constructor(world: World, core: SupervisorCore, host: SlotRequestsHost) {
    this.#world = world
    this.#core = core
    this.#host = host
  }

  /** Asks for a slot for a peer, and to connect in it; returns why not. */
  ask(type: 'peer.connect' | 'backoff.elapsed', peerId: PeerId, at: number, mayWait = false): ConnectionError | undefined {
    const { settings } = this.#world
    let view: AdmissionView = this.#requestView(type, peerId, at, mayWait && settings.admission === 'queue' ? settings.maxWaiting : 0)
    if (view.needsSlot) {
      if (view.legal && this.#host.door.deniesDial(peerId)) return deniedError(peerId, 'deny')
      const { admission, fleet, maxWaiting } = settings
      // Where requests are just refused, or wait in line, there are no terms to ask for.
      if (admission !== 'reject' && admission !== 'queue') {
        const terms = this.#host.admissions.terms({ peerId, direction: 'outbound', at }, mayWait, this.#host.waiters.size)
        // The app's rule or its score were asked, and may have commanded this manager.
        view = { ...this.#requestView(type, peerId, at, 0), ...terms }
      }
      // More permits may be on their way: whoever waits for them waits for the fleet's word, not for a slot.
      if (fleet !== undefined && this.#lacksPermit(view)) {
        if (mayWait && admission === 'reject' && fleet.mayGrow) view = { ...view, maxWaiting }
        fleet.wanting()
      }
    }
    let answer: boolean | Promise<boolean> = true
    if (this.#host.door.gate.isThere && !NO_LINK.has(decideAdmission(view, this.#world.limits.maxConnections).kind)) {
      answer = this.#host.door.gate.ask({ direction: 'outbound', peerId, isProven: false })
      if (answer === false) return deniedError(peerId, 'gate')
      // The gate may have commanded this manager meanwhile.
      const { legal, needsSlot, held, idle, isCircuitOpen, waiting } = this.#requestView(type, peerId, at, 0)
      view = { ...view, legal, needsSlot, held, idle, isCircuitOpen, waiting }
      if (view.contest !== undefined) view = { ...view, contest: this.#host.admissions.contest(view.contest.score, 'any') }
    }
    this.#gated = typeof answer === 'boolean' ? undefined : answer
    const refusal = this.#core.command({ type, peerId, at, view })
    this.#gated = undefined
    return refusal
  }

  /** What of a request's view may change from one moment to the next. */
  #requestView(type: 'peer.connect' | 'backoff.elapsed', peerId: PeerId, at: number, maxWaiting: number): AdmissionView {
    const world = this.#world
    const peer = world.peers.get(peerId)
    const isHeld = peer?.state !== undefined && holdsSlot(peer.state)
    // A backoff is only ever over for a peer that is remembered.
    const isAppHeld = isHeld && world.ownerOf(peer) === 'app'
    const legal = !isAppHeld && (type === 'peer.connect' || peer !== undefined)
    const isCircuitOpen = this.#host.breakers.ask(peer, at).kind === 'refuse'
    return {
      legal,
      needsSlot: !isHeld,
      held: world.taken,
      idle: world.pool.size,
      isCircuitOpen,
      waiting: this.#host.waiters.size,
      maxWaiting,
    }
  }

  /** Whether there is a slot, but none that the fleet permits. */
  #lacksPermit({ held, idle }: AdmissionView): boolean {
    const { limits, slots } = this.#world
    return held >= limits.maxConnections && idle === 0 && slots.held < limits.maxConnections
  }

  /** Has the dial of a peer wait for the answer that the gate still owes. */
  handOverGate(peer: PeerRecord): void {
    if (peer.state === undefined || !holdsSlot(peer.state)) peer.gate = this.#gated
  }
}
