/** The observation of a manager: made when the first exporter asks, shared by all of them, gone with the last or with the manager. */
import type { ConnectionManager } from '../connection-manager.ts'
import { runningOn, type Running } from '../supervisor-logic.ts'
import type { Attributes, Point } from './counts.ts'
import { nodeLabels } from './fleet-readings.ts'
import { readPoints, type ReadName } from './readings.ts'
import { Tally } from './tally.ts'

/** One manager, as exporters see it. */
export interface Observation {
  readonly running: Running
  readonly tally: Tally
  /** What each of its points has beside its own attributes: `fleet` and `node` where the manager is a node of a fleet. */
  readonly labels: Attributes
  /** Whether the manager is a node of a fleet. */
  readonly isNode: boolean
  /** The points of every gauge and counter, as of now; asked again within the same tick, the same ones. */
  read(): Readonly<Record<ReadName, Iterable<Point>>>
  /** Ends it for this exporter. Idempotent. */
  end(): void
}

interface Shared {
  readonly running: Running
  readonly tally: Tally
  readonly stop: () => void
  users: number
  /** What was read in this tick. */
  read: Readonly<Record<ReadName, Iterable<Point>>> | undefined
}

const shared = new WeakMap<Running, Shared>()

/**
 * Observes a manager, until it is told to end.
 *
 * @param ended called when the manager ends
 * @throws TypeError when it is none
 */
export function observe(manager: ConnectionManager, ended: () => void): Observation {
  const running = runningOf(manager)
  const own = shared.get(running) ?? begin(running)
  own.users++
  const leave = whenEnded(running, ended)
  let isOver = false
  return {
    running,
    tally: own.tally,
    labels: nodeLabels(running.supervisor.world),
    isNode: running.supervisor.world.settings.fleet !== undefined,
    read: () => read(own),
    end() {
      if (isOver) return
      isOver = true
      leave()
      if (--own.users > 0) return
      own.stop()
      shared.delete(running)
    },
  }
}

/** Calls a function when a manager has ended, and soon where it has; the result has it not called. */
export function whenEnded({ metrics }: Running, ended: () => void): () => void {
  // Of a manager that has ended it is told later: whoever asks has nothing to end yet.
  const subscription = metrics.metrics$.subscribe({ complete: () => queueMicrotask(ended) })
  return () => subscription.unsubscribe()
}

/** What runs behind a manager. @throws TypeError when it is none */
export function runningOf(manager: ConnectionManager): Running {
  const ref = typeof manager === 'object' && manager !== null ? manager.supervisor : undefined
  const running = ref === undefined ? undefined : runningOn(ref)
  if (running === undefined) throw new TypeError('manager must be a ConnectionManager')
  return running
}

function begin(running: Running): Shared {
  const { world } = running.supervisor
  const tally = new Tally(world)
  const own: Shared = { running, tally, stop: world.observe(tally), users: 0, read: undefined }
  shared.set(running, own)
  return own
}

function read(own: Shared): Readonly<Record<ReadName, Iterable<Point>>> {
  if (own.read === undefined) {
    own.read = readPoints(own.running, own.tally)
    // A registry asks each instrument in one tick: the peers are counted once for all of them.
    queueMicrotask(() => (own.read = undefined))
  }
  return own.read
}
