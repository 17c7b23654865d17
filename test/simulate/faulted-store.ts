/** The store as one node reaches it: slow, losing calls and answers, and cut off at times, by seed. */
import { ConnectionError } from 'qudag-connections'
import type { FleetStore, MemoryStore } from 'qudag-connections/fleet'
import type { VirtualClock } from 'qudag-connections/testing'

/** How the network between a node and the store behaves. */
export interface Weather {
  /** The longest that a call is under way, in milliseconds. */
  latencyMs: number
  /** The longest that an answer is under way. @default as a call */
  answerMs?: number
  /** What part of the calls is lost, half of them on the way back. */
  loss: number
}

/** Random numbers by seed. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const DEADLINE_MS = 500

/** The store as one node reaches it. */
export function faulted(
  store: MemoryStore,
  clock: VirtualClock,
  random: () => number,
  weather: Weather,
  net: { isCut: boolean },
  counts: { operations: number },
): FleetStore {
  const client = store.client()
  const wait = (ms: number): Promise<void> => new Promise((resolve) => clock.setTimeout(resolve, ms))
  const call = <T>(f: () => Promise<T>): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      counts.operations++
      const isLost = random() < weather.loss
      const isLostOnTheWay = isLost && random() < 0.5
      const lost = (): void => reject(new ConnectionError('ERR_STORE', 'the store did not answer in time', { reason: 'deadline' }))
      const deadline = clock.setTimeout(lost, DEADLINE_MS)
      const go = async (): Promise<void> => {
        await wait(random() * weather.latencyMs)
        if (net.isCut || isLostOnTheWay) return
        const answer = f()
        answer.catch(() => {})
        await wait(random() * (weather.answerMs ?? weather.latencyMs))
        if (net.isCut || isLost) return
        clock.clearTimeout(deadline)
        await answer.then(resolve, reject)
      }
      void go()
    })
  return {
    name: 'memory',
    life: () => call(() => client.life()),
    grant: (ttlMs) => call(() => client.grant(ttlMs)),
    renew: (lease) => call(() => client.renew(lease)),
    revoke: (lease) => call(() => client.revoke(lease)),
    get: (key) => call(() => client.get(key)),
    list: (prefix) => call(() => client.list(prefix)),
    write: (conditions, changes) => call(() => client.write(conditions, changes)),
    // What is told while the net is cut is missed, and nobody says so: the worst that a watch can do.
    watch: (prefix, listener) =>
      client.watch(prefix, (event) => {
        if (!net.isCut && !(event.type !== 'lost' && random() < weather.loss)) listener(event)
      }),
    close: () => client.close(),
  }
}
