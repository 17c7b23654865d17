/** A fleet on the command line: which store the nodes meet at, and, on one machine, as many workers as are asked for. */
import cluster, { type Worker } from 'node:cluster'
import { hostname } from 'node:os'
import type { Fleet } from '../../fleet/fleet.ts'
import { fleet } from '../../fleet/fleet.ts'
import type { FleetStore } from '../../fleet/store.ts'
import { clusterStore, serveClusterStore } from '../../fleet/stores/cluster-store.ts'
import { etcdStore } from '../../fleet/stores/etcd-store.ts'
import { redisStore } from '../../fleet/stores/redis-store.ts'
import { UsageError } from '../arguments.ts'
import { BEGUN, ownName, shareFor } from './worker.ts'

/** Which fleet this process is a node of. */
export interface FleetChoice {
  readonly store?: string
  readonly limit?: number
  readonly node?: string
  readonly leaseMs?: number
  readonly workers?: number
}

/** A node of a fleet, and what ends its connection to the store. */
export interface FleetOfCommand {
  readonly node: Fleet
  close(): Promise<void>
}

const REDIS = /^rediss?:\/\//
const ETCD = /^etcds?:\/\//

/** How soon a worker that died is replaced, in milliseconds; each one that dies young doubles it, so that none takes the machine with it. */
const AGAIN_MS = { first: 500, most: 30_000 }

/** One that lived so long, in milliseconds, did not die young. */
const YOUNG_MS = 10_000

/** Reads where the nodes meet. @throws UsageError */
export function readFleetStore(given: string): string {
  if (given === 'cluster' || ((REDIS.test(given) || ETCD.test(given)) && URL.canParse(given))) return given
  throw new UsageError(`must be redis://HOST:PORT, rediss://…, etcd://HOST:PORT, etcds://… or cluster, got '${given}'`)
}

/** What is asked of it together with others. @throws UsageError */
export function checkFleet({ store, limit, node, leaseMs, workers }: FleetChoice): void {
  const isAlone = limit === undefined && node === undefined && leaseMs === undefined && workers === undefined
  if (store === undefined && !isAlone) throw new UsageError('--fleet-limit, --fleet-node, --fleet-lease and --workers need --fleet STORE')
  if (workers !== undefined && store !== 'cluster')
    throw new UsageError('--workers needs --fleet cluster: elsewhere each node is started by itself')
}

/** Whether this process only looks after workers, which do what is asked. */
export function isPrimaryOf({ store }: FleetChoice): boolean {
  return store === 'cluster' && cluster.isPrimary
}

/** How many processes do what is asked. */
export function workersOf({ store, workers = 2 }: FleetChoice): number {
  return store === 'cluster' ? workers : 1
}

/** The node that this process is; undefined: it stands alone. @param max `--max`, the limit of the fleet where none is given */
export function fleetBy({ store, limit, node, leaseMs }: FleetChoice, max: number): FleetOfCommand | undefined {
  if (store === undefined) return undefined
  const meeting = storeAt(store)
  const name = node === undefined ? `${hostname()}-${process.pid}` : ownName(node)
  const settings = { store: meeting, limit: limit ?? max, name, ...(leaseMs === undefined ? {} : { leaseMs }) }
  return {
    node: fleet(settings),
    async close() {
      await meeting.close()
      // The channel to the primary would keep this process alive.
      if (store === 'cluster') cluster.worker?.disconnect()
    },
  }
}

/**
 * Has workers do what is asked, and replaces those that die, until it is told to stop or all have ended in order; then none is left.
 * One that cannot even begin ends them all, where it is among the first: its port is taken, or its file cannot be written.
 *
 * @param say is told of each that comes and goes
 * @throws Error where one of the first workers could not begin
 */
export async function superviseWorkers(count: number, told: Promise<void>, say: (line: string) => void): Promise<void> {
  serveClusterStore()
  cluster.setupPrimary({ args: process.argv.slice(2) })
  const living = new Set<Worker>()
  const pauses = new Set<NodeJS.Timeout>()
  let isStopping = false
  let tellGone: (() => void) | undefined
  const gone = new Promise<void>((resolve) => (tellGone = resolve))
  let failure: Error | undefined
  let tellFailed: (() => void) | undefined
  const failed = new Promise<void>((resolve) => (tellFailed = resolve))
  const add = (index: number, againMs: number, isFirst = false): void => {
    const worker = cluster.fork(shareFor(index, count))
    const bornAt = performance.now()
    let hasBegun = false
    living.add(worker)
    say(`worker ${worker.process.pid} started`)
    worker.on('message', (message) => (hasBegun ||= message === BEGUN))
    worker.once('exit', (code, signal) => {
      living.delete(worker)
      // Who takes the place of another may find its port taken for a while.
      if (isFirst && !hasBegun && !isStopping && typeof code === 'number' && code !== 0) {
        failure ??= new Error(`worker ${worker.process.pid} could not begin, and said why; all others were ended`)
        return tellFailed?.()
      }
      // What ends in order was to end: by `--seconds`, or by a signal of its own.
      if (!isStopping && code !== 0) {
        const pauseMs = performance.now() - bornAt < YOUNG_MS ? againMs : AGAIN_MS.first
        say(`worker ${worker.process.pid} ended (${signal ?? code}); another takes its place`)
        const pause = setTimeout(() => {
          pauses.delete(pause)
          add(index, Math.min(2 * pauseMs, AGAIN_MS.most))
        }, pauseMs)
        pauses.add(pause)
      }
      if (living.size === 0 && pauses.size === 0) tellGone?.()
    })
  }
  for (let i = 0; i < count; i++) add(i, AGAIN_MS.first, true)
  await Promise.race([told, gone, failed])
  isStopping = true
  for (const pause of pauses) clearTimeout(pause)
  for (const worker of living) worker.process.kill('SIGTERM')
  if (living.size > 0) {
    pauses.clear()
    await gone
  }
  if (failure !== undefined) throw failure
}

function storeAt(given: string): FleetStore {
  if (given === 'cluster') return clusterStore()
  if (ETCD.test(given)) return etcdStore({ url: given.replace('etcd', 'http') })
  return redisStore({ url: given })
}
