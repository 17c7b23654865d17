/** Keeps one thing true: the hub is an app like any other: all it knows of its links it knows through the public face. */
import type { PeerId } from '../../../machines/domain/peer-id.ts'
import { ConnectionManager } from '../../connection-manager.ts'
import type { ConnectionError, ConnectionErrorCode } from '../../errors.ts'
import { addressText } from '../address-text.ts'
import { isBecauseOf } from '../because.ts'
import { SCHEMES, type HubAddresses, type Scheme } from './assignment.ts'
import { answer, read, say } from './chatter.ts'
import { Errands } from './errands.ts'
import { NameBook } from './name-book.ts'

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

/** The manager in the middle, and what it is used for. */
export class Hub {
  readonly manager: ConnectionManager
  readonly addresses: HubAddresses
  /** Why there are not more of them. */
  readonly missing: readonly string[]
  readonly #names = new NameBook()
  readonly #directory: Map<PeerId, string>
  #errands: Errands | undefined

  /** Listens with each transport on a free port of this machine. Whoever opens a hub must {@link Hub.shutdown} it. */
  static async open({ maxConnections, poolTimeoutMs }: HubOptions): Promise<Hub> {
    const directory = new Map<PeerId, string>()
    const manager = new ConnectionManager(maxConnections, {
      poolTimeoutMs,
      resolve: (peerId) => directory.get(peerId) ?? [],
      closeTimeoutMs: 1_000,
      metrics: { sampleMs: 500, windowMs: 5_000, latencyMs: 1_000 },
    })
    try {
      return new Hub(manager, await listenWithAll(manager), directory)
    } catch (error) {
      await manager.shutdown()
      throw error
    }
  }

  private constructor(manager: ConnectionManager, { addresses, missing }: Listening, directory: Map<PeerId, string>) {
    this.manager = manager
    this.addresses = addresses
    this.missing = missing
    this.#directory = directory
    manager.messages$.subscribe(({ peerId, data }) => this.#hear(peerId, data))
  }

  /** Connects that were refused because the limit was reached. */
  get refused(): number {
    return this.#errands?.refused ?? 0
  }

  nameOf(peerId: PeerId): string {
    return this.#names.nameOf(peerId)
  }

  /** Learns where peers are, or are now. */
  learn(addresses: Iterable<readonly [PeerId, string]>): void {
    for (const [peerId, address] of addresses) this.#directory.set(peerId, address)
  }

  /** Begins to call the peers that it knows of, until the signal is aborted. */
  begin(signal: AbortSignal): void {
    this.#errands = new Errands(this.manager, this.#directory, signal)
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

async function listenWithAll(manager: ConnectionManager): Promise<Listening> {
  const addresses = new Map<Scheme, string>()
  const missing: string[] = []
  for (const scheme of SCHEMES) {
    try {
      const { address } = await manager.listen(`${scheme}://127.0.0.1:0`)
      addresses.set(scheme, addressText(address))
    } catch (error) {
      if (!isBecauseOf(error, LACKS)) throw error
      missing.push((error as ConnectionError).message)
    }
  }
  return { addresses, missing }
}
