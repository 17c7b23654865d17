/** When everybody is lost in one instant, nobody is asked for all of them in the next, and all come back. */
import { expect, test } from 'vitest'
import { ConnectionManager } from 'qudag-connections'
import { scripted, VirtualClock } from 'qudag-connections/testing'
import { mulberry32 } from '../../src/testing/mulberry32.ts'

const PEERS = 1_000
const BIN_MS = 100
/** Peak dials per 100 ms, as part of what they would be in lockstep. */
const BAR = 0.05

test.each([
  { dialMs: 0, of: 'no time at all' },
  { dialMs: 1, of: 'the machine itself' },
  { dialMs: 10, of: 'a machine room' },
  { dialMs: 20, of: 'a network nearby' },
  { dialMs: 150, of: 'the other side of the world' },
])('1,000 kept peers lose their links at once, dials as of $of: at most 5 % of them are dialled in any 100 ms', async ({ dialMs }) => {
  const { peak, most, left } = await storm(dialMs)
  expect(peak).toBeLessThanOrEqual(BAR * PEERS)
  expect(most).toBeLessThanOrEqual(5)
  expect(left).toEqual({ timers: 0, live: 0 })
})

/** One storm with the options that a manager has by default. @param dialMs how long each dial takes */
async function storm(dialMs: number) {
  const clock = new VirtualClock()
  const dialled: number[] = []
  const transport = scripted({ autoClose: 'sync', autoOpen: true })
  const manager = new ConnectionManager(PEERS, { transport, clock, random: mulberry32(7) })
  for (let n = 0; n < PEERS; n++) await manager.connect(`scripted://kept-${n}`, { keep: true })
  let most = 0
  transport.autoOpen = false
  transport.ledger.watch = (event, peerId) => {
    if (event !== 'dial') return
    dialled.push(clock.now())
    most = Math.max(most, transport.ledger.dialing)
    clock.setTimeout(() => transport.lastDial(peerId)?.open(), dialMs)
  }
  const began = clock.now()
  for (const link of transport.links) link.fail(new Error('outage'))
  expect(manager.metrics.byStatus.Failed).toBe(PEERS)
  while (manager.metrics.connections < PEERS) await clock.advanceAsync(BIN_MS)
  const took = clock.now() - began
  expect(dialled).toHaveLength(PEERS)
  await manager.shutdown()
  const peak = peakOf(dialled)
  console.log(
    `a storm of ${PEERS}, each dial ${dialMs} ms: peak ${peak} dials in ${BIN_MS} ms (${((100 * peak) / PEERS).toFixed(1)} % of lockstep), ` +
      `at most ${most} at once, all back after ${took / 1000} s`,
  )
  return { peak, most, took, left: { timers: clock.pending, live: transport.ledger.live } }
}

/** The most of these instants, which are in order, that lie within any one window. */
function peakOf(instants: readonly number[]): number {
  let first = 0
  let peak = 0
  instants.forEach((at, last) => {
    while (at - (instants[first] ?? at) >= BIN_MS) first++
    peak = Math.max(peak, last - first + 1)
  })
  return peak
}
