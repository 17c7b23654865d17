/** An observer is told what no stream tells: how long things took, who waits and who is refused. Unobserved, each costs one check. */
import type { PeerId } from '../../../machines/domain/peer-id.ts'
import type { PeerState } from '../../../machines/domain/peer-state.ts'
import type { Move } from '../../../machines/domain/transition.ts'
import type { Direction } from '../../../machines/policy/duel.ts'
import type { ConnectionError } from '../../errors.ts'
import type { AppErrors } from './app-callback.ts'

/** Ends what was begun; with an error, in vain. */
export type Ended = (error: unknown) => void

/** What an observer sees of a peer. */
export interface ObservedPeer {
  readonly peerId: PeerId
  readonly state: PeerState | undefined
  /** When its status changed last, in milliseconds since the epoch. */
  readonly since: number
  readonly direction: Direction
  readonly remoteAddress: string
  /** What its last dial or link failed of. */
  readonly error: ConnectionError | undefined
}

/** Who observes. It is told within commands: it must not command. */
export interface Observer {
  /** A peer has moved. */
  moved?(peer: ObservedPeer, move: Move): void
  /** A connect has to wait for its link; within the call. What it gives is called when the wait is over. */
  connecting?(peerId: PeerId): Ended | undefined
  /** A connect is refused at once. */
  refused?(error: ConnectionError): void
  /** An arriving link is turned away. @param reason one of those that `explain().inbound.refusals` counts */
  turnedAway?(reason: string): void
  /** The wait of a peer for a slot is over. @param error why it was in vain; undefined: it was served, or nobody waits any more */
  waited?(ms: number, error: ConnectionError | undefined): void
  /** A connection was given back, or its link ended. */
  used?(ms: number): void
  /** A round trip was measured. */
  roundTrip?(ms: number): void
  /** The addresses of a peer are looked up. What it gives is called when they are there. */
  resolving?(peerId: PeerId): Ended | undefined
  /** An address is tried, as it may be shown. What it gives is called when that is over. */
  trying?(peerId: PeerId, address: string): Ended | undefined
  /** A handshake that secures the link begins there. What it gives is called when that is over. */
  securing?(peerId: PeerId, address: string): Ended | undefined
}

/** All who observe one manager. What one throws is reported, and stops nobody. */
export class Observers implements Required<Observer> {
  readonly all: readonly Observer[]
  readonly #errors: AppErrors

  constructor(all: readonly Observer[], errors: AppErrors) {
    this.all = all
    this.#errors = errors
  }

  moved(peer: ObservedPeer, move: Move): void {
    // No closure: this is on the path of every move.
    for (const one of this.all) {
      try {
        one.moved?.(peer, move)
      } catch (error) {
        this.#errors.report(error, 'inspect')
      }
    }
  }

  connecting(peerId: PeerId): Ended | undefined {
    return this.#begin((one) => one.connecting?.(peerId))
  }

  refused(error: ConnectionError): void {
    this.#tell((one) => one.refused?.(error))
  }

  turnedAway(reason: string): void {
    this.#tell((one) => one.turnedAway?.(reason))
  }

  waited(ms: number, error: ConnectionError | undefined): void {
    this.#tell((one) => one.waited?.(ms, error))
  }

  used(ms: number): void {
    for (const one of this.all) {
      try {
        one.used?.(ms)
      } catch (error) {
        this.#errors.report(error, 'inspect')
      }
    }
  }

  roundTrip(ms: number): void {
    this.#tell((one) => one.roundTrip?.(ms))
  }

  resolving(peerId: PeerId): Ended | undefined {
    return this.#begin((one) => one.resolving?.(peerId))
  }

  trying(peerId: PeerId, address: string): Ended | undefined {
    return this.#begin((one) => one.trying?.(peerId, address))
  }

  securing(peerId: PeerId, address: string): Ended | undefined {
    return this.#begin((one) => one.securing?.(peerId, address))
  }

  #tell(tell: (one: Observer) => void): void {
    for (const one of this.all) {
      try {
        tell(one)
      } catch (error) {
        this.#errors.report(error, 'inspect')
      }
    }
  }

  #begin(begin: (one: Observer) => Ended | undefined): Ended | undefined {
    const begun: Ended[] = []
    this.#tell((one) => {
      const ended = begin(one)
      if (ended !== undefined) begun.push(ended)
    })
    if (begun.length === 0) return undefined
    return (error) => {
      for (const ended of begun) this.#tellEnd(ended, error)
    }
  }

  #tellEnd(ended: Ended, error: unknown): void {
    try {
      ended(error)
    } catch (thrown) {
      this.#errors.report(thrown, 'inspect')
    }
  }
}
