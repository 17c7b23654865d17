/** The hub is an app like any other: all it knows of its links it knows through the public face. */
import type { PeerId } from '../../../machines/domain/peer-id.ts'
import { ConnectionManager } from '../../connection-manager.ts'
import type { ConnectionError, ConnectionErrorCode } from '../../errors.ts'
import { addressText } from '../address-text.ts'
import { isBecauseOf } from '../because.ts'
import type { ManagerOptions } from '../../runtime/options/options.ts'
import { tcp } from '../../transports/tcp.ts'
import { tls } from '../../transports/tls.ts'
import { websocket } from '../../transports/websocket.ts'
import { SCHEMES, type HubAddresses, type Scheme } from './assignment.ts'
import { answer, read, say } from './chatter.ts'
import { Errands } from './errands.ts'
import { NameBook } from './name-book.ts'
import { type BestProof, bestProof } from './proof.ts'
import { Regulars } from './regulars.ts'
import { UrgentCalls } from './urgent-calls.ts'

/** What a hub is told. */
export interface HubOptions {
  readonly maxConnections: number
  readonly poolTimeoutMs: number
}

interface Listening {
  readonly addresses: HubAddresses
  readonly missing: readonly string[]
}

/** What stands behind a transport may not be installed: the demo goes on without it. */
const LACKS: ReadonlySet<ConnectionErrorCode> = new Set(['ERR_NO_TRANSPORT'])

/**
 * What takes minutes elsewhere is to be seen here within seconds. Peers that are not kept are called anyway when there
 * is something to say to them, and so not dialled again of the manager's own accord.
 */
const HURRIED: ManagerOptions = {
  admission: 'evict',
  evictionGraceMs: 500,
  reconnect: { baseMs: 250, maxMs: 1_000, stableMs: 1_000, attempts: 0 },
  breaker: { failures: 3, openMs: 1_000, maxOpenMs: 1_000 },
  closeTimeoutMs: 1_000,
  metrics: { sampleMs: 500, windowMs: 5_000, latencyMs: 1_000 },
}

/** Regulars take at most such a share of the slots. */
const REGULAR_SHARE = 1 / 4

/** The manager in the middle, and what it is used for. */
export class Hub {
  readonly manager: ConnectionManager
  readonly addresses: HubAddresses
  /** Why there are not more of them. */
  readonly missing: readonly string[]
  readonly proof: BestProof
  readonly #names = new NameBook()
  readonly #directory: Map<PeerId, string>
  #errands: Errands | undefined
  #regulars: Regulars | undefined

  /** Listens with each transport on a free port of this machine. Whoever opens a hub must {@link Hub.shutdown} it. */
  static async open({ maxConnections, poolTimeoutMs }: HubOptions): Promise<Hub> {
    const directory = new Map<PeerId, string>()
    const proof = bestProof()
    const manager = new ConnectionManager(maxConnections, {
      ...HURRIED,
      transport: [tls({ identity: proof.identity }), tcp(), websocket()],
      poolTimeoutMs,
      resolve: (peerId) => directory.get(peerId) ?? [],
    })
    try {
      return new Hub(manager, await listenWithAll(manager, proof.identity.peerId), directory, proof)
    } catch (error) {
      await manager.shutdown()
      throw error
    }
  }

  private constructor(manager: ConnectionManager, { addresses, missing }: Listening, directory: Map<PeerId, string>, proof: BestProof) {
    this.manager = manager
    this.proof = proof
    this.addresses = addresses
    this.missing = missing
    this.#directory = directory
    manager.messages$.subscribe(({ peerId, data }) => this.#hear(peerId, data))
  }

  /** Connects that were refused because the limit was reached. */
  get refused(): number {
    return this.#errands?.refused ?? 0
  }

  /** How many of the peers that it keeps are connected. */
  get kept(): string {
    const { peers, connected } = this.#regulars ?? { peers: new Set(), connected: 0 }
    return `${connected} of ${peers.size} connected`
  }

  nameOf(peerId: PeerId): string {
    return this.#names.nameOf(peerId)
  }

  /** Learns what peers are called whose ids say nothing to a person. */
  learnNames(names: Iterable<readonly [PeerId, string]>): void {
    for (const [peerId, name] of names) if (peerId !== name) this.#names.learn(peerId, name)
  }

  /** Learns where peers are, or are now. */
  learn(addresses: Iterable<readonly [PeerId, string]>): void {
    for (const [peerId, address] of addresses) this.#directory.set(peerId, address)
  }

  /**
   * Begins to call the peers that it knows of, until the signal is aborted.
   *
   * @param regulars whom it would keep connected, the most important first; it keeps as many as leave room for others
   */
  begin(regulars: readonly PeerId[], signal: AbortSignal): void {
    const { manager } = this
    const kept = new Set(regulars.slice(0, Math.max(1, Math.floor(manager.metrics.limit * REGULAR_SHARE))))
    this.#errands = new Errands(manager, () => [...this.#directory.keys()].filter((peerId) => !kept.has(peerId)), signal)
    this.#regulars = new Regulars(manager, [...kept], signal)
    void new UrgentCalls(manager, this.#errands, signal)
  }

  async shutdown(): Promise<void> {
    await this.manager.shutdown({ timeoutMs: 1_000 })
  }

  #hear(peerId: PeerId, data: Uint8Array): void {
    const said = read(data)
    if (said.kind === 'hello') this.#names.learn(peerId, said.name)
    if (said.kind === 'question') say(this.manager.get(peerId), answer(data))
  }
}

/** @param id ours, which those that dial over TLS expect */
async function listenWithAll(manager: ConnectionManager, id: PeerId): Promise<Listening> {
  const addresses = new Map<Scheme, string>()
  const missing: string[] = []
  for (const scheme of SCHEMES) {
    try {
      const { address } = await manager.listen(`${scheme}://127.0.0.1:0`)
      const named = new URL(address)
      if (scheme === 'tls') named.username = id
      addresses.set(scheme, addressText(named))
    } catch (error) {
      if (!isBecauseOf(error, LACKS)) throw error
      missing.push((error as ConnectionError).message)
    }
  }
  return { addresses, missing }
}
