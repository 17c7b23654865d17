/** The keeper connects the peers of the command line once; dialling them again is the manager's own affair. */
import type { PeerId } from '../../../machines/domain/peer-id.ts'
import type { ConnectionManager } from '../../connection-manager.ts'
import { ConnectionError, type ConnectionErrorCode } from '../../errors.ts'
import { isBecauseOf } from '../because.ts'
import { between, pause } from '../pause.ts'
import { inSeconds } from '../quantities.ts'
import type { Report } from '../report.ts'

/** Until a peer is asked for again that was refused before the manager knew it, in milliseconds. */
const AGAIN_MS = [500, 1_500] as const

/** What waiting cannot mend. */
const HOPELESS: ReadonlySet<ConnectionErrorCode> = new Set([
  'ERR_NO_ADDRESS',
  'ERR_NO_TRANSPORT',
  'ERR_INVALID_TRANSITION',
  'ERR_DENIED',
  'ERR_STOPPED',
])

/** What kept peers are worth more than all others, and why they are protected. */
const KEPT = 'kept'

/** Whom to connect. */
export interface Wanted {
  /** Connected as long as the manager's `reconnect` goes on with it. */
  readonly connect: readonly PeerId[]
  /** Connected without end. */
  readonly keep: readonly PeerId[]
}

/** Has a manager connect some peers, from the moment it is made until the signal is aborted. */
export class Keeper {
  readonly peers: readonly PeerId[]
  /** Rejects when a peer can never be connected, whatever happens. Never resolves. */
  readonly broken: Promise<never>
  readonly #manager: ConnectionManager
  readonly #signal: AbortSignal
  readonly #report: Report
  #refused = 0

  constructor(manager: ConnectionManager, { connect, keep }: Wanted, signal: AbortSignal, report: Report) {
    this.#manager = manager
    this.peers = [...keep, ...connect]
    this.#signal = signal
    this.#report = report
    for (const peerId of keep) {
      manager.protect(peerId, KEPT)
      manager.tag(peerId, KEPT, 1)
    }
    this.broken = new Promise((_, reject) => {
      for (const peerId of keep) this.#ask(peerId, true).catch(reject)
      for (const peerId of connect) this.#ask(peerId, false).catch(reject)
    })
  }

  /** Connects that were refused because the limit was reached. */
  get refused(): number {
    return this.#refused
  }

  /** How many of the peers are connected. */
  get connected(): number {
    return this.peers.filter((peerId) => this.#manager.status(peerId) === 'Connected').length
  }

  /** Asks until the manager knows the peer: the hold it gives is never given back. */
  async #ask(peerId: PeerId, keep: boolean): Promise<void> {
    const signal = this.#signal
    for (let attempt = 1; !signal.aborted; attempt++) {
      try {
        await this.#manager.connect(peerId, { signal, keep })
        return
      } catch (error) {
        if (signal.aborted) return
        if (!ConnectionError.is(error) || isBecauseOf(error, HOPELESS)) throw error
        if (this.#manager.status(peerId) !== undefined || this.#manager.explain(peerId)?.kept === true) return
        await this.#again(peerId, attempt, error)
      }
    }
  }

  /** A peer that was refused at the limit before it was known is not remembered, and so not dialled again by itself. */
  async #again(peerId: PeerId, attempt: number, { code, message }: ConnectionError): Promise<void> {
    this.#refused++
    const inMs = Math.round(between(...AGAIN_MS))
    const fields = { peerId, attempt, inMs, code, message }
    this.#report.mention('retry', `${peerId} connecting in ${inSeconds(inMs)} (attempt ${attempt}): ${message}`, fields)
    await pause(inMs, this.#signal)
  }
}
