/** Keeps one thing true: a peer that is to be connected is dialled again after each loss, later and later, until it is back. */
import type { PeerId } from '../../../machines/domain/peer-id.ts'
import type { ConnectionManager } from '../../connection-manager.ts'
import { ConnectionError, type ConnectionErrorCode } from '../../errors.ts'
import type { Connection } from '../../runtime/connection.ts'
import type { CloseReason } from '../../transports/transport.ts'
import { isBecauseOf } from '../because.ts'
import { between, pause } from '../pause.ts'

/** The pause before the first try, in milliseconds, and the longest one: each is about twice the one before. */
const FIRST_MS = 250
const LONGEST_MS = 30_000
/** A link that lasted so long was a good one: after its loss the pauses begin anew. */
const GOOD_AFTER_MS = 5_000

/** What waiting cannot mend. */
const HOPELESS: ReadonlySet<ConnectionErrorCode> = new Set(['ERR_NO_ADDRESS', 'ERR_NO_TRANSPORT', 'ERR_INVALID_TRANSITION', 'ERR_STOPPED'])

/** A try that is to come. */
export interface Retry {
  readonly peerId: PeerId
  /** How many tries have failed in a row. */
  readonly attempt: number
  readonly inMs: number
  /** Why there has to be one. */
  readonly code: string
  readonly message: string
}

/** Holds a connection to each of some peers, from the moment it is made until the signal is aborted. */
export class Keeper {
  readonly peers: readonly PeerId[]
  /** Rejects when a peer can never be connected, whatever happens. Never resolves. */
  readonly broken: Promise<never>
  readonly #manager: ConnectionManager
  readonly #signal: AbortSignal
  readonly #onRetry: (retry: Retry) => void
  readonly #waiting = new Map<PeerId, number>()
  #refused = 0

  constructor(manager: ConnectionManager, peers: readonly PeerId[], signal: AbortSignal, onRetry: (retry: Retry) => void) {
    this.#manager = manager
    this.peers = peers
    this.#signal = signal
    this.#onRetry = onRetry
    this.broken = new Promise((_, reject) => {
      for (const peerId of peers) this.#keep(peerId).catch(reject)
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

  /** Milliseconds until the next try; undefined: none is to come. */
  get nextInMs(): number | undefined {
    return this.#waiting.size === 0 ? undefined : Math.max(0, Math.min(...this.#waiting.values()) - performance.now())
  }

  async #keep(peerId: PeerId): Promise<void> {
    const signal = this.#signal
    for (let attempt = 1; !signal.aborted; attempt++) {
      const began = performance.now()
      const loss = await this.#once(peerId)
      if (signal.aborted || loss === undefined) return
      if (loss.wasConnected && performance.now() - began > GOOD_AFTER_MS) attempt = 1
      const inMs = Math.round(Math.min(LONGEST_MS, FIRST_MS * 2 ** (attempt - 1)) * between(0.5, 1))
      this.#waiting.set(peerId, performance.now() + inMs)
      this.#onRetry({ peerId, attempt, inMs, code: loss.code, message: loss.message })
      await pause(inMs, signal)
      this.#waiting.delete(peerId)
    }
  }

  /** Connects, and waits for the end of that; undefined: it was we who ended it. */
  async #once(peerId: PeerId): Promise<Loss | undefined> {
    let connection: Connection
    try {
      connection = await this.#manager.connect(peerId, { signal: this.#signal })
    } catch (error) {
      if (this.#signal.aborted) return undefined
      if (!ConnectionError.is(error) || isBecauseOf(error, HOPELESS)) throw error
      this.#refused += Number(error.code === 'ERR_MAX_CONNECTIONS')
      return { wasConnected: false, code: error.code, message: error.message }
    }
    return lossOf(await connection.closed)
  }
}

interface Loss {
  readonly wasConnected: boolean
  readonly code: string
  readonly message: string
}

function lossOf(reason: CloseReason): Loss {
  switch (reason.kind) {
    case 'remote':
      return { wasConnected: true, code: 'remote-closed', message: 'the other side closed the link' }
    case 'error':
      return { wasConnected: true, code: 'link-error', message: reason.error.message }
    case 'local':
      return { wasConnected: true, code: 'local', message: 'the link was ended here' }
  }
}
