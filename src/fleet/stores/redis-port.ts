/** The port to Redis: connections that are made when they are needed, run one script, hear one channel, and never send anything twice by themselves. */
import { isMissing } from '../../transports/late-package.ts'
import { ioredisPackage } from './ioredis-package.ts'
import { PassingFailure } from './store-calls.ts'

/** A client of `ioredis`, a `Redis` or a `Cluster`, whose options are taken; it is itself left alone. @since 0.1.0 */
export interface RedisClient {
  readonly isCluster?: boolean
  duplicate(): unknown
}

/** What is called of a client. */
interface Ioredis {
  connect(): Promise<void>
  disconnect(): void
  evalsha(sha: string, keys: number, ...args: readonly string[]): Promise<unknown>
  eval(script: string, keys: number, ...args: readonly string[]): Promise<unknown>
  subscribe(channel: string): Promise<unknown>
  on(event: string, listener: (...args: readonly string[]) => void): unknown
}

/** A connection that stands. */
export interface RedisConnection {
  /** Whether it may send a call again by itself: a Cluster does, when a node was lost or has moved the data. */
  readonly resends: boolean
  /** Runs the script once. Rejects with a {@link PassingFailure} when no answer came, or none could. */
  run(args: readonly string[]): Promise<unknown>
  /** Hears a channel until the connection is over. */
  subscribe(channel: string, onMessage: (message: string) => void): Promise<void>
  /** Resolves when the connection is over, by whomever. */
  readonly over: Promise<void>
  /** Ends it at once; what waits for an answer gets none. */
  drop(): void
}

/** Neither queue nor retry is ioredis's: what a call waits for, and what is sent again, is decided by the store. */
const OPTIONS = {
  lazyConnect: true,
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  autoResubscribe: false,
  maxRetriesPerRequest: 0,
  retryStrategy: () => null,
} as const

/** What Redis says when it cannot serve at this moment, or not here. */
const PASSING = /^(READONLY|LOADING|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|BUSY|NOREPLICAS|MOVED|ASK|UNBLOCKED)\b/

/** Where the script is, and what it is. */
export interface RedisScript {
  readonly text: string
  readonly sha: string
  readonly keys: readonly string[]
}

/** Makes a connection of its own. Rejects with a {@link PassingFailure} when it cannot be made now. */
export async function connectRedis(
  to: string | RedisClient,
  script: RedisScript,
  connectTimeoutMs: number,
  signal: AbortSignal,
): Promise<RedisConnection> {
  const client = await clientOf(to, connectTimeoutMs)
  if (signal.aborted) throw new PassingFailure(signal.reason)
  let lastError: unknown
  const over = new Promise<void>((resolve) => client.on('end', () => resolve()))
  // Without a listener an error event would be printed; what it says comes with the calls as well.
  client.on('error', (error) => (lastError = error))
  let isDropped = false
  // Each disconnect of a client would wait for its end anew.
  const drop = (): void => {
    if (!isDropped) client.disconnect()
    isDropped = true
  }
  try {
    await new Promise<void>((resolve, reject) => {
      const cut = (): void => reject(signal.reason as Error)
      signal.addEventListener('abort', cut, { once: true })
      // A Cluster whose ready check fails ends, and its `connect()` never settles.
      void over.then(() => reject(new Error('the connection ended before it was ready')))
      client
        .connect()
        .then(resolve, reject)
        .finally(() => signal.removeEventListener('abort', cut))
    })
  } catch (error) {
    drop()
    const cause = lastError ?? error
    throw isRefusal(cause) ? cause : new PassingFailure(cause)
  }
  return {
    resends: typeof to !== 'string' && to.isCluster === true,
    over,
    drop,
    async run(args) {
      const { keys, sha, text } = script
      try {
        return await client.evalsha(sha, keys.length, ...keys, ...args).catch((error: Error) => {
          if (!error.message.startsWith('NOSCRIPT')) throw error
          return client.eval(text, keys.length, ...keys, ...args)
        })
      } catch (error) {
        if (isRefusal(error)) throw error
        // A server that is no master now may be one later, but others may be now: the next connection looks anew.
        drop()
        throw new PassingFailure(error)
      }
    },
    async subscribe(channel, onMessage) {
      client.on('message', (from, message) => {
        if (from === channel && message !== undefined) onMessage(message)
      })
      await client.subscribe(channel)
    },
  }
}

/** A refusal is an answer that will be the same the next time: no right, no such command, no memory. */
function isRefusal(error: unknown): boolean {
  return error instanceof Error && error.name === 'ReplyError' && !PASSING.test(error.message)
}

async function clientOf(to: string | RedisClient, connectTimeout: number): Promise<Ioredis> {
  if (typeof to !== 'string') return duplicateOf(to, connectTimeout)
  const { Redis } = await ioredisPackage.load().catch((error: unknown) => {
    if (!isMissing(error)) throw new PassingFailure(error)
    throw new Error("the package 'ioredis' is not installed: npm install ioredis", { cause: error })
  })
  const options = { ...OPTIONS, connectTimeout }
  return (to.startsWith('unix:') ? new Redis(decodeURI(new URL(to).pathname), options) : new Redis(to, options)) as unknown as Ioredis
}

/** A Cluster connects to a node by the first command for it, which waits in the queue of that connection alone. */
function duplicateOf(client: RedisClient, connectTimeout: number): Ioredis {
  const { duplicate } = client as { duplicate(...args: readonly unknown[]): unknown }
  const { enableOfflineQueue, lazyConnect, ...node } = OPTIONS
  if (client.isCluster !== true) return duplicate.call(client, { ...OPTIONS, connectTimeout }) as Ioredis
  const redisOptions = { ...node, connectTimeout }
  return duplicate.call(client, [], { enableOfflineQueue, lazyConnect, clusterRetryStrategy: () => null, redisOptions }) as Ioredis
}
