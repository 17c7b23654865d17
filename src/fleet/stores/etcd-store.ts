/** A store on etcd, by its JSON gateway and the platform's `fetch`: linearizable across failovers, without a dependency. */
import { platform } from '#platform'
import { assertKnown, type Known } from '../../../machines/domain/options.ts'
import type { Clock } from '../../clock.ts'
import type { FleetStore, StoreChange, StoreCondition, StoreEntry, StoreEvent, StoreWrite } from '../store.ts'
import { type EtcdAnswer, EtcdGateway, type EtcdKv, EtcdRefusal, encoded, FAILED_PRECONDITION, rangeEnd } from './etcd-gateway.ts'
import { isLeaseName, newLease } from './etcd-lease.ts'
import { type EtcdLife, EtcdLives } from './etcd-life.ts'
import { EtcdNonces, isLeaseMissing, type NonceSlot } from './etcd-nonces.ts'
import { EtcdWatch, type EtcdWatchContext, entryOf } from './etcd-watch.ts'
import { failureOps, successOps, writeConditions, writeOutcome } from './etcd-write.ts'
import { assertKey, assertTtl, assertWrite, byKey } from './store-arguments.ts'
import { PassingFailure, StoreCalls } from './store-calls.ts'
import { StoreWatches } from './store-watches.ts'

/** Options of {@link etcdStore}. @since 0.1.0 */
export interface EtcdStoreOptions {
  /** Where the members of the etcd are, `http://127.0.0.1:2379` for one: the next is asked when one does not answer. */
  readonly url: string | readonly string[]
  /** The name of the fleet's data: all keys are below `qudag/<name>/`. @default 'fleet' */
  readonly name?: string
  /** How long a call may take, trying again included, in milliseconds; at most 60,000. @default 3_000 */
  readonly deadlineMs?: number
  /** So long a stream of a watch is used before the next one goes on where it ended, in milliseconds. @default 15_000 */
  readonly rewatchMs?: number
  /** Sent with every request, `authorization` for one. @default none */
  readonly headers?: Readonly<Record<string, string>>
  /** What requests are made with: one of your own may bring client certificates. @default the platform's */
  readonly fetch?: typeof fetch
  /** Times deadlines and pauses; leases end by etcd's clock. By its wall time the revisions of a new life begin. @default the platform's */
  readonly clock?: Clock
}

const KNOWN = {
  url: true,
  name: true,
  deadlineMs: true,
  rewatchMs: true,
  headers: true,
  fetch: true,
  clock: true,
} as const satisfies Known<EtcdStoreOptions>

/**
 * Makes a store on etcd 3.4 or later. Nothing is sent before the first call.
 *
 * A lease is a whole number of seconds there, rounded up, and no shorter than etcd lets it be, some two seconds. A write has at most
 * 100 conditions and 100 changes.
 *
 * @throws TypeError for an unknown option, or a URL that is none
 * @throws RangeError for a duration that is none
 * @since 0.1.0
 * @example
 * const store = etcdStore({ url: ['http://10.0.0.1:2379', 'http://10.0.0.2:2379'], name: 'chat' })
 */
export function etcdStore(options: EtcdStoreOptions): FleetStore {
  assertKnown('', options, KNOWN)
  return new EtcdStore(options)
}

/** So long `close` waits for etcd, in milliseconds. */
const CLOSING_MS = 1_000

/** What an answer was given in, and how far it was known to be when it was asked. */
interface Told {
  readonly life: EtcdLife
  readonly answer: EtcdAnswer
}

class EtcdStore implements FleetStore {
  readonly name = 'etcd'
  readonly #root: string
  readonly #gateway: EtcdGateway
  readonly #calls: StoreCalls
  readonly #lives: EtcdLives
  readonly #nonces: EtcdNonces
  readonly #watches = new StoreWatches()
  readonly #streams = new Set<EtcdWatch>()
  readonly #context: EtcdWatchContext
  #isClosed = false

