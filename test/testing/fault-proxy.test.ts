/** Each fault of the proxy is what a real link of TCP sees of such a network, and closing it leaves nothing. */
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import type { Link } from 'qudag-connections'
import { flush, VirtualClock } from 'qudag-connections/testing'
import { faultProxy, type FaultProxy, type FaultProxyOptions, type ProxyFault, seeded } from 'qudag-connections/testing/fault-proxy'
import { tcp } from 'qudag-connections/transports/tcp'
import { type LinkRecorder, numbered, numberOf, record } from '../transports/link-recorder.ts'

const KIB = 1024
const never = (): AbortSignal => new AbortController().signal
const sockets = (): number => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length

interface Path {
  readonly proxy: FaultProxy
  readonly near: Link
  readonly nearLog: LinkRecorder
  readonly far: Link
  readonly farLog: LinkRecorder
}

/** A link of tcp() whose two ends have a proxy between them. */
async function path(options: FaultProxyOptions = {}): Promise<Path> {
  let arrive!: (link: Link) => void
  const arrived = new Promise<Link>((resolve) => (arrive = resolve))
  const listener = await tcp().listen!(new URL('tcp://127.0.0.1:0'), { onLink: arrive })
  const proxy = await faultProxy(listener.address, options)
  const near = await tcp().dial(proxy.address, { peerId: 'far', signal: never() })
  const far = await arrived
  onTestFinished(async () => {
    for (const link of [near, far]) link.abort()
    await listener.close()
    await proxy.close()
  })
  return { proxy, near, far, nearLog: record(near), farLog: record(far) }
}

/** Sends until the link has pushed back for good. */
async function fill(link: Link, log: LinkRecorder): Promise<number> {
  for (let sent = 0; ;) {
    const { drains } = log
    if (link.send(numbered(sent++, 64 * KIB))) continue
    for (let turns = 0; log.drains === drains; turns++) {
      if (turns === 30) return sent
      await flush()
    }
  }
}

const wanted = (count: number): number[] => Array.from({ length: count }, (_, n) => n)

test('without a fault everything passes, both ways, and a close in order is one', async () => {
  const { near, nearLog, far, farLog } = await path()
  for (let n = 0; n < 200; n++) {
    near.send(numbered(n, 64 * KIB))
    far.send(numbered(n, 1000))
  }
  await Promise.all([nearLog.count(200), farLog.count(200)])
  await near.close()
  expect(await farLog.end()).toEqual({ kind: 'remote' })
  expect([nearLog.messages.map(numberOf), farLog.messages.map(numberOf)]).toEqual([wanted(200), wanted(200)])
})

test('latency: nothing arrives before its time, each way, and all of it then', async () => {
  const clock = new VirtualClock()
  const { proxy, near, nearLog, farLog, far } = await path({ clock })
  near.send(numbered(0))
  await farLog.count(1)
  proxy.latency(100)
  near.send(numbered(1))
  await armed(clock)
  clock.advance(99)
  await flush()
  expect(farLog.messages.length).toBe(1)
  clock.advance(1)
  await farLog.count(2)
  far.send(numbered(3))
  await armed(clock)
  expect(nearLog.messages).toEqual([])
  clock.advance(100)
  await nearLog.count(1)
})

test('latency: a real ping takes that much longer', async () => {
  const { proxy, near } = await path()
  proxy.latency(30)
  expect(await near.ping!(never())).toBeGreaterThanOrEqual(59)
})

test('throttling: so many bytes pass in a second, and the writer is pushed back', async () => {
  const clock = new VirtualClock()
  const { proxy, near, nearLog, farLog } = await path({ clock })
  near.send(numbered(0))
  await farLog.count(1)
  proxy.throttle(1_000_000)
  const sent = await fill(near, nearLog)
  const before = clock.now()
  while (farLog.messages.length < 17) {
    clock.advance(1)
    await flush()
  }
  // 16 messages of 64 KiB are 1.05 s worth.
  expect(clock.now() - before).toBeGreaterThanOrEqual(1_020)
  proxy.throttle(Infinity)
  await farLog.count(sent + 1)
  expect(farLog.messages.slice(1).map(numberOf)).toEqual(wanted(sent))
})

test('slow reads: frames come in the smallest pieces, and come whole', async () => {
  const { proxy, near, farLog } = await path()
  proxy.slowReads(7)
  for (let n = 0; n < 20; n++) near.send(numbered(n, n * 5))
  expect((await farLog.count(20)).map(numberOf)).toEqual(wanted(20))
})

test('a vanished path: nothing passes, nobody is told, and when it is back nothing is lost', async () => {
  const { proxy, near, nearLog, far, farLog } = await path()
  far.send(numbered(0))
  await nearLog.count(1)
  proxy.vanish()
  const abort = new AbortController()
  const reason = new Error('no pong')
  const pinging = near.ping!(abort.signal).catch((error: unknown) => error)
  const sent = await fill(near, nearLog)
  abort.abort(reason)
  expect(await pinging).toBe(reason)
  expect([nearLog.reasons, farLog.reasons, farLog.messages]).toEqual([[], [], []])
  proxy.heal()
  expect((await farLog.count(sent)).map(numberOf)).toEqual(wanted(sent))
})

test('a vanished path hides that a side has gone, until it is back', async () => {
  for (const end of ['close', 'crash'] as const) {
    const { proxy, near, far, farLog, nearLog } = await path()
    far.send(numbered(0))
    await nearLog.count(1)
    proxy.vanish()
    near.send(numbered(1))
    const ended = end === 'close' ? near.close() : Promise.resolve(near.abort(new Error('crash')))
    for (let turns = 0; turns < 20; turns++) await flush()
    expect(farLog.reasons).toEqual([])
    proxy.heal()
    expect((await farLog.end()).kind).toBe(end === 'close' ? 'remote' : 'error')
    await ended
  }
})

