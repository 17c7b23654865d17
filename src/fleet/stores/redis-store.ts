/** A store on Redis or Valkey, alone, behind Sentinels or as a Redis Cluster: linearizable as long as one server has the data, not across a failover. */
import { createHash, randomUUID } from 'node:crypto'
import { platform } from '#platform'
import { assertKnown, type Known } from '../../../machines/domain/options.ts'
import type { Clock } from '../../clock.ts'
import type { FleetStore, StoreChange, StoreCondition, StoreEntry, StoreEvent, StoreWrite } from '../store.ts'
import { readAnswer, readEntries, readWrite } from './redis-answers.ts'
import { RedisChanges } from './redis-changes.ts'
import { connectRedis, type RedisClient, type RedisConnection, type RedisScript } from './redis-port.ts'
import { changesChannel, SCRIPT, scriptKeys } from './redis-script.ts'
import { assertKey, assertTtl, assertWrite } from './store-arguments.ts'
import { StoreCalls } from './store-calls.ts'

export type { RedisClient }

/** Options of {@link redisStore}: either `url` or `client`. @since 0.1.0 */
export interface RedisStoreOptions {
  /** Where Redis is: `redis://`, `rediss://` for TLS, or `unix:` and a path. @default `client` says it */
  readonly url?: string | URL
  /** A client of `ioredis`, with Sentinels or as a `Cluster` for one: connections are made with its options, it is itself not used. @default `url` says it */
  readonly client?: RedisClient
  /** The name of the fleet's data, the hash tag of all its keys. @default 'fleet' */
  readonly name?: string
  /** How long a call may take, connecting and trying again included, in milliseconds; at most 60,000. @default 3_000 */
  readonly deadlineMs?: number
  /** While something is watched: so often leases that ended are looked for, and news that never came, in milliseconds. @default 1_000 */
  readonly sweepMs?: number
  /** Times deadlines and pauses; leases end by the server's clock. @default the platform's */
  readonly clock?: Clock
}

const KNOWN = {
  url: true,
  client: true,
  name: true,
  deadlineMs: true,
  sweepMs: true,
  clock: true,
} as const satisfies Known<RedisStoreOptions>

/**
 * Makes a store on Redis 5 or later, or Valkey. Nothing is connected before the first call. Needs the package `ioredis`, unless it is given a client.
 *
 * A write carries a nonce: one whose reply was lost is asked for by that nonce, and done exactly once, before `ERR_STORE` is given.
 * Redis replicates asynchronously: a failover may undo the last writes. It is seen as another life, with revisions above all
 * that were given, see the page of the fleet.
 *
 * @throws TypeError for an unknown option, or unless exactly one of `url` and `client` is given
 * @throws RangeError for a duration that is none
 * @since 0.1.0
 * @example
 * const store = redisStore({ url: 'redis://127.0.0.1:6379', name: 'chat' })
 */
export function redisStore(options: RedisStoreOptions): FleetStore {
  assertKnown('', options, KNOWN)
  return new RedisStore(options)
}

class RedisStore implements FleetStore {
  readonly name = 'redis'
  readonly #to: string | RedisClient
  readonly #script: RedisScript
  readonly #channel: string
  readonly #clock: Clock
  readonly #deadlineMs: number
  readonly #calls: StoreCalls
  readonly #changes: RedisChanges
  readonly #closing = new AbortController()
  #connecting: Promise<RedisConnection> | undefined = undefined
  #life: string | undefined = undefined