  constructor({
    url,
    name = 'fleet',
    deadlineMs = 3_000,
    rewatchMs = 15_000,
    headers = {},
    clock = platform.clock,
    ...rest
  }: EtcdStoreOptions) {
    const urls = [url].flat().map((one) => new URL(one).href.replace(/\/$/, ''))
    if (urls.length === 0) throw new TypeError('etcdStore needs a url')
    if (!/^[^/\s]+$/.test(name)) throw new TypeError(`name must be without slashes and spaces, got '${name}'`)
    for (const [option, ms] of Object.entries({ deadlineMs, rewatchMs })) {
      if (!(ms > 0 && ms <= 60_000))
        throw new RangeError(`${option} must be a number of milliseconds above 0 and at most 60,000, got ${ms}`)
    }
    const home = `qudag/${name}/`
    this.#root = `${home}data/`
    this.#gateway = new EtcdGateway(urls, rest.fetch ?? ((...args) => fetch(...args)), headers)
    this.#calls = new StoreCalls(this.name, clock, deadlineMs)
    const wall = (): number => clock.wall?.() ?? clock.now()
    this.#lives = new EtcdLives(this.#gateway, `${home}life`, wall, () => this.#streams.forEach((stream) => stream.restart()))
    this.#nonces = new EtcdNonces(this.#gateway, `${home}nonce/`, () => clock.now())
    const life = (signal: AbortSignal): Promise<EtcdLife> => this.#lives.ask(signal)
    this.#context = { clock, gateway: this.#gateway, root: this.#root, deadlineMs, rewatchMs, life }
  }

  life(signal?: AbortSignal): Promise<string> {
    return this.#calls.run('tell its life', signal, async (attempt) => (await this.#lives.ask(attempt.signal)).text)
  }

