/** A peer that is turned away is told so, counts it as a failure, and comes back no sooner than it was asked to. */
import { once } from 'node:events'
import { createServer } from 'node:net'
import { filter, firstValueFrom, take, toArray } from 'rxjs'
import { expect, onTestFinished, test } from 'vitest'
import { ConnectionManager } from 'qudag-connections'
import { flush, scripted, VirtualClock } from 'qudag-connections/testing'
import { ConnectionError } from '../../src/errors.ts'
import { memory, MemoryNetwork } from '../../src/transports/memory.ts'
import { tcp } from '../../src/transports/tcp.ts'

const rejected = (retryAfterMs?: number): ConnectionError =>
  new ConnectionError('ERR_REJECTED_BY_PEER', 'the hub turned the link away: host-rate', {
    remoteCode: 'ERR_RATE_LIMITED',
    reason: 'host-rate',
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  })

test('a peer that the hub turns away is not connected: it is told the code and the reason, over TCP and in memory', async () => {
  const network = new MemoryNetwork()
  for (const [transport, address] of [
    [() => tcp(), 'tcp://127.0.0.1:0'],
    [() => memory({ network }), 'memory://hub:0'],
  ] as const) {
    const hub = new ConnectionManager(4, { transport: transport(), gate: () => Promise.resolve(false) })
    const listener = await hub.listen(address)
    const client = new ConnectionManager(4, { transport: transport() })
    await expect(client.connect(listener.address.href)).rejects.toMatchObject({
      code: 'ERR_REJECTED_BY_PEER',
      remoteCode: 'ERR_DENIED',
      reason: 'gate',
      peerId: listener.address.href,
    })
    await Promise.all([client.shutdown(), hub.shutdown()])
  }
})

test('a kept peer that a hub turns away counts failures and no success, and its breaker opens', async () => {
  const hub = new ConnectionManager(4, { transport: tcp(), gate: () => Promise.resolve(false) })
  const { address } = await hub.listen('tcp://127.0.0.1:0')
  const client = new ConnectionManager(4, { transport: tcp(), reconnect: { baseMs: 1, maxMs: 1 }, breaker: { failures: 3 } })
  const statuses: (string | undefined)[] = []
  client.transitions$.subscribe(({ to }) => statuses.push(to))
  const failures = firstValueFrom(
    client.transitions$.pipe(
      filter(({ to }) => to === 'Failed'),
      take(3),
      toArray(),
    ),
  )

  await client.connect(address.href, { keep: true }).catch(() => {})
  await failures

  expect(statuses).not.toContain('Connected')
  expect(client.explain(address.href)).toMatchObject({ status: 'Failed', breaker: { state: 'open', failures: 3 } })
  expect(client.metrics.dials.succeeded).toBe(0)
  await Promise.all([client.shutdown(), hub.shutdown()])
})

test('the next dial of a peer that was turned away waits as long as the other side asked', async () => {
  const clock = new VirtualClock()
  const transport = scripted()
  const manager = new ConnectionManager(2, { transport, clock, random: () => 0.5 })
  const connecting = manager.connect('scripted://hub', { keep: true }).catch((error: unknown) => error)
  transport.lastDial()!.fail(rejected(60_000))
  expect(await connecting).toMatchObject({ code: 'ERR_REJECTED_BY_PEER', retryAfterMs: 60_000 })
  clock.advance(59_000)
  expect(transport.dials).toHaveLength(1)
  clock.advance(2_000)
  await flush()
  expect(transport.dials).toHaveLength(2)
  await manager.shutdown()
})

test('a silent server of something else is never Connected', async () => {
  const server = createServer((socket) => void socket.on('error', () => {}).resume()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const { port } = server.address() as { port: number }
  const manager = new ConnectionManager(2, { transport: tcp({ handshakeTimeoutMs: 50 }) })
  const statuses: (string | undefined)[] = []
  manager.transitions$.subscribe(({ to }) => statuses.push(to))
  await expect(manager.connect(`tcp://127.0.0.1:${port}`)).rejects.toMatchObject({ code: 'ERR_DIAL_FAILED' })
  expect(statuses).not.toContain('Connected')
  await manager.shutdown()
})

test('the other side of a link that ends is told why', async () => {
  const hub = new ConnectionManager(4, { transport: tcp() })
  const listener = await hub.listen('tcp://127.0.0.1:0')
  const client = new ConnectionManager(4, { transport: tcp() })
  const connection = await client.connect(listener.address.href)
  const closed = connection.closed
  await hub.shutdown()
  expect(await closed).toEqual({ kind: 'remote', reason: 'shutdown' })
  await client.shutdown()
})

test('a link that the other side replaced is not dialled again by itself, one that it closed for anything else is', async () => {
  for (const reason of ['replaced', 'shutdown']) {
    const clock = new VirtualClock()
    const transport = scripted()
    const manager = new ConnectionManager(2, { transport, clock, random: () => 0.5 })
    const connecting = manager.connect('scripted://hub', { keep: true })
    const link = transport.lastDial()!.open()
    const connection = await connecting
    link.remoteClose(reason)
    expect(await connection.closed).toEqual({ kind: 'remote', reason })
    clock.advance(120_000)
    expect(transport.dials.length > 1).toBe(reason !== 'replaced')
    await manager.shutdown()
  }
})

test('whoever is hung up on is told the reason of this side', async () => {
  const transport = scripted({ autoOpen: true, autoClose: 'sync' })
  const manager = new ConnectionManager(2, { transport, clock: new VirtualClock(), poolTimeoutMs: 0 })
  await manager.connect('scripted://a')
  const a = transport.linkOf('scripted://a')!
  await manager.disconnect('scripted://a', { pool: false })
  expect(a.farewell).toBe('disconnected')
  await manager.connect('scripted://b')
  const b = transport.linkOf('scripted://b')!
  await manager.shutdown()
  expect(b.farewell).toBe('shutdown')
})
