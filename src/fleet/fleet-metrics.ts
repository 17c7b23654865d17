/** The metrics of a fleet: each node publishes its own, and whoever looks merges them exactly. */
import { Observable } from 'rxjs'
import { mergeMetrics } from '../metrics/merge.ts'
import type { NetworkMetrics } from '../metrics/network-metrics.ts'
import type { FleetHost } from '../runtime/options/fleet-gate.ts'
import { Alarm } from './alarm.ts'
import type { FleetSettings } from './fleet-options.ts'
import { type FleetKeys, readRecord } from './keys.ts'
import type { Session } from './session.ts'

/** The metrics of the nodes of a fleet that live. @since 0.2.0 */
export interface FleetMetricsView {
  /** Of all nodes together; undefined: none has published any yet. */
  readonly fleet: NetworkMetrics | undefined
  /** Of each node, by its id. */
  readonly nodes: ReadonlyMap<string, NetworkMetrics>
}

/** Publishes, and merges what others publish. */
export class FleetMetrics {
  readonly #settings: FleetSettings
  readonly #keys: FleetKeys
  readonly #host: FleetHost
  readonly #session: Session
  readonly #next: Alarm
  readonly #looks = new Set<() => void>()

  constructor(settings: FleetSettings, keys: FleetKeys, host: FleetHost, session: Session) {
    this.#settings = settings
    this.#keys = keys
    this.#host = host
    this.#session = session
    this.#next = new Alarm(host.clock, () => void this.#publish())
  }

  start(): void {
    if (this.#next.isSet) return
    // Not all nodes publish in the same moment.
    this.#next.set(this.#settings.publishMs * this.#host.random())
  }

  stop(): void {
    this.#next.clear()
    for (const end of this.#looks) end()
  }

  /** What the living nodes have published last. Rejects with `ERR_STORE`. */
  async read(): Promise<FleetMetricsView> {
    const { store } = this.#settings
    const nodes = new Map<string, NetworkMetrics>()
    for (const { key, value } of await store.list(this.#keys.metrics)) {
      const metrics = readRecord<NetworkMetrics>(value)
      if (isMetrics(metrics)) nodes.set(key.slice(this.#keys.metrics.length), metrics)
    }
    return { fleet: nodes.size === 0 ? undefined : mergeMetrics(...nodes.values()), nodes }
  }

  /** Of the whole fleet, at once and then as often as nodes publish, for as long as somebody looks. */
  get metrics$(): Observable<NetworkMetrics> {
    return new Observable((subscriber) => {
      const look = (): void => {
        const own = this.#host.metrics() as NetworkMetrics
        this.read().then(
          ({ fleet }) => subscriber.next(fleet ?? own),
          // While the store is away, what this node knows by itself goes on.
          () => subscriber.next(own),
        )
        next.set(this.#settings.publishMs)
      }
      const next = new Alarm(this.#host.clock, look)
      const end = (): void => subscriber.complete()
      this.#looks.add(end)
      look()
      return () => {
        next.clear()
        this.#looks.delete(end)
      }
    })
  }

  async #publish(): Promise<void> {
    const registration = this.#session.current
    try {
      if (registration !== undefined) {
        const { id, lease } = registration
        const value = JSON.stringify(this.#host.metrics())
        await this.#settings.store.write([], [{ type: 'put', key: this.#keys.metricsOf(id), value, lease }])
      }
    } catch {
      // The next ones say more.
    }
    if (this.#session.state !== 'left') this.#next.set(this.#settings.publishMs)
  }
}

function isMetrics(metrics: Partial<NetworkMetrics> | undefined): metrics is NetworkMetrics {
  return metrics !== undefined && typeof metrics.at === 'number' && typeof metrics.byStatus === 'object' && typeof metrics.pool === 'object'
}
