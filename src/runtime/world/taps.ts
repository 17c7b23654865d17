/** Taps listen in on the machines: they are told of every event just before a machine takes it. */
import type { PeerId } from '../../../machines/domain/peer-id.ts'
import type { PeerEvent } from '../../../machines/peer-machine.ts'
import type { SupervisorEvent } from '../../../machines/supervisor-machine.ts'
import type { AppErrors } from '../callbacks/app-callback.ts'

/**
 * Is told of every event just before a machine takes it: the peer's, or, without an id, the supervisor's. With the events
 * a run can be repeated, as the machines are pure.
 */
export type Tap = (peerId: PeerId | undefined, event: PeerEvent | SupervisorEvent) => void

/** The taps of one world. */
export class Taps {
  /** Tells them all; undefined: there are none. */
  all: Tap | undefined = undefined
  #each: readonly Tap[] = []
  readonly #errors: AppErrors

  constructor(errors: AppErrors) {
    this.#errors = errors
  }

  /** Tells a tap of every event from here on, beside others that listen; the result ends that. */
  add(tap: Tap): () => void {
    // Each call listens by itself, be it with one tap twice.
    const own: Tap = (peerId, event) => {
      try {
        tap(peerId, event)
      } catch (error) {
        // Within a machine's step it would be taken for a crash of the peer.
        this.#errors.report(error, 'inspect')
      }
    }
    this.#connect([...this.#each, own])
    return () => this.#connect(this.#each.filter((other) => other !== own))
  }

  #connect(taps: readonly Tap[]): void {
    const each: Tap = (peerId, event) => {
      for (const tap of taps) tap(peerId, event)
    }
    this.#each = taps
    this.all = taps.length < 2 ? taps[0] : each
  }
}
