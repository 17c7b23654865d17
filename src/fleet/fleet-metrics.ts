/** The metrics of a fleet: each node publishes its own, and whoever looks merges them exactly. */
import { Observable } from 'rxjs'
import { mergeMetrics } from '../metrics/merge.ts'
import type { NetworkMetrics } from '../metrics/network-metrics.ts'
import { Alarm } from './alarm.ts'
import { readRecord } from './keys.ts'
import type { NodeParts } from './node-parts.ts'

/** The metrics of the nodes of a fleet that live. @since 0.2.0 */
export interface FleetMetricsView {
  /** Of all nodes together; undefined: none has published any yet. */
  readonly fleet: NetworkMetrics | undefined
  /** Of each node, by its id. */
  readonly nodes: ReadonlyMap<string, NetworkMetrics>
}

/** Publishes, and merges what others publish. */
export class FleetMetrics {
  readonly #node: NodeParts
  readonly #next: Alarm
  readonly #looks = new Set<() => void>()

  constructor(node: NodeParts) {
    this.#node = node
    const { host } = node
    this.#next = new Alarm(host.clock, () => void this.#publish())
  }

  start(): void {
    if (this.#next.isSet) return
    // Not all nodes publish in the same moment.
    this.#next.set(this.#node.settings.publishMs * this.#node.host.random())
  }

  stop(): void {
    this.#next.clear()
    for (const end of this.#looks) end()
  }

  /** What the living nodes have published last. Rejects with `ERR_STORE`. */
  async read(): Promise<FleetMetricsView> {
    const { store } = this.#node.settings
    const nodes = new Map<string, NetworkMetrics>()
    for (const { key, value } of await store.list(this.#node.keys.metrics)) {
      const metrics = readRecord<NetworkMetrics>(value)
      if (isMetrics(metrics)) nodes.set(key.slice(this.#node.keys.metrics.length), metrics)
    }
    return { fleet: nodes.size === 0 ? undefined : mergeMetrics(...nodes.values()), nodes }
  }

  /** Of the whole fleet, at once and then as often as nodes publish, for as long as somebody looks. */
  get metrics$(): Observable<NetworkMetrics> {
    return new Observable((subscriber) => {
      const look = (): void => {
        const own = this.#node.host.metrics() as NetworkMetrics
        this.read().then(
          ({ fleet }) => subscriber.next(fleet ?? own),
          // While the store is away, what this node knows by itself goes on.
          () => subscriber.next(own),
        )
        next.set(this.#node.settings.publishMs)
      }
      const next = new Alarm(this.#node.host.clock, look)
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
    const registration = this.#node.session.current
    try {
      if (registration !== undefined) {
        const { id, lease } = registration
        const value = JSON.stringify(this.#node.host.metrics())
        await this.#node.settings.store.write([], [{ type: 'put', key: this.#node.keys.metricsOf(id), value, lease }])
      }
    } catch {
      // The next ones say more.
    }
    if (this.#node.session.state !== 'left') this.#next.set(this.#node.settings.publishMs)
  }
}

function isMetrics(metrics: Partial<NetworkMetrics> | undefined): metrics is NetworkMetrics {
  return metrics !== undefined && typeof metrics.at === 'number' && typeof metrics.byStatus === 'object' && typeof metrics.pool === 'object'
}