  constructor({ url, client, name = 'fleet', deadlineMs = 3_000, sweepMs = 1_000, clock = platform.clock }: RedisStoreOptions) {
    if ((url === undefined) === (client === undefined)) throw new TypeError('redisStore takes either a url or a client')
    if (!/^[^{}\s]+$/.test(name)) throw new TypeError(`name must be without braces and spaces, got '${name}'`)
    for (const [option, ms] of Object.entries({ deadlineMs, sweepMs })) {
      if (!(ms > 0 && ms <= 60_000))
        throw new RangeError(`${option} must be a number of milliseconds above 0 and at most 60,000, got ${ms}`)
    }
    this.#to = client ?? String(url)
    this.#script = { text: SCRIPT, sha: createHash('sha1').update(SCRIPT).digest('hex'), keys: scriptKeys(name) }
    this.#channel = changesChannel(name)
    this.#clock = clock
    this.#deadlineMs = deadlineMs
    this.#calls = new StoreCalls(this.name, clock, deadlineMs)
    this.#changes = new RedisChanges({
      clock,
      sweepMs,
      channel: this.#channel,
      connect: () => this.#connect(),
      look: async () => (await this.#ask('look', ['look'], undefined)).revision,
    })
  }

  async life(signal?: AbortSignal): Promise<string> {
    return (await this.#ask('tell its life', ['look'], signal)).life
  }

  async grant(ttlMs: number, signal?: AbortSignal): Promise<string> {
    assertTtl(ttlMs)
    // The name is ours: a grant that is asked for twice is one lease.
    const lease = randomUUID()
    await this.#ask('grant a lease', ['grant', lease, String(ttlMs)], signal)
    return lease
  }

  async renew(lease: string, signal?: AbortSignal): Promise<boolean> {
    return (await this.#ask('renew a lease', ['renew', lease], signal)).rest[0] === 'renewed'
  }

  async revoke(lease: string, signal?: AbortSignal): Promise<void> {
    await this.#ask('revoke a lease', ['revoke', lease], signal)
  }

  async get(key: string, signal?: AbortSignal): Promise<StoreEntry | undefined> {
    assertKey(key)
    return readEntries((await this.#ask('read', ['get', key], signal)).rest[0])[0]
  }

  async list(prefix: string, signal?: AbortSignal): Promise<readonly StoreEntry[]> {
    return readEntries((await this.#ask('list', ['list', prefix], signal)).rest[0])
  }

  async write(conditions: readonly StoreCondition[], changes: readonly StoreChange[], signal?: AbortSignal): Promise<StoreWrite> {
    assertWrite(conditions, changes)
    const nonce = randomUUID()
    const args = [
      String(conditions.length),
      ...conditions.flatMap(({ key, revision }) => [key, String(revision)]),
      String(changes.length),
      ...changes.flatMap((change) =>
        change.type === 'put' ? ['put', change.key, change.value, leaseArgument(change.lease)] : ['delete', change.key, '', '-'],
      ),
    ]
    const { rest } = await this.#ask('write', (isRetry) => ['write', nonce, isRetry ? '1' : '0', ...args], signal)
    return readWrite(rest)
  }

  watch(prefix: string, listener: (event: StoreEvent) => void): () => void {
    return this.#changes.watch(prefix, listener)
  }

  async close(): Promise<void> {
    this.#calls.close()
    this.#changes.close()
    this.#closing.abort(new Error('the store was closed'))
    const connection = await this.#connecting?.catch(() => undefined)
    connection?.drop()
  }

  async #ask(call: string, args: readonly string[] | ((isRetry: boolean) => readonly string[]), signal: AbortSignal | undefined) {
    const answer = await this.#calls.run(call, signal, async (attempt) => {
      const connection = await this.#connected()
      if (attempt.signal.aborted) throw attempt.signal.reason
      // Half of the time is over without a word: the path may have vanished, and the next attempt takes another.
      const drop = (): void => {
        if (signal?.aborted !== true) connection.drop()
      }
      attempt.signal.addEventListener('abort', drop, { once: true })
      const given = typeof args === 'function' ? args(attempt.isRetry || connection.resends) : args
      return readAnswer(await connection.run([this.#channel, ...given]))
    })
    if (this.#life !== answer.life) {
      const isAnother = this.#life !== undefined
      this.#life = answer.life
      if (isAnother) this.#changes.lost()
    }
    return answer
  }

  /** One connection for all calls; a call that comes while it is made waits for the same. */
  #connected(): Promise<RedisConnection> {
    if (this.#connecting !== undefined) return this.#connecting
    const connecting = this.#connect()
    this.#connecting = connecting
    const forget = (): void => {
      if (this.#connecting === connecting) this.#connecting = undefined
    }
    connecting.then(({ over }) => over.then(forget), forget)
    return connecting
  }

  /** Half of the deadline is what a connection may take, so that a call whose path has vanished can try another. */
  async #connect(): Promise<RedisConnection> {
    const cut = new AbortController()
    const end = (): void => cut.abort(new Error('no connection in time'))
    const timer = this.#clock.setTimeout(end, this.#deadlineMs / 2)
    this.#closing.signal.addEventListener('abort', end, { once: true })
    try {
      return await connectRedis(this.#to, this.#script, this.#deadlineMs, cut.signal)
    } finally {
      this.#clock.clearTimeout(timer)
      this.#closing.signal.removeEventListener('abort', end)
    }
  }
}

/** `-` stands for none; a lease that somebody calls so is one that nobody was granted. */
function leaseArgument(lease: string | undefined): string {
  if (lease === undefined) return '-'
  return lease === '-' ? '?' : lease
}
