/** Every page is told the same, and while no page is open nothing is told. */
import { platform } from '#platform'
import { Subscription } from 'rxjs'
import type { WebSocket } from 'ws'
import { PEER_STATES } from '../../machines/domain/peer-state.ts'
import { printable } from '../../machines/domain/plain-text.ts'
import { shownPeerId } from '../../machines/domain/shown.ts'
import { Collector, ShownIds, type Changes, type Reader } from '../inspect/index.ts'
import { Client, type ClientHost } from './client.ts'
import { FleetBoard } from './fleet-board.ts'
import { MetricsHistory } from './metrics-history.ts'
import type { ConsoleSettings } from './options.ts'
import { redacted, type Redactor } from './redactor.ts'
import type { ConsoleSource } from './source.ts'
import { WIRE_VERSION, type Chart, type ConsoleCommand, type Hello, type ReplayStatus, type ServerMessage } from './wire.ts'

/** How long pages may take to take their leave, in milliseconds. */
const LEAVE_MS = 1_000

/** What is shown, and the pages that it is shown to. */
export class Board implements ClientHost {
  readonly clock = platform.clock
  readonly ids = new ShownIds((peerId) => printable(shownPeerId(peerId)))
  readonly look: ClientHost['look']
  readonly #source: ConsoleSource
  readonly #settings: ConsoleSettings
  readonly #charts: readonly Chart[]
  readonly #collector: Collector
  readonly #history = new MetricsHistory()
  readonly #clients = new Set<Client>()
  readonly #subscription = new Subscription()
  readonly #fleet: FleetBoard
  readonly #spelled = new WeakMap<Changes, string>()
  #unsubscribe: (() => void) | undefined = undefined
  #replay: ReplayStatus | undefined = undefined
  #left: (() => void) | undefined = undefined

  constructor(source: ConsoleSource, settings: ConsoleSettings, charts: readonly Chart[]) {
    this.#source = source
    this.#settings = settings
    this.#charts = charts
    this.look = { source, redact: settings.redact, ids: this.ids }
    this.#collector = new Collector(source)
    this.#fleet = new FleetBoard(source, settings.redact)
    this.#subscription.add(
      source.metrics$.subscribe((metrics) => {
        this.#history.add(metrics)
        this.#tell({ type: 'metrics', metrics })
        this.#tellFleet()
        for (const client of this.#clients) client.checkUp()
      }),
    )
    this.#subscription.add(source.moves$.subscribe({ complete: () => this.#end() }))
    this.#subscription.add(
      source.replay?.status$.subscribe((replay) => {
        this.#replay = replay
        this.#tell({ type: 'replay', replay })
      }),
    )
  }

  /** Whether one page more would be too many. */
  get isFull(): boolean {
    return this.#clients.size >= this.#settings.maxClients
  }

  /** A page has connected. */
  add(socket: WebSocket): void {
    this.#clients.add(new Client(socket, this))
    this.#unsubscribe ??= this.#collector.subscribe(() => {
      for (const client of this.#clients) client.update()
    })
  }

  gone(client: Client): void {
    this.#clients.delete(client)
    if (this.#clients.size > 0) return
    this.#unsubscribe?.()
    this.#unsubscribe = undefined
    this.#left?.()
  }

  /** Watches nothing any more, and sends the pages away; resolves when they have gone. */
  async close(): Promise<void> {
    this.#subscription.unsubscribe()
    this.#collector.close()
    if (this.#clients.size === 0) return
    const left = new Promise<void>((resolve) => (this.#left = resolve))
    for (const client of this.#clients) client.close(this.#collector.ended)
    const timer = this.clock.setTimeout(() => {
      for (const client of this.#clients) client.terminate()
    }, LEAVE_MS)
    await left
    this.clock.clearTimeout(timer)
  }

  hello(): Hello {
    const fleet = this.#fleet.view
    return {
      type: 'hello',
      version: WIRE_VERSION,
      charts: this.#charts,
      states: PEER_STATES,
      allowSend: this.#settings.allowSend && this.#source.command !== undefined,
      history: this.#history.all(),
      ...(this.#replay === undefined ? {} : { replay: this.#replay }),
      ...(fleet === undefined ? {} : { fleet }),
    }
  }

  reader(): Reader {
    return this.#collector.reader()
  }

  batch(reader: Reader): string | undefined {
    const changes = reader.read()
    if (changes === undefined) return undefined
    const known = this.#spelled.get(changes)
    if (known !== undefined) return known
    const { redact } = this.#settings
    const facts = changes.facts.map(([slot, address, ...rest]) => [slot, address === '' ? '' : addressShown(address, redact), ...rest])
    const names = changes.names.map(([slot, peerId]) => [slot, this.ids.of(peerId)])
    const log = changes.log.map((move) => ({ ...move, peerId: this.ids.of(move.peerId) }))
    const text = JSON.stringify({ type: 'batch', ...changes, names, facts, log })
    this.#spelled.set(changes, text)
    return text
  }

  nudge(): void {
    this.#collector.nudge()
  }

  greeted(client: Client): void {
    if (this.#collector.ended) client.tell(JSON.stringify({ type: 'ended' } satisfies ServerMessage))
  }

  command(command: ConsoleCommand): Promise<void> {
    if (!this.#settings.allowSend) return Promise.reject(new Error('this console is read-only: serve it with allowSend to command peers'))
    return (
      this.#source.command?.({ ...command, peerId: this.ids.meant(command.peerId) }) ??
      Promise.reject(new Error('a recording takes no commands'))
    )
  }

  replay(request: Parameters<ClientHost['replay']>[0]): void {
    this.#source.replay?.control(request)
  }

  /** It changes by leases, which are seconds long: as often as metrics are told is often enough. */
  #tellFleet(): void {
    const fleet = this.#clients.size === 0 ? undefined : this.#fleet.news
    if (fleet !== undefined) this.#tell({ type: 'fleet', fleet })
  }

  #tell(message: ServerMessage): void {
    if (this.#clients.size === 0) return
    const text = JSON.stringify(message)
    for (const client of this.#clients) client.tell(text)
  }

  /** The last batch first: after the end a page expects no more. */
  #end(): void {
    for (const client of this.#clients) client.update()
    this.#tell({ type: 'ended' })
    // A node leaves its fleet when its last move is told.
    queueMicrotask(() => this.#tellFleet())
  }
}

function addressShown(address: string, redact: Redactor): string {
  const shown = redacted(address, redact, ['remoteAddress'])
  return typeof shown === 'string' ? shown : ''
}
