/** Rates per host: how often each host comes is remembered, and a crowd of hosts cannot make that memory grow. */
import type { Bucket } from '../../../machines/policy/token-bucket.ts'
import { LinkedMap } from '../collections/linked-map.ts'

/** The most hosts that are remembered; past it, the one that came longest ago is forgotten. */
export const MAX_HOSTS = 4_096

/** The buckets of the hosts that came last. */
export class HostRates {
  /** In the order in which they came last. */
  readonly #buckets = new LinkedMap<string, Bucket>()

  get size(): number {
    return this.#buckets.size
  }

  of(host: string): Bucket | undefined {
    return this.#buckets.get(host)
  }

  set(host: string, bucket: Bucket): void {
    this.#buckets.delete(host)
    this.#buckets.set(host, bucket)
    if (this.#buckets.size <= MAX_HOSTS) return
    const { first } = this.#buckets
    if (first !== undefined) this.#buckets.delete(first)
  }
}
