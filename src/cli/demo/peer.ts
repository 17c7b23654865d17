/** A peer is a manager of its own in a process of its own, with the whims of a real one. */
import type { PeerId } from '../../../machines/domain/peer-id.ts'
import { ConnectionManager } from '../../connection-manager.ts'
import { ConnectionError } from '../../errors.ts'
import type { ManagerOptions } from '../../runtime/options/options.ts'
import type { Connection } from '../../runtime/holds/connection.ts'
import type { Identity } from '../../transports/identity.ts'
import { tls } from '../../transports/tls.ts'
import type { Scheme } from './assignment.ts'
import { answer, converse, hello, read, say } from './chatter.ts'
import { between, chance, pause } from '../pause.ts'

/** How long a caller talks, and how long it is away. */
const TALK_MS = [1_500, 4_500] as const
const AWAY_MS = [1_000, 4_000] as const
/** How long one that was called has patience, where it hangs up at all. */
const PATIENCE_MS = [2_000, 6_000] as const

/** One peer of the hub. */
export class Peer {
  readonly #manager: ConnectionManager
  readonly #signal: AbortSignal

  /**
   * @param signal aborted when the demo is over
   * @param identity who it is, where it talks over TLS
   */
  constructor(signal: AbortSignal, identity: Identity | undefined) {
    this.#signal = signal
    // The hub measures; a peer's own numbers are looked at by nobody.
    const options: ManagerOptions = { poolTimeoutMs: 0, closeTimeoutMs: 500, metrics: { sampleMs: 60_000, latencyMs: 60_000 } }
    this.#manager = new ConnectionManager(8, identity === undefined ? options : { ...options, transport: tls({ identity }) })
    this.#manager.messages$.subscribe(({ peerId, data }) => {
      if (read(data).kind === 'question') say(this.#manager.get(peerId), answer(data))
    })
  }

  /** Waits to be called; resolves with where. */
  async answer(scheme: Scheme): Promise<string> {
    const { address } = await this.#manager.listen(`${scheme}://127.0.0.1:0`)
    this.#manager.connections$.subscribe((connection) => {
      if (chance(0.2)) void this.#hangUpOn(connection)
    })
    return address.href
  }

  /** Calls the hub again and again, until the demo is over. */
  async call(name: PeerId, hub: string): Promise<void> {
    const signal = this.#signal
    await pause(between(0, 300), signal)
    while (!signal.aborted) {
      try {
        await this.#talk(name, await this.#manager.connect(hub, { signal }))
      } catch (error) {
        if (!ConnectionError.is(error) && !signal.aborted) throw error
      }
      await pause(between(...AWAY_MS), signal)
    }
  }

  async shutdown(): Promise<void> {
    await this.#manager.shutdown({ timeoutMs: 200 })
  }

  async #talk(name: PeerId, connection: Connection): Promise<void> {
    say(connection, hello(name))
    await converse(connection, between(...TALK_MS), this.#signal)
    // Most hang up as they should. Some just drop the line, which the hub sees as a reset.
    if (chance(0.9)) await connection.release()
    else await this.#manager.updateStatus(connection.peerId, 'Failed')
  }

  async #hangUpOn({ peerId }: Connection): Promise<void> {
    await pause(between(...PATIENCE_MS), this.#signal)
    await this.#manager.disconnect(peerId, { pool: false })
  }
}
