/** Within a few seconds everything that a manager does can be seen, crashes included. */
import type { PeerId } from '../../../machines/domain/peer-id.ts'
import type { Console } from '../../console/index.ts'
import { transportsOf } from '../metrics-fields.ts'
import { Recovery } from '../recovery.ts'
import type { Fact, Report, Watched } from '../report.ts'
import type { Stop } from '../stop.ts'
import { timeOfDay } from '../quantities.ts'
import type { Hub } from './hub.ts'
import { SafetyCounts } from './proof.ts'
import { pause } from '../pause.ts'
import type { PeerHost } from './peer-host.ts'
import type { Population } from './population.ts'

const FIRST_CRASH_MS = 1_000
const CRASH_EVERY_MS = 4_000
/** The first process to be killed stays away long enough for breakers to open; the others come back sooner. */
const FIRST_BACK_AFTER_MS = 2_500
const BACK_AFTER_MS = 1_200
/** What the loss of a peer that is kept weighs, beside that of another. */
const KEPT_WEIGHT = 100

/** The hub and the peers, brought together. */
export class Show implements Watched {
  readonly #hub: Hub
  readonly #population: Population
  readonly #recovery: Recovery
  readonly #console: Console | Error | undefined
  /** Of all links that were opened. */
  readonly #opened = new SafetyCounts()
  #killed = 0
  #lastKilled: readonly string[] = []

  /** @param console the console that shows it, or why there is none; undefined: it is not wanted */
  constructor(hub: Hub, population: Population, console?: Console | Error) {
    this.#console = console
    this.#hub = hub
    this.#population = population
    this.#recovery = new Recovery(hub.manager, (peerId) => hub.nameOf(peerId))
    hub.manager.transitions$.subscribe(({ peerId, to }) => {
      if (to === 'Connected') this.#opened.add(hub.manager.explain(peerId) ?? {})
    })
  }

  get manager() {
    return this.#hub.manager
  }

  get title(): string {
    const { peers, hosts } = this.#population
    return `qudag-connections demo: ${peers} ${peers === 1 ? 'peer' : 'peers'} in ${hosts.length} ${hosts.length === 1 ? 'process' : 'processes'}`
  }

  get refused(): number {
    return this.#hub.refused + this.#recovery.counts.refused
  }

  get facts(): readonly Fact[] {
    const { hosts } = this.#population
    const running = hosts.filter(({ isRunning }) => isRunning).length
    const processes: Fact = ['Processes', [`${running} of ${hosts.length} running`, `${this.#killed} killed`, ...this.#lastKilled]]
    const transports: Fact = ['Transports', [...transportsOf(this.manager.peers()), ...this.#hub.missing]]
    const security: Fact = [
      'Security',
      [...SafetyCounts.of(this.manager.peers()).words, ...(this.#hub.proof.missing === undefined ? [] : [this.#hub.proof.missing])],
    ]
    return [transports, security, processes, ['Keeps', [this.#hub.kept]], ...this.#recovery.facts, ...this.#consoleFact()]
  }

  #consoleFact(): readonly Fact[] {
    if (this.#console === undefined) return []
    return [['Console', [this.#console instanceof Error ? this.#console.message : this.#console.url]]]
  }

  nameOf(peerId: PeerId): string {
    return this.#hub.nameOf(peerId)
  }

  /** Runs until told to stop. Rejects when the peers cannot be started. */
  async run(report: Report, stop: Stop, seconds: number | undefined): Promise<void> {
    const { signal } = stop
    const hub = this.#hub
    for (const host of this.#population.hosts) this.#watch(host, report, signal)
    report.note('hub', `listens at ${[...hub.addresses.values()].join(' and ')}, holds at most ${this.manager.metrics.limit} links`)
    for (const why of hub.missing) report.note('left out', why)
    report.note('proof', this.#hub.proof.missing ?? 'ids of ml-dsa-65, key agreement by X25519MLKEM768: links over TLS are post-quantum')
    for (const { names } of this.#population.hosts) hub.learnNames(names)
    this.#recovery.tell(report)
    await this.#population.start(signal, (addresses) => hub.learn(addresses))
    if (signal.aborted) return
    hub.begin(
      this.#population.hosts.flatMap(({ peers }) => peers.slice(0, 1)),
      signal,
    )
    report.note('peers', this.#population.hosts.map(({ name, pid, scheme }) => `${name} (pid ${pid}, ${scheme})`).join(', '))
    if (seconds !== undefined) stop.after(seconds)
    await pause(FIRST_CRASH_MS, signal)
    while (!signal.aborted) {
      this.#population.crash((name) => {
        const { status, kept } = this.manager.explain(name) ?? {}
        return status !== 'Connected' ? 0 : kept === true ? KEPT_WEIGHT : 1
      })
      await pause(CRASH_EVERY_MS, signal)
    }
  }

  /** Watches no more, and tells what it all came to. */
  end(report: Report): void {
    const { retries, reconnected, breakersOpened, breakersClosed, evicted } = this.#recovery.counts
    this.#recovery.close()
    report.close()
    const { inbound, pool } = this.manager.metrics
    const told = [
      `${this.#killed} processes killed`,
      `${retries} pauses before a reconnect, ${reconnected} reconnected`,
      `breakers ${breakersOpened} opened, ${breakersClosed} closed again`,
      `${evicted} evicted for someone worth more, ${pool.evicted} out of the pool`,
      `links opened: ${this.#opened.words.join(', ') || 'none'}`,
      `${this.refused} refused and ${inbound.rejected} rejected at the limit`,
    ]
    report.note('summary', told.join('; '))
  }

  /** A process that dies, by our hand or another's, comes back a little later. */
  #watch(host: PeerHost, report: Report, signal: AbortSignal): void {
    host.onCrash = (pid, cause) => {
      if (signal.aborted) return
      this.#killed++
      this.#lastKilled = [`last ${host.name} at ${timeOfDay(Date.now())}`]
      report.note('killed', `${host.name} (pid ${pid}, ${cause}) with ${[...host.names.values()].join(', ')}`)
      void this.#bringBack(host, report, signal)
    }
  }

  async #bringBack(host: PeerHost, report: Report, signal: AbortSignal): Promise<void> {
    const awayMs = this.#killed === 1 ? FIRST_BACK_AFTER_MS : BACK_AFTER_MS
    while (!signal.aborted && !host.isRunning) {
      await pause(awayMs, signal)
      if (signal.aborted) return
      try {
        this.#hub.learn(await host.start(signal))
        if (host.isRunning) report.note('back', `${host.name} (pid ${host.pid})`)
      } catch (error) {
        report.note('error', String(error))
      }
    }
  }
}