  async grant(ttlMs: number, signal?: AbortSignal): Promise<string> {
    assertTtl(ttlMs)
    const ID = newLease()
    await this.#calls.run('grant a lease', signal, (attempt) =>
      this.#gateway.ask('/v3/lease/grant', { ID, TTL: String(Math.ceil(ttlMs / 1_000)) }, attempt.signal).catch((error: unknown) => {
        // The first attempt was done.
        if (!(attempt.isRetry && error instanceof EtcdRefusal && error.code === FAILED_PRECONDITION)) throw error
      }),
    )
    return ID
  }

  async renew(lease: string, signal?: AbortSignal): Promise<boolean> {
    signal?.throwIfAborted()
    if (!isLeaseName(lease)) return false
    const { TTL } = await this.#calls.run('renew a lease', signal, (attempt) =>
      this.#gateway.ask('/v3/lease/keepalive', { ID: lease }, attempt.signal),
    )
    return Number(TTL ?? 0) > 0
  }

  async revoke(lease: string, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    if (!isLeaseName(lease)) return
    await this.#calls.run('revoke a lease', signal, (attempt) =>
      this.#gateway.ask('/v3/lease/revoke', { ID: lease }, attempt.signal).catch((error: unknown) => {
        if (!isLeaseMissing(error)) throw error
      }),
    )
  }

  async get(key: string, signal?: AbortSignal): Promise<StoreEntry | undefined> {
    assertKey(key)
    return (await this.#read('read', { key: encoded(this.#root + key) }, signal))[0]
  }

  async list(prefix: string, signal?: AbortSignal): Promise<readonly StoreEntry[]> {
    const below = this.#root + prefix
    return (await this.#read('list', { key: encoded(below), range_end: rangeEnd(below) }, signal)).toSorted(byKey)
  }

  async write(conditions: readonly StoreCondition[], changes: readonly StoreChange[], signal?: AbortSignal): Promise<StoreWrite> {
    assertWrite(conditions, changes)
    if (changes.some((change) => change.type === 'put' && change.lease !== undefined && !isLeaseName(change.lease))) {
      const found = await this.#found(conditions, signal)
      return { done: false, found, leaseEnded: true }
    }
    let slot: NonceSlot | undefined
    const write = await this.#calls.run('write', signal, async (attempt): Promise<StoreWrite> => {
      slot ??= await this.#nonces.take(attempt.signal)
      const { isRetry } = attempt
      for (let tries = 0; ; tries++) {
        if (tries === 10) throw new PassingFailure(new Error('the nonce is lost again and again'))
        try {
          const told = await this.#transaction(attempt.signal, (life) => ({
            compare: writeConditions(slot!, conditions, this.#root, life),
            success: successOps(slot!, changes, this.#root),
            failure: failureOps(slot!, conditions, this.#root, isRetry),
          }))
          const outcome = writeOutcome(told.answer, slot)
          // It fell with its lease, or with all data.
          if (outcome === undefined) {
            slot = await this.#nonces.take(attempt.signal)
            continue
          }
          if (outcome.done !== undefined) return { done: true, revision: told.life.base + outcome.done }
          return { done: false, leaseEnded: false, found: this.#entries(outcome.found, told.life) }
        } catch (error) {
          if (!isLeaseMissing(error)) throw error
          if (await this.#nonces.hasEnded(slot, attempt.signal)) slot = await this.#nonces.take(attempt.signal)
          else return { done: false, leaseEnded: true, found: await this.#found(conditions, signal) }
        }
      }
    })
    // Where no answer came the slot is left alone: what it says is not known.
    if (slot !== undefined) this.#nonces.give(slot)
    return write
  }

  watch(prefix: string, listener: (event: StoreEvent) => void): () => void {
    if (this.#isClosed) return () => {}
    const stream = new EtcdWatch(this.#context, prefix, this.#watches.add(prefix, listener))
    this.#streams.add(stream)
    return () => {
      stream.end()
      this.#streams.delete(stream)
    }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#watches.close()
    for (const stream of this.#streams) stream.end()
    // The keys of the nonces would fall with their lease later: a server that does not answer keeps nobody for long.
    const cut = new AbortController()
    const { clock } = this.#context
    const timer = clock.setTimeout(() => cut.abort(new Error('the store was closed')), CLOSING_MS)
    this.#calls.close()
    await this.#nonces.close(cut.signal).catch(() => {})
    clock.clearTimeout(timer)
  }

  async #read(call: string, range: object, signal: AbortSignal | undefined): Promise<readonly StoreEntry[]> {
    return this.#calls.run(call, signal, async (attempt) => {
      const { answer, life } = await this.#transaction(attempt.signal, () => ({ success: [{ request_range: range }] }))
      return this.#entries(answer.responses?.[0]?.response_range?.kvs ?? [], life)
    })
  }

  /** Not in one step with the write: it says what stands there now. */
  async #found(conditions: readonly StoreCondition[], signal: AbortSignal | undefined): Promise<readonly StoreEntry[]> {
    const keys = [...new Set(conditions.map(({ key }) => key))]
    return (await Promise.all(keys.map((key) => this.get(key, signal)))).flatMap((entry) => entry ?? [])
  }

  /** A transaction in the life as it is: when that is another by now nothing was done, and it is made again. */
  async #transaction(
    signal: AbortSignal,
    make: (life: EtcdLife) => {
      readonly compare?: readonly object[]
      readonly success: readonly object[]
      readonly failure?: readonly object[]
    },
  ): Promise<Told> {
    for (let tries = 0; tries < 5; tries++) {
      const life = await this.#lives.known(signal)
      const knownWhenAsked = this.#lives.highestRaw
      const { compare = [], success, failure = [] } = make(life)
      const condition = this.#lives.condition(life)
      // What only reads stays flat: etcd answers it without a proposal to all members.
      const isNested = compare.length > 0 || failure.length > 0
      const inside = isNested ? [{ request_txn: { compare, success, failure } }] : success
      const answer = await this.#gateway.ask('/v3/kv/txn', { compare: [condition], success: inside }, signal)
      if (answer.succeeded === true && !this.#lives.isRolledBack(answer, knownWhenAsked)) {
        this.#lives.saw(life, answer)
        const inner = isNested ? answer.responses?.[0]?.response_txn : answer
        return { life, answer: { ...inner, header: answer.header ?? {} } }
      }
      await this.#lives.ask(signal)
    }
    throw new PassingFailure(new Error('the life of the data changes again and again'))
  }

  #entries(kvs: readonly EtcdKv[], life: EtcdLife): readonly StoreEntry[] {
    return kvs.map((kv) => entryOf(kv, this.#root, life))
  }
}
