/** Keeps one thing true: what is told of a supervised manager is what its public face says, and nothing is left when it has ended. */
import type { PeerId } from '../../../machines/domain/peer-id.ts'
import { ConnectionManager } from '../../connection-manager.ts'
import type { PeerView } from '../../runtime/peer-view.ts'
import type { ShutdownReport } from '../../runtime/supervisor.ts'
import { addressText } from '../address-text.ts'
import { heldLinks } from '../limit-watch.ts'
import { transportsOf } from '../metrics-fields.ts'
import type { Fact, Report, Watched } from '../report.ts'
import type { Stop } from '../stop.ts'
import { Exchange, inWords, type ExchangeOptions } from './exchange.ts'
import { Keeper, type Retry } from './keeper.ts'

/** What is supervised. */
export interface SupervisionOptions extends ExchangeOptions {
  readonly listen: readonly string[]
  readonly connect: readonly string[]
  readonly maxConnections: number
  readonly poolTimeoutMs?: number
}

/** More than fit on a screen. */
const MOST_SHOWN = 100

/** A manager, where it listens, whom it keeps connected, and what they say to each other. */
export class Supervision implements Watched {
  readonly manager: ConnectionManager
  readonly exchange: Exchange
  readonly #options: SupervisionOptions
  readonly #started = performance.now()
  #listening: readonly string[] = []
  #keeper: Keeper | undefined

  /** Whoever makes it must {@link Supervision.end} it. */
  constructor(options: SupervisionOptions) {
    const { maxConnections, poolTimeoutMs } = options
    this.#options = options
    this.manager = new ConnectionManager(maxConnections, poolTimeoutMs === undefined ? {} : { poolTimeoutMs })
    this.exchange = new Exchange(this.manager, options)
  }

  get title(): string {
    return `qudag-connections run (pid ${process.pid})`
  }

  get refused(): number {
    return this.#keeper?.refused ?? 0
  }

  get facts(): readonly Fact[] {
    const { received, sent } = this.exchange
    const messages: Fact = ['Messages', [`received ${inWords(received)}`, `sent ${inWords(sent)}`]]
    const listening: readonly Fact[] = this.#listening.length === 0 ? [] : [['Listens at', this.#listening]]
    return [messages, ['Transports', transportsOf(this.manager.peers())], ...this.#kept(), ...listening]
  }

  /** Those that are kept, and then all others that have a link. */
  get peers(): readonly PeerView[] {
    const kept = new Set(this.#options.connect)
    const shown: PeerView[] = []
    const others: PeerView[] = []
    for (const peer of this.manager.peers()) {
      if (kept.has(peer.peerId)) shown.push(peer)
      else if (peer.status === 'Connected' && others.length < MOST_SHOWN) others.push(peer)
    }
    return [...shown, ...others]
  }

  /** `tcp://127.0.0.1:7000` for a peer that we connect to, `←tcp://127.0.0.1:51230` for one that came to us. */
  nameOf(peerId: PeerId): string {
    return peerId.replace(/^inbound\+/, '←')
  }

  /** Listens at every address. Rejects when one of them cannot be listened at. */
  async listen(): Promise<void> {
    const listeners = await Promise.all(this.#options.listen.map((address) => this.manager.listen(address)))
    this.#listening = listeners.map(({ address }) => addressText(address))
  }

  /** Keeps its peers connected until told to stop. Rejects when one of them never can be. */
  async run(report: Report, stop: Stop): Promise<void> {
    for (const address of this.#listening) report.note('listening', `at ${address}`, { address })
    const keeper = new Keeper(this.manager, this.#options.connect, stop.signal, (retry) => this.#tell(retry, report))
    this.#keeper = keeper
    await Promise.race([stop.told, keeper.broken])
  }

  /** Closes every link in order, and tells what it all came to. */
  async end(report?: Report): Promise<void> {
    const { exchange, manager } = this
    exchange.close()
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

  #kept(): readonly Fact[] {
    const keeper = this.#keeper
    if (keeper === undefined || keeper.peers.length === 0) return []
    const { nextInMs } = keeper
    const next = nextInMs === undefined ? [] : [`next try in ${Math.ceil(nextInMs / 1_000)} s`]
    return [['Keeps', [`${keeper.connected} of ${keeper.peers.length} connected`, ...next]]]
  }

  #tell(retry: Retry, report: Report): void {
    const { peerId, attempt, inMs, code, message } = retry
    // That a dial failed, its transition has told already; that none was begun, nobody has.
    const why = code === 'ERR_MAX_CONNECTIONS' ? `: ${message}` : ''
    const text = `${this.nameOf(peerId)}  again in ${(inMs / 1_000).toFixed(1)} s, try ${attempt}${why}`
    report.note('retry', text, { ...retry })
  }

  #inWords({ closed, forced }: ShutdownReport): string {
    const { received, sent } = this.exchange
    return `closed ${closed} in order, ${forced} by force; received ${inWords(received)}, sent ${inWords(sent)}`
  }
}
