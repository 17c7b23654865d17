/** Every transport keeps the same promises, and whoever writes one can ask whether it does. */
import { steppedTimers, type Clock } from '../clock.ts'
import type { Transport } from '../transports/transport.ts'
import type { Ability, SideName } from './transport-suite/party.ts'
import type { Row } from './transport-suite/row.ts'
import { ADMISSION_ROWS, CRASH_ROWS, DIAL_ROWS, LINK_ROWS, VANISH_ROWS } from './transport-suite/rows.ts'
import { runRow } from './transport-suite/run-row.ts'
import { localSide, type Side } from './transport-suite/side.ts'

/** Both ends of the transport, made anew for each row. @since 0.1.0 */
export interface TransportEnds {
  /** Who dials: a transport, or a {@link farSide} that has one. */
  readonly dialer: Transport | Side
  /** Who listens; it may be the same transport. */
  readonly listener: Transport | Side
  /** Where to listen; a free place must be found, as with port 0. */
  readonly address: URL | string
  /** Where the dialer reaches what listens at `address`, where something is between them, a proxy say. @default there */
  readonly via?: (address: URL) => URL | Promise<URL>
  /** How many sockets are open, in whichever process matters; every row must leave as many as it found. @default not looked at */
  readonly sockets?: () => number | Promise<number>
  /** Gives back what was made for the row. */
  readonly close?: () => void | Promise<void>
}

/** Both ends, and a way to cut what is between them. @since 0.1.0 */
export interface CuttableEnds extends TransportEnds {
  /** Kills the process of that side, or takes the whole path away without a close; nothing passes any more when it returns. */
  readonly cut: () => void | Promise<void>
}

/** Both ends, and a path between them that can be taken away and given back. @since 0.1.0 */
export interface HealableEnds extends CuttableEnds {
  /** Gives the path back. */
  readonly heal: () => void | Promise<void>
}

/** What the suite is told of a transport. @since 0.1.0 */
export interface TransportSetup {
  /** Makes both ends, for one row. */
  readonly open: () => TransportEnds | Promise<TransportEnds>
  /** The largest message that the transport takes, in bytes. @default 16 MiB */
  readonly maxFrameBytes?: number
  /** How many bytes a writer may get rid of while its reader has stopped: all buffers of both ends and of the system. @default 64 MiB */
  readonly mostBuffered?: number
  /** How many links at once. @default 1_000 */
  readonly links?: number
  /** What a side cannot do: a browser's WebSocket can neither pause nor ping, a listener without `onArrival` not `admit`, links
   * that do not pass on the reason of a close not tell `reasons`. Other rows say what is so instead. @default both can everything */
  readonly cannot?: { readonly [S in SideName]?: readonly Ability[] }
  /** How long a row may take, in milliseconds; the crowd four times that. @default 20_000 */
  readonly limitMs?: number
  /** Times the limits. @default the platform's timers */
  readonly clock?: Pick<Clock, 'setTimeout' | 'clearTimeout'>
  /** Makes both ends, `victim` in a process of its own, which `cut` kills: adds the rows of a crash. */
  readonly crash?: (victim: SideName) => CuttableEnds | Promise<CuttableEnds>
  /** Makes both ends with a path between them that `cut` takes away without a close: adds the rows of a vanished path. */
  readonly vanish?: () => HealableEnds | Promise<HealableEnds>
}

/** What runs the suite: vitest, jest, mocha, `node:test`, or a few lines of your own. @since 0.1.0 */
export interface TestFramework {
  describe(name: string, body: () => void): void
  /** @param timeoutMs more than the row itself takes before it gives up */
  test(name: string, body: () => Promise<void>, timeoutMs: number): void
}

const LIMIT_MS = 20_000
const PLATFORM_TIMERS = steppedTimers<Pick<Clock, 'setTimeout' | 'clearTimeout'>>({
  setTimeout: (f, ms) => setTimeout(f, ms),
  clearTimeout: (id) => clearTimeout(id as ReturnType<typeof setTimeout>),
})
const DIRECTIONS = ['dialer', 'listener'] as const

