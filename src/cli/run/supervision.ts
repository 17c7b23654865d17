/** The supervision of a manager from the shell tells what its public face says, and leaves nothing when it has ended. */
import { shownPeerId } from '../../../machines/domain/shown.ts'
import type { PeerId } from '../../../machines/domain/peer-id.ts'
import { ConnectionManager } from '../../connection-manager.ts'
import type { PeerView } from '../../runtime/actors/peer-view.ts'
import type { ManagerOptions } from '../../runtime/options/options.ts'
import type { ShutdownReport } from '../../runtime/supervisor/shutdown.ts'
import { addressText } from '../address-text.ts'
import { heldLinks } from '../limit-watch.ts'
import { transportsOf } from '../metrics-fields.ts'
import { Recovery } from '../recovery.ts'
import type { Fact, Report, Watched } from '../report.ts'
import type { Stop } from '../stop.ts'
import { fleetInWords } from './fleet-watch.ts'
import { Exchange, inWords, type ExchangeOptions } from './exchange.ts'
import { Keeper, type Wanted } from './keeper.ts'

/** What is supervised. */
export interface SupervisionOptions extends ExchangeOptions, Wanted {
  readonly listen: readonly string[]
  readonly maxConnections: number
  /** Who we are where links prove it. */
  readonly localPeerId?: PeerId
  /** What else the manager is told. */
  readonly manager: ManagerOptions
}

/** More than fit on a screen. */
const MOST_SHOWN = 100

/** A manager, where it listens, whom it keeps connected, and what they say to each other. */
export class Supervision implements Watched {
  readonly manager: ConnectionManager
  readonly exchange: Exchange
  readonly #recovery: Recovery
  readonly #options: SupervisionOptions
  readonly #started = performance.now()
  #listening: readonly string[] = []
  #keeper: Keeper | undefined

  /** Whoever makes it must {@link Supervision.end} it. */
  constructor(options: SupervisionOptions) {
    this.#options = options
    this.manager = new ConnectionManager(options.maxConnections, options.manager)
    this.#recovery = new Recovery(this.manager, this.nameOf)
    this.exchange = new Exchange(this.manager, options)
  }

  get title(): string {
    return `qudag-connections run (pid ${process.pid})`
  }

  get refused(): number {
    return (this.#keeper?.refused ?? 0) + this.#recovery.counts.refused
  }

  get facts(): readonly Fact[] {
    const { received, sent } = this.exchange
    const messages: Fact = ['Messages', [`received ${inWords(received)}`, `sent ${inWords(sent)}`]]
    const listening: readonly Fact[] = this.#listening.length === 0 ? [] : [['Listens at', this.#listening]]
    const node = this.#options.manager.fleet?.explainNode()
    const fleet: readonly Fact[] = node === undefined ? [] : [['Fleet', [fleetInWords(node)]]]
    return [messages, ['Transports', transportsOf(this.manager.peers())], ...fleet, ...this.#kept(), ...this.#recovery.facts, ...listening]
  }

  /** Those that are kept, and then all others that have a link. */
  get peers(): readonly PeerView[] {
    const { keep, connect } = this.#options
    const kept = new Set([...keep, ...connect])
    const shown: PeerView[] = []
    const others: PeerView[] = []
    for (const peer of this.manager.peers()) {
      if (kept.has(peer.peerId)) shown.push(peer)
      else if (peer.status === 'Connected' && others.length < MOST_SHOWN) others.push(peer)
    }
    return [...shown, ...others]
  }

  /** `tcp://127.0.0.1:7000` for a peer that we connect to, `←tcp://127.0.0.1:51230` for one that came to us. */
  readonly nameOf = (peerId: PeerId): string => shownPeerId(peerId).replace(/^inbound\+/, '←')

  /** Listens at every address. Rejects when one of them cannot be listened at. */
  async listen(): Promise<void> {
    const listeners = await Promise.all(this.#options.listen.map((address) => this.manager.listen(address)))
    this.#listening = listeners.map(({ address }) => addressText(this.#named(address)))
  }

  /** Keeps its peers connected until told to stop. Rejects when one of them never can be. */
  async run(report: Report, stop: Stop): Promise<void> {
    for (const address of this.#listening) report.note('listening', `at ${address}`, { address })
    this.#recovery.tell(report)
    this.#keeper = new Keeper(this.manager, this.#options, stop.signal, report)
    await Promise.race([stop.told, this.#keeper.broken])
  }

  /** Closes every link in order, and tells what it all came to. */
  async end(report?: Report): Promise<void> {
    const { exchange, manager } = this
    exchange.close()
    this.#recovery.close()
    const links = heldLinks(manager.metrics)
    report?.close()
    if (links > 0) report?.note('closing', `${links} ${links === 1 ? 'link' : 'links'} in order; one more signal ends at once`, { links })
    const outcome = await manager.shutdown()
    report?.note('report', this.#inWords(outcome), {
      ...outcome,
      durationMs: Math.round(performance.now() - this.#started),
      received: exchange.received,
      sent: exchange.sent,
    })
  }

  /** With our id, so that whoever dials it knows who must answer. */
  #named(address: URL): URL {
    const { localPeerId } = this.#options
    if (localPeerId === undefined || address.protocol !== 'tls:') return address
    const named = new URL(address)
    named.username = localPeerId
    return named
  }

  #kept(): readonly Fact[] {
    const keeper = this.#keeper
    if (keeper === undefined || keeper.peers.length === 0) return []
    return [['Keeps', [`${keeper.connected} of ${keeper.peers.length} connected`]]]
  }

  #inWords({ closed, forced }: ShutdownReport): string {
    const { received, sent } = this.exchange
    return `closed ${closed} in order, ${forced} by force; received ${inWords(received)}, sent ${inWords(sent)}`
  }
}
