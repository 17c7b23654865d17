/** The suite of stores: every engine keeps the same promises, and whoever writes one can ask whether it does. */
import { platform } from '#platform'
import type { FleetStore } from '../store.ts'
import { HISTORY_ROWS } from './history-rows.ts'
import { LEASE_ROWS, WATCH_ROWS } from './lease-rows.ts'
import type { Party, Row } from './party.ts'
import { WRITE_ROWS } from './write-rows.ts'

/** Two clients of the same data, made anew for each row. @since 0.1.0 */
export interface OpenStores {
  /** Two clients of one store, as two nodes would have them; both may already hold data of other rows. */
  readonly clients: readonly [FleetStore, FleetStore]
  /** Lets the data be lost, as by a server that comes back with an empty disk; adds the row of a loss. It needs data of its own. */
  readonly loseData?: () => void | Promise<void>
  /** Gives back what was made for the row; the clients are closed before. */
  readonly close?: () => void | Promise<void>
}

/** What the suite is told of a store. @since 0.1.0 */
export interface FleetStoreSetup {
  /** The engine's name, in the titles. */
  readonly name: string
  /** Opens both clients, for one row. */
  readonly open: () => OpenStores | Promise<OpenStores>
  /** Whether `open` gives `loseData`. @default false */
  readonly losesData?: boolean
  /** The length of a lease that is to end, in milliseconds. @default 500 */
  readonly leaseMs?: number
  /** How long past its time a lease may last, and news of a change take, in milliseconds; nothing waits for all of it. @default 15_000 */
  readonly lateMs?: number
  /** Lets time pass, in milliseconds; with a clock that a test moves, moves it. @default by the platform's timers */
  readonly wait?: (ms: number) => Promise<void>
  /** The present instant by the clock that `wait` moves, in milliseconds. @default the platform's */
  readonly now?: () => number
}

/** What runs the suite: vitest, jest, mocha, `node:test`, or a few lines of your own. @since 0.1.0 */
export interface StoreTestFramework {
  describe(name: string, body: () => void): void
  /** @param timeoutMs more than the row may take */
  test(name: string, body: () => Promise<void>, timeoutMs: number): void
}

const ROWS: readonly Row[] = [...WRITE_ROWS, ...LEASE_ROWS, ...WATCH_ROWS, ...HISTORY_ROWS]

let prefixes = 0

/**
 * The suite that every store of a fleet passes: writes, conditions, leases, watches, lives, and concurrent claims that must have
 * an order. Its time is the engine's: leases are waited for, nothing else is.
 *
 * @param framework `{ describe, test }` of whatever runs your tests. @default the global ones
 * @since 0.1.0
 * @example
 * import { describe, test } from 'vitest'
 * testFleetStore(
 *   {
 *     name: 'memory',
 *     open: () => {
 *       const store = memoryStore()
 *       return { clients: [store, store.client()], loseData: () => store.forget() }
 *     },
 *     losesData: true,
 *   },
 *   { describe, test },
 * )
 */
export function testFleetStore(setup: FleetStoreSetup, framework: StoreTestFramework = globalFramework()): void {
  const { leaseMs = 500, lateMs = 15_000 } = setup
  framework.describe(`${setup.name} is a store of a fleet`, () => {
    for (const row of ROWS) {
      if (row.needs === 'loseData' && setup.losesData !== true) continue
      framework.test(row.title, () => runRow(row, setup, leaseMs, lateMs), 10 * leaseMs + 4 * lateMs)
    }
  })
}

async function runRow(row: Row, setup: FleetStoreSetup, leaseMs: number, lateMs: number): Promise<void> {
  const opened = await setup.open()
  const closes: (() => unknown)[] = []
  const party: Party = {
    a: opened.clients[0],
    b: opened.clients[1],
    leaseMs,
    lateMs,
    prefix: `row-${++prefixes}-${Math.floor(platform.clock.now())}/`,
    now: setup.now ?? (() => platform.clock.now()),
    wait: setup.wait ?? platformWait,
    atEnd: (close) => void closes.push(close),
    loseData: async () => opened.loseData?.(),
  }
  try {
    await row.run(party)
  } finally {
    for (const close of closes) close()
    await Promise.all(opened.clients.map((client) => client.close()))
    await opened.close?.()
  }
}

/** Not the platform's clock: its timers would let a process end that waits here. */
function platformWait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

function globalFramework(): StoreTestFramework {
  const { describe, test, it } = globalThis as Partial<StoreTestFramework> & { it?: StoreTestFramework['test'] }
  const declareTest = test ?? it
  if (describe === undefined || declareTest === undefined) {
    throw new TypeError(
      'testFleetStore needs a test framework: give it { describe, test } as its second argument, there are no global ones',
    )
  }
  return { describe, test: declareTest }
}