/**
 * The suite that every transport passes: says what a link, a dial and a listener must do, in both directions, and tests
 * that those of this transport do. Needs nothing of the platform but timers; runs in browsers too.
 *
 * @param setup how both ends are made; a function alone is its `open`
 * @param framework `{ describe, test }` of whatever runs your tests. @default the global ones
 * @since 0.1.0
 * @example
 * import { describe, test } from 'vitest'
 * testTransport('tcp', () => ({ dialer: tcp(), listener: tcp(), address: 'tcp://127.0.0.1:0' }), { describe, test })
 */
export function testTransport(
  name: string,
  setup: TransportSetup | TransportSetup['open'],
  framework: TestFramework = globalFramework(),
): void {
  const given: TransportSetup = typeof setup === 'function' ? { open: setup } : setup
  const { crash, vanish } = given
  const { describe } = framework
  describe(`${name} is a transport`, () => {
    describe('dialing and listening', () => declare(DIAL_ROWS, 'dialer', given, given.open, framework))
    describe('admission', () => declare(ADMISSION_ROWS, 'dialer', given, given.open, framework))
    for (const writer of DIRECTIONS) {
      const reader = writer === 'dialer' ? 'listener' : 'dialer'
      describe(`the ${writer} writes, the ${reader} reads`, () => {
        declare(LINK_ROWS, writer, given, given.open, framework)
        if (crash !== undefined) declare(CRASH_ROWS, writer, given, () => crash(reader), framework)
        if (vanish !== undefined) declare(VANISH_ROWS, writer, given, vanish, framework)
      })
    }
  })
}

type Open = () => TransportEnds | CuttableEnds | Promise<TransportEnds | CuttableEnds>

function declare(rows: readonly Row[], writer: SideName, setup: TransportSetup, open: Open, { test }: TestFramework): void {
  const limitMs = setup.limitMs ?? LIMIT_MS
  for (const row of rows.filter((candidate) => applies(candidate, writer, setup))) {
    test(row.title, () => run(row, writer, setup, open, limitMs), (row.timesLimit ?? 1) * limitMs * 3)
  }
}

function applies({ writerNeeds, readerNeeds, readerLacks, eitherLacks }: Row, writer: SideName, { cannot }: TransportSetup): boolean {
  const reader = writer === 'dialer' ? 'listener' : 'dialer'
  const isLacking = (side: SideName, ability: Ability | undefined): boolean =>
    ability !== undefined && (cannot?.[side]?.includes(ability) ?? false)
  if (isLacking(writer, writerNeeds) || isLacking(reader, readerNeeds)) return false
  if (eitherLacks !== undefined && !isLacking(writer, eitherLacks) && !isLacking(reader, eitherLacks)) return false
  return readerLacks === undefined || isLacking(reader, readerLacks)
}

async function run(row: Row, writer: SideName, setup: TransportSetup, open: Open, limitMs: number): Promise<void> {
  const ends = await open()
  try {
    await runRow(row, writer, {
      ...ends,
      dialer: sideOf(ends.dialer),
      listener: sideOf(ends.listener),
      limitMs,
      clock: setup.clock ?? PLATFORM_TIMERS,
      facts: {
        address: new URL(ends.address).href,
        maxFrameBytes: setup.maxFrameBytes ?? 16 * 1024 * 1024,
        mostBuffered: setup.mostBuffered ?? 64 * 1024 * 1024,
        links: setup.links ?? 1_000,
        bothPause: DIRECTIONS.every((side) => setup.cannot?.[side]?.includes('pause') !== true),
      },
    })
  } finally {
    await ends.close?.()
  }
}

function sideOf(end: Transport | Side): Side {
  return 'play' in end ? end : localSide(end)
}

function globalFramework(): TestFramework {
  const { describe, test, it } = globalThis as Partial<TestFramework> & { it?: TestFramework['test'] }
  const declareTest = test ?? it
  if (describe === undefined || declareTest === undefined) {
    throw new TypeError('testTransport needs a test framework: give it { describe, test } as its third argument, there are no global ones')
  }
  return { describe, test: declareTest }
}