test('who dials over a vanished path hears nothing, and is connected when it is back', async () => {
  const { proxy } = await path()
  proxy.vanish()
  let near: Link | undefined
  const arrived = proxy.nextLink()
  const dialing = tcp()
    .dial(proxy.address, { peerId: 'far', signal: never() })
    .then((link) => (near = link))
  await arrived
  await flush()
  expect(near).toBeUndefined()
  proxy.heal()
  ;(await dialing).abort()
})

test('a reset is an error at both ends, also where much is under way', async () => {
  const { proxy, near, nearLog, far, farLog } = await path()
  far.pause()
  await fill(near, nearLog)
  const [link] = proxy.links
  link!.reset()
  expect(await nearLog.end()).toMatchObject({ kind: 'error', error: { code: 'ECONNRESET' } })
  far.resume()
  expect((await farLog.end()).kind).toBe('error')
  await link!.over
  expect(proxy.links).toEqual([])
})

test.each([
  ['toTarget', 3],
  ['toTarget', 4 + 500],
  ['toDialer', 4 + 1000 + 2],
] as const)(
  'a link that is truncated %s after %i bytes ends with an error, after the whole messages before it',
  async (direction, bytes) => {
    const { proxy, near, nearLog, far, farLog } = await path()
    const [from, to] = direction === 'toTarget' ? [near, farLog] : [far, nearLog]
    // A round trip, so that the preambles have passed.
    await near.ping!(never())
    proxy.links[0]!.truncate(bytes, direction)
    for (let n = 0; n < 5; n++) from.send(numbered(n, 1000))
    expect((await to.end()).kind).toBe('error')
    expect(to.messages.map(numberOf)).toEqual(wanted(Math.floor(bytes / 1004)))
    expect((await (to === nearLog ? farLog : nearLog).end()).kind).toBe('error')
  },
)

test('a link alone can be made slow, cut and healed', async () => {
  const { proxy, near, farLog } = await path()
  const [link] = proxy.links
  link!.vanish()
  near.send(numbered(1))
  for (let turns = 0; turns < 10; turns++) await flush()
  expect(farLog.messages).toEqual([])
  link!.latency(1)
  link!.throttle(1_000_000)
  link!.slowReads(100)
  link!.heal()
  expect((await farLog.count(1)).map(numberOf)).toEqual([1])
})

test('the same seed draws the same faults, another seed others, and they happen at their times', async () => {
  const take = (seed: number): ProxyFault[] =>
    Array.from(
      { length: 50 },
      (
        (faults) => () =>
          faults.next().value.fault
      )(seeded(seed)),
    )
  expect(take(7)).toEqual(take(7))
  expect(take(7)).not.toEqual(take(8))
  expect(new Set(take(7).map(({ type }) => type)).size).toBeGreaterThan(6)
  const clock = new VirtualClock()
  const schedule = [
    { afterMs: 10, fault: { type: 'vanish' } },
    { afterMs: 5, fault: { type: 'heal' } },
    { afterMs: 5, fault: { type: 'reset', nth: 0 } },
  ] as const
  const { nearLog, near, farLog } = await path({ clock, schedule })
  clock.advance(10)
  near.send(numbered(1))
  for (let turns = 0; turns < 10; turns++) await flush()
  expect(farLog.messages).toEqual([])
  clock.advance(5)
  await farLog.count(1)
  clock.advance(5)
  expect((await nearLog.end()).kind).toBe('error')
  expect(clock.pending).toBe(0)
})

test('where nobody listens any more, a dial of the proxy fails', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  const proxy = await faultProxy(`tcp://127.0.0.1:${port}`)
  onTestFinished(() => proxy.close())
  await expect(tcp().dial(proxy.address, { peerId: 'nobody', signal: never() })).rejects.toMatchObject({ code: 'ECONNRESET' })
})

test('the address keeps the scheme and the path of its target, and a target without a port is refused', async () => {
  const proxy = await faultProxy('ws://127.0.0.1:9/chat?room=1')
  expect(proxy.address.href).toBe(`ws://127.0.0.1:${proxy.address.port}/chat?room=1`)
  await proxy.close()
  await expect(faultProxy('tcp://127.0.0.1')).rejects.toThrow(/target must name a port/)
})

test('close leaves nothing: no socket, no timer, also in the midst of every fault', async () => {
  const before = sockets()
  const clock = new VirtualClock()
  const server = createServer((socket: Socket) => socket.on('error', () => {})).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const proxy = await faultProxy(`tcp://127.0.0.1:${(server.address() as { port: number }).port}`, { clock, schedule: seeded(1) })
  const dialers: Socket[] = []
  for (const prepare of [() => {}, () => proxy.latency(1000), () => proxy.throttle(1000), () => proxy.slowReads(1), () => proxy.vanish()]) {
    prepare()
    const arrived = proxy.nextLink()
    const dialer = connect(Number(proxy.address.port), '127.0.0.1')
    dialer.on('error', () => {})
    dialers.push(dialer)
    await arrived
    dialer.write(new Uint8Array(1_000_000))
    await flush()
  }
  const gone = dialers.map((dialer) => new Promise((resolve) => dialer.resume().once('close', resolve)))
  await proxy.close()
  await proxy.close()
  await Promise.all(gone)
  await new Promise((resolve) => server.close(resolve))
  await flush()
  expect(sockets()).toBeLessThanOrEqual(before)
  expect([clock.pending, proxy.links]).toEqual([0, []])
})

/** Waits, turn by turn, until something is due. */
async function armed(clock: VirtualClock): Promise<void> {
  while (clock.pending === 0) await flush()
}
