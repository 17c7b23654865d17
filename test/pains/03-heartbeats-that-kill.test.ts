/** Heartbeats that kill healthy links on the first miss, or during a stall of one's own process; dead links kept for ever. */
import { type Connection, ConnectionManager } from 'qudag-connections'
import { flush, scripted, type ScriptedLink } from 'qudag-connections/testing'
import { expect, test } from 'vitest'
import { StallingClock } from '../runtime/stalling-clock.ts'

const A = 'scripted://a'

test('a healthy link survives a first miss, and a second', async () => {
  const { manager, clock, link } = await connected()
  for (let i = 0; i < 50; i++) {
    // 5 and 10 seconds long two questions wait in vain; only then there is an answer.
    await clock.advanceAsync(21_000)
    while (link.pings > 0) link.answerPing(20)
    await flush()
    expect(manager.status(A)).toBe('Connected')
  }
})

test('a healthy link survives a stall of our own process, however long, wherever in its silence it falls', async () => {
  for (const quietMs of [0, 4_999, 15_000, 30_000, 55_000, 59_999]) {
    const { manager, clock, link } = await connected()
    await clock.advanceAsync(quietMs)
    clock.stall(3_600_000)
    // In an event loop the late timers come first, and what arrived meanwhile is read right after them.
    clock.advance(5_000)
    while (link.pings > 0) link.answerPing(20)
    await flush()
    await clock.advanceAsync(50_000)
    expect([quietMs, manager.status(A)]).toEqual([quietMs, 'Connected'])
  }
})

test('a healthy link that only we do not read is not dead', async () => {
  const { manager, clock, link } = await connected()
  for (let i = 0; i < 16; i++) link.receive(new Uint8Array(1))
  expect(link.paused).toBe(true)
  await clock.advanceAsync(3_600_000)
  expect(manager.status(A)).toBe('Connected')
})

test('a dead link is not kept for ever, connected or pooled, and whoever holds it learns why', async () => {
  const { manager, clock, link, connection } = await connected()
  await clock.advanceAsync(66_000)
  expect([manager.status(A), link.state]).toEqual(['Failed', 'over'])
  expect(await connection.closed).toMatchObject({ kind: 'error', error: { code: 'ETIMEDOUT' } })

  const idle = await connected()
  await idle.manager.disconnect(A)
  await idle.clock.advanceAsync(66_000)
  expect([idle.manager.status(A), idle.link.state]).toEqual([undefined, 'over'])
})

/** A link that answers only when the test says so. */
async function connected() {
  const clock = new StallingClock()
  const transport = scripted({ ping: true })
  const manager = new ConnectionManager(4, { clock, transport, maxBufferedBytes: 16 })
  const connecting = manager.connect(A)
  await flush()
  const link = transport.lastDial(A)?.open() as ScriptedLink
  const connection: Connection = await connecting
  return { manager, clock, link, connection }
}
