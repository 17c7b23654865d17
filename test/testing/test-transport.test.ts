/** The transport suite passes what is sound, and for each of its rows there is a fault that it finds. */
import { beforeAll, describe, expect, test } from 'vitest'
import { testTransport, type TransportSetup } from 'qudag-connections/testing'
import { collect } from './collecting-framework.ts'
import { PLANTED } from './planted-faults.ts'
import { crashing, MAX_FRAME_BYTES, type Plant, planted, vanishing } from './planted-transport.ts'

/** Small enough that some sixty suites take seconds. The limit is counted in turns: a sound row takes some hundred. */
const SMALL = { maxFrameBytes: MAX_FRAME_BYTES, mostBuffered: 8 * 1024 * 1024, links: 20, limitMs: 600, clock: turnClock() }

/** How many suites run at a time: a row that hangs, as it should, waits for its limit. */
const AT_A_TIME = 4

interface Outcome {
  /** The rows, without their directions. */
  readonly rows: readonly string[]
  /** Those that failed. */
  readonly failed: readonly string[]
  readonly complaints: readonly string[]
}

describe('the transport suite', () => {
  const outcomes = new Map<string, Outcome>()

  beforeAll(async () => {
    const waiting: (readonly [string, Plant])[] = [['sound', {}], ...PLANTED.map(([name, , plant]) => [name, plant] as const)]
    const work = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) outcomes.set(next[0], await outcomeOf(next[1]))
    }
    await Promise.all(Array.from({ length: AT_A_TIME }, work))
  }, 300_000)

  test('passes a transport that is sound', () => {
    expect(outcomes.get('sound')).toMatchObject({ failed: [], complaints: [] })
    expect(outcomes.get('sound')?.rows.length).toBeGreaterThan(40)
  })

  test.each(PLANTED)('finds a transport that %s', (name, starts) => {
    const { failed, rows, complaints } = outcomes.get(name)!
    if (failed.length > 2) if (name.includes('never refuses')) console.error(name, complaints)
    expect(failed).toEqual(rows.filter((row) => starts.some((start) => row.startsWith(start))))
    expect(new Set(starts.map((start) => rows.filter((row) => row.startsWith(start)).length))).toEqual(new Set([1]))
  })

  test('has no row that no planted fault fails', () => {
    const starts = PLANTED.flatMap(([, found]) => found)
    expect(outcomes.get('sound')?.rows.filter((row) => !starts.some((start) => row.startsWith(start)))).toEqual([])
  })
})

async function outcomeOf(plant: Plant): Promise<Outcome> {
  const setup: TransportSetup = {
    ...SMALL,
    open: () => planted(plant),
    crash: (victim) => crashing(plant, victim),
    vanish: () => vanishing(plant),
  }
  const { titles, failures } = await collect((framework) => testTransport('planted', setup, framework))
  return { rows: rowsOf(titles), failed: rowsOf([...failures.keys()]), complaints: [...failures].map((failure) => failure.join(': ')) }
}

/** The rows' titles, each once, without their directions. */
function rowsOf(titles: readonly string[]): string[] {
  return [
    ...new Set(titles.map((title) => title.replace(/^(dialing and listening|admission|the \w+ writes, the \w+ reads): /, ''))),
  ].toSorted()
}

/**
 * Timers that count turns of the event loop instead of milliseconds. All that memory() does happens in turns, so that
 * a row hangs, or does not, however busy the machine is.
 */
function turnClock() {
  interface Timer {
    left: number
  }
  return {
    setTimeout(f: () => void, turns: number): Timer {
      const timer = { left: turns }
      const turn = (): void => {
        if (timer.left <= 0) return
        if (--timer.left === 0) f()
        else setImmediate(turn)
      }
      setImmediate(turn)
      return timer
    },
    clearTimeout(timer: unknown): void {
      ;(timer as Timer).left = 0
    },
  }
}
