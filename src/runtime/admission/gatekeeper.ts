/** The app's gate is asked once about each, only its `true` lets anybody pass, and few wait for its answer. */
import type { Arrival } from '../../transports/transport.ts'
import type { Deadline, DeadlineQueue } from '../time/deadline-queue.ts'
import { booleanFrom, isThenable, type AppErrors } from '../callbacks/app-callback.ts'
import type { Gate, GateRequest } from '../options/door-settings.ts'

/** What became of an arriving link that waited for the gate. */
export type GateOutcome = 'passed' | 'gate' | 'gate-timeout' | 'stopped' | 'gone'

interface Waiting extends Deadline {
  readonly settle: (outcome: GateOutcome) => void
}

const readAnswer = booleanFrom('gate')

/** Asks the app's gate. */
export class Gatekeeper {
  readonly #gate: Gate | undefined
  readonly #waiting = new Map<Arrival, Waiting>()

  readonly #errors: AppErrors

  constructor(gate: Gate | undefined, errors: AppErrors) {
    this.#gate = gate
    this.#errors = errors
  }

  /** Whether there is anything to ask. */
  get isThere(): boolean {
    return this.#gate !== undefined
  }

  /** How many arriving links wait for an answer. */
  get waiting(): number {
    return this.#waiting.size
  }

  /** The gate's answer, or the promise of it, which never rejects. */
  ask(request: GateRequest): boolean | Promise<boolean> {
    if (this.#gate === undefined) return true
    const denied = (thrown: unknown): false => {
      this.#errors.report(thrown, 'gate', request.peerId)
      return false
    }
    try {
      const answer: unknown = this.#gate(request)
      return isThenable(answer) ? Promise.resolve(answer).then(readAnswer).catch(denied) : readAnswer(answer)
    } catch (thrown) {
      return denied(thrown)
    }
  }

  /** Has a link wait for its answer until `until`. @param settle called once, however it ends */
  wait(link: Arrival, answer: Promise<boolean>, deadlines: DeadlineQueue, until: number, settle: (outcome: GateOutcome) => void): void {
    const end = (outcome: GateOutcome): void => {
      if (this.#waiting.get(link) !== waiting) return
      this.#waiting.delete(link)
      deadlines.clear(waiting)
      settle(outcome)
    }
    const waiting: Waiting = { at: 0, order: 0, index: -1, due: () => end('gate-timeout'), settle: end }
    this.#waiting.set(link, waiting)
    deadlines.set(waiting, until)
    void answer.then((passes) => end(passes ? 'passed' : 'gate'))
    // A link that is over before the answer gives its place back.
    link.onGone(() => end('gone'))
  }

  /** Nobody passes from here on. */
  stop(): void {
    for (const { settle } of this.#waiting.values()) settle('stopped')
  }
}
