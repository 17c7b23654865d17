/** Idle eviction that is silently off; a TTL that pings renew; reuse of what the other side has closed. */
import { ConnectionManager, type ManagerOptions } from 'qudag-connections'
import { scripted, VirtualClock } from 'qudag-connections/testing'
import { expect, test } from 'vitest'

const A = 'scripted://a'
const TTL = 300_000

test('idle eviction is on without a word, for every link, at exactly its TTL', async () => {
  const { manager, transport, clock } = kit({})
  for (let i = 0; i < 10; i++) {
    const connection = await manager.connect(`scripted://${i}`)
    await connection.release()
    await clock.advanceAsync(1_000)
  }
  await clock.advanceAsync(TTL - 10_001)
  expect([manager.metrics.pooled, transport.links.size]).toEqual([10, 10])
  for (let left = 9; left >= 0; left--) {
    await clock.advanceAsync(left === 9 ? 1 : 1_000)
    expect([manager.metrics.pooled, transport.links.size]).toEqual([left, left])
  }
  expect(manager.metrics.pool.expired).toBe(10)
})

test('idle eviction goes on when limits change while links wait', async () => {
  const { manager, transport, clock } = kit({})
  await (await manager.connect(A)).release()
  manager.setLimits({ poolTimeoutMs: 2_000 })
  await clock.advanceAsync(1_999)
  expect(transport.links.size).toBe(1)
  await clock.advanceAsync(1)
  expect(transport.links.size).toBe(0)
})

test('a TTL is not renewed by pings, by pongs, or by what the other side says', async () => {
  const { manager, transport, clock } = kit({})
  await (await manager.connect(A)).release()
  const before = transport.sentPings
  for (let i = 0; i < TTL / 1_000 - 1; i++) {
    await clock.advanceAsync(1_000)
    transport.linkOf(A)?.receive(new Uint8Array(1))
  }
  expect([transport.sentPings - before > 30, manager.metrics.pooled]).toEqual([true, 1])
  await clock.advanceAsync(1_000)
  expect([manager.metrics.pooled, transport.links.size]).toEqual([0, 0])
})

test('what the other side has closed is not reused: it is out of the pool at once', async () => {
  const { manager, transport } = kit({})
  await (await manager.connect(A)).release()
  transport.linkOf(A)?.remoteClose()
  expect([manager.status(A), manager.metrics.pooled]).toEqual([undefined, 0])
  const again = await manager.connect(A)
  again.send(new Uint8Array(1))
  expect([transport.dials.length, manager.metrics.pool.hits]).toEqual([2, 0])
})

test('what the other side has closed without a word is not reused, where links are validated', async () => {
  const { manager, transport, clock } = kit({ validate: true })
  await (await manager.connect(A)).release()
  const dead = transport.linkOf(A)
  transport.script.autoPing = undefined
  await clock.advanceAsync(600)
  const connecting = manager.connect(A)
  await clock.advanceAsync(1_000)
  const again = await connecting
  again.send(new Uint8Array(1))
  expect([transport.dials.length, dead?.state, dead?.sent.length]).toEqual([2, 'over', 0])
})

function kit(options: ManagerOptions) {
  const clock = new VirtualClock()
  const transport = scripted({ autoOpen: true, autoClose: 'sync', ping: true, autoPing: 5 })
  return { clock, transport, manager: new ConnectionManager(20, { clock, transport, ...options }) }
}
