/** The latest transitions can be looked at, and failures do not scroll away with the rest. */
import type { Transition } from '../../machines/domain/transition.ts'

/** What a log keeps. */
export interface TransitionLogOptions {
  /** How many of the latest are kept. */
  readonly recent: number
  /** How many failures are kept beside them: of each peer its latest, of the peers the latest. */
  readonly failures: number
}

/** The latest transitions, newest first. */
export class TransitionLog {
  #recent: readonly Transition[] = []
  #failures: readonly Transition[] = []
  readonly #options: TransitionLogOptions

  constructor(options: TransitionLogOptions) {
    this.#options = options
  }

  get recent(): readonly Transition[] {
    return this.#recent
  }

  get failures(): readonly Transition[] {
    return this.#failures
  }

  add(transition: Transition): void {
    const { recent, failures } = this.#options
    this.#recent = [transition, ...this.#recent.slice(0, recent - 1)]
    if (transition.to !== 'Failed') return
    const others = this.#failures.filter(({ peerId }) => peerId !== transition.peerId)
    this.#failures = [transition, ...others].slice(0, failures)
  }
}
