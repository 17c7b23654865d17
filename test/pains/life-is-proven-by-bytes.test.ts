/** Whoever sends a byte lives, and whoever does not read says that it does. */
import { setImmediate as immediate } from 'node:timers/promises'
import { ConnectionManager, type ManagerOptions } from 'qudag-connections'
import { flush, scripted, VirtualClock } from 'qudag-connections/testing'
import { memory } from 'qudag-connections/transports/memory'
import { tcp } from 'qudag-connections/transports/tcp'
import { expect, test } from 'vitest'
import type { Link, Transport } from '../../src/transports/transport.ts'

const A = 'scripted://a'

test('one message of 16 MiB at 200 KB/s is not the death of its link', async () => {
  const { manager, clock, link, connection } = await connected()
  for (let second = 0; second < 84; second++) {
    link.receivePart(200_000)
    await clock.advanceAsync(1_000)
  }
  expect(manager.status(A)).toBe('Connected')
  expect(connection.latency).toBeNull()
  // Its sender's pings wait behind it.
  expect(link.assurances).toBeGreaterThanOrEqual(84 / 15 - 1)
  await clock.advanceAsync(80_000)
  expect(manager.status(A)).toBe('Failed')
})

test.each([{}, { heartbeat: false as const }, { heartbeat: { idleMs: 600_000, minTimeoutMs: 60_000 } }])(
  'a link that we do not read is assured that we live at least every 15 seconds, with %j',
  async (options) => {
    const { clock, link, connection } = await connected({ ...options, maxBufferedBytes: 8 })
    link.receive(new Uint8Array(8))
    expect(link.paused).toBe(true)
    await clock.advanceAsync(60_000)
    expect(link.assurances).toBeGreaterThanOrEqual(4)
    connection.messages$.subscribe()
    await clock.advanceAsync(20_000)
    const before = link.assurances
    await clock.advanceAsync(20_000)
    expect(link.assurances).toBe(before)
  },
)

test('a link that was paused between two looks is assured too, and one that counts nonsense can still die', async () => {
  const { manager, clock, link, connection } = await connected({ maxBufferedBytes: 8 })
  await clock.advanceAsync(4_000)
  link.receive(new Uint8Array(8))
  connection.messages$.subscribe()
  expect(link.paused).toBe(false)
  await clock.advanceAsync(1_000)
  expect(link.assurances).toBe(1)
  link.receivePart(NaN)
  await clock.advanceAsync(90_000)
  expect(manager.status(A)).toBe('Failed')
})

test('a pooled link whose bytes come while it is checked is used, though its pong waits behind them', async () => {
  const { manager, clock, link, transport } = await connected({ validate: true })
  await manager.disconnect(A)
  await clock.advanceAsync(10_000)
  const again = manager.connect(A)
  await clock.advanceAsync(1)
  link.receivePart(1_000)
  await clock.advanceAsync(10_000)
  await again
  expect([link.state, transport.dials.length]).toEqual(['open', 1])
})

test.each([
  ['tcp', () => tcp(), 'tcp://127.0.0.1:0'],
  ['memory', () => memory(), 'memory:'],
] as const)('a reader that takes minutes keeps its %s link, and everything arrives', async (_, make, at) => {
  const clock = new VirtualClock()
  const { transport, links } = watched(make())
  const hub = new ConnectionManager(4, { transport, clock })
  const { address } = await hub.listen(at)
  const manager = new ConnectionManager(4, { transport, clock })
  const connection = await manager.connect(address.href)
  const arrived = await arrival(hub)
  const reader = arrived[Symbol.asyncIterator]()
  let sent = 0
  while (connection.send(new Uint8Array(64 * 1024).fill(sent++))) if (sent % 16 === 0) await immediate()
  // Now it is the sender whose pings wait, for three minutes.
  for (let look = 0; look < 36; look++) {
    const before = links[0]!.receivedBytes
    await clock.advanceAsync(5_000)
    for (let turn = 0; turn < 2_000 && links[0]!.receivedBytes === before; turn++) await immediate()
  }
  expect(manager.status(address.href)).toBe('Connected')
  for (let n = 0; n < sent; n++) {
    const { value } = await reader.next()
    expect([value?.byteLength, value?.[0]]).toEqual([64 * 1024, n & 0xff])
  }
  expect([hub.metrics.connections, manager.metrics.connections]).toEqual([1, 1])
  await manager.shutdown()
  await hub.shutdown()
})

function arrival(hub: ConnectionManager) {
  const [peer] = [...hub.peers()]
  return new Promise<NonNullable<ReturnType<typeof hub.get>>>((resolve) => {
    const there = peer === undefined ? undefined : hub.get(peer.peerId)
    if (there === undefined) hub.connections$.subscribe(resolve)
    else resolve(there)
  })
}

/** A transport whose dialled links can be looked at. */
function watched(transport: Transport): { transport: Transport; links: Link[] } {
  const links: Link[] = []
  const dial: Transport['dial'] = async (...args) => {
    const link = await transport.dial(...args)
    links.push(link)
    return link
  }
  return { transport: { ...transport, dial }, links }
}

async function connected(options: ManagerOptions = {}) {
  const transport = scripted({ ping: true })
  const clock = new VirtualClock()
  const manager = new ConnectionManager(4, { transport, clock, ...options })
  const connecting = manager.connect(A)
  await flush()
  const link = transport.lastDial(A)!.open()
  return { manager, clock, transport, link, connection: await connecting }
}
