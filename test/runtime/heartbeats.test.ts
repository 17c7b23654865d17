/** Links that died in silence are found, links that live are left alone, and neither costs more pings than it must. */
import { type Connection, ConnectionManager, type ManagerOptions, type Transition } from 'qudag-connections'
import { flush, scripted, type ScriptedLink, type ScriptedOptions } from 'qudag-connections/testing'
import { describe, expect, test } from 'vitest'
import { StallingClock } from './stalling-clock.ts'

const A = 'scripted://a'
const NEVER = 3_600_000

describe('a link that answers nothing', () => {
  test('is lost after 60 seconds of silence and three misses, not before, and everybody learns why', async () => {
    const { manager, clock, link, connection, reasons } = await connected()
    await clock.advanceAsync(59_999)
    expect(manager.status(A)).toBe('Connected')
    await clock.advanceAsync(5_001)
    expect([manager.status(A), link.state, manager.metrics.connections]).toEqual(['Failed', 'over', 0])
    expect(reasons()).toEqual(['connect', 'opened', 'heartbeat-lost'])
    const closed = await connection.closed
    expect(closed).toMatchObject({ kind: 'error', error: { code: 'ETIMEDOUT' } })
    expect([...manager.peers()][0]?.failure).toMatchObject({ code: 'ETIMEDOUT', address: A })
    expect(() => connection.send(bytes(1))).toThrow(expect.objectContaining({ code: 'ERR_NOT_CONNECTED' }))
  })

  test('is lost as late as its many misses take, where silence is short', async () => {
    const { manager, clock } = await connected({ heartbeat: { silenceMs: 1, misses: 4 } })
    // 5, 10, 20 and 40 seconds: each question waits twice as long for its answer.
    await clock.advanceAsync(74_999)
    expect(manager.status(A)).toBe('Connected')
    await clock.advanceAsync(10_001)
    expect(manager.status(A)).toBe('Failed')
  })

  test('leaves the pool', async () => {
    const { manager, clock, link, reasons } = await connected()
    await manager.disconnect(A)
    await clock.advanceAsync(66_000)
    expect([manager.status(A), link.state, manager.metrics.pooled]).toEqual([undefined, 'over', 0])
    expect(reasons().slice(2)).toEqual(['disconnect', 'remote-closed'])
  })

  test.each([
    ['closed by the other side', (link: ScriptedLink) => link.remoteClose()],
    ['broken', (link: ScriptedLink) => link.fail(new Error('cut'))],
  ])('is asked nothing more once it is %s while it is pooled', async (_, end) => {
    const { manager, clock, link } = await connected()
    await manager.disconnect(A)
    end(link)
    let asked = 0
    Object.assign(link, { ping: async () => ++asked })
    await clock.advanceAsync(NEVER)
    expect([manager.status(A), asked]).toEqual([undefined, 0])
  })

  test('is dialled again where the peer is kept', async () => {
    const { manager, transport, clock } = kit({ random: () => 0 })
    const connecting = manager.connect(A, { keep: true })
    await flush()
    transport.lastDial(A)?.open()
    await connecting
    await clock.advanceAsync(66_000)
    expect([transport.dials.length, manager.status(A)]).toEqual([2, 'Connecting'])
  })

  test('is left alone with heartbeat: false, and goes on to be measured', async () => {
    const { manager, clock, transport, link } = await connected({ heartbeat: false })
    await clock.advanceAsync(NEVER)
    expect(manager.status(A)).toBe('Connected')
    expect(transport.sentPings).toBeGreaterThan(50)
    expect(link.pings).toBeLessThanOrEqual(4)
  })
})

describe('a sign of life', () => {
  test('is any message', async () => {
    const { manager, clock, link } = await connected()
    for (let i = 0; i < 60; i++) {
      await clock.advanceAsync(30_000)
      link.receive(bytes(i))
    }
    expect(manager.status(A)).toBe('Connected')
    await clock.advanceAsync(75_000)
    expect(manager.status(A)).toBe('Failed')
  })

  test('is any pong', async () => {
    const { manager, clock } = await connected({}, { autoPing: 30 })
    await clock.advanceAsync(NEVER)
    expect(manager.status(A)).toBe('Connected')
  })

  test('is a pong that comes late, for a ping that was missed already', async () => {
    const { manager, clock, link, connection } = await connected()
    for (let i = 0; i < 10; i++) {
      await clock.advanceAsync(50_000)
      expect(link.answerPing(40_000)).toBe(true)
      await flush()
    }
    expect([manager.status(A), connection.latency]).toEqual(['Connected', 40_000])
  })

  test('costs a message no look at the clock', async () => {
    const { clock, link, connection } = await connected()
    connection.messages$.subscribe()
    const before = clock.asked
    for (let i = 0; i < 1_000; i++) link.receive(bytes(i))
    expect(clock.asked).toBe(before)
  })

  test('cannot come while we do not read ourselves', async () => {
    const { manager, clock, link, connection } = await connected({ maxBufferedBytes: 8 })
    for (let i = 0; i < 8; i++) link.receive(bytes(i))
    expect(link.paused).toBe(true)
    await clock.advanceAsync(NEVER)
    expect(manager.status(A)).toBe('Connected')
    connection.messages$.subscribe()
    expect(link.paused).toBe(false)
    await clock.advanceAsync(58_000)
    expect(manager.status(A)).toBe('Connected')
    await clock.advanceAsync(20_000)
    expect(manager.status(A)).toBe('Failed')
  })
})

describe('a stall of our own process', () => {
  test('is no silence of theirs: the tick after it gives no verdict, and what lies unread counts', async () => {
    const { manager, clock, link } = await connected()
    await clock.advanceAsync(40_000)
    clock.stall(600_000)
    // The timers come first, as they do in an event loop; the pong is read right after them.
    clock.advance(5_000)
    expect(manager.status(A)).toBe('Connected')
    link.answerPing(20)
    await flush()
    await clock.advanceAsync(20_000)
    expect(manager.status(A)).toBe('Connected')
  })

  test('only delays the verdict on a link that is dead all the same', async () => {
    const { manager, clock } = await connected()
    await clock.advanceAsync(40_000)
    clock.stall(600_000)
    await clock.advanceAsync(5_000)
    expect(manager.status(A)).toBe('Connected')
    await clock.advanceAsync(30_000)
    expect(manager.status(A)).toBe('Failed')
  })
})

describe('pings', () => {
  test('a link that is measured every five seconds is not asked beside that', async () => {
    const { transport, clock } = await connected({}, { autoPing: 30 })
    await clock.advanceAsync(600_000)
    expect(transport.sentPings).toBe(1 + 600 / 5)
  })

  test('a link that is hardly ever measured is asked after its silence, and not while it speaks', async () => {
    const { transport, clock, link } = await connected({ metrics: { latencyMs: NEVER } }, { autoPing: 30 })
    for (let i = 0; i < 20; i++) {
      await clock.advanceAsync(10_000)
      link.receive(bytes(i))
    }
    expect(transport.sentPings).toBe(1)
    await clock.advanceAsync(20_001)
    expect(transport.sentPings).toBe(2)
    await clock.advanceAsync(150_000)
    expect(transport.sentPings).toBe(12)
  })

  test('an unanswered link is asked again when its answer is overdue, and never has more than four questions open', async () => {
    const { transport, clock, link } = await connected({ metrics: { latencyMs: NEVER }, heartbeat: { misses: 100 } })
    await clock.advanceAsync(34_000)
    expect(transport.sentPings).toBe(3)
    for (let i = 0; i < 100; i++) {
      await clock.advanceAsync(10_000)
      expect(link.pings).toBeLessThanOrEqual(4)
    }
  })

  test('a link that speaks and never answers has no more than four questions open either', async () => {
    const { manager, clock, link } = await connected()
    for (let i = 0; i < 200; i++) {
      await clock.advanceAsync(5_000)
      link.receive(bytes(i))
      expect(link.pings).toBeLessThanOrEqual(4)
    }
    expect(manager.status(A)).toBe('Connected')
  })

  test('measuring and asking together keep within 200 a second', async () => {
    const size = 3_000
    const { manager, transport, clock } = kit({ metrics: { latencyMs: 1_000 } }, { autoOpen: true }, size)
    for (let i = 0; i < size; i++) await manager.connect(`scripted://${i}`)
    let before = transport.sentPings
    for (let i = 0; i < 50; i++) {
      await clock.advanceAsync(1_000)
      expect(transport.sentPings - before).toBeLessThanOrEqual(201)
      before = transport.sentPings
    }
    expect(transport.sentPings).toBeGreaterThan(5_000)
  })

  test('of many links the silent one is asked first, and found as soon as if it were alone', async () => {
    const size = 3_000
    const { manager, transport, clock } = kit({ metrics: { latencyMs: 1_000 } }, { autoOpen: true, autoPing: 5 }, size)
    for (let i = 0; i < size; i++) await manager.connect(`scripted://${i}`)
    await clock.advanceAsync(60_000)
    const links = [...transport.links]
    transport.script.autoPing = undefined
    // All but one go on to speak.
    for (let i = 0; i < 16; i++) {
      for (const link of links.slice(1)) link.receive(bytes(i))
      await clock.advanceAsync(5_000)
    }
    expect([links[0]?.state, manager.metrics.byStatus]).toEqual(['over', expect.objectContaining({ Connected: size - 1, Failed: 1 })])
  })

  test('links that cannot ping are never asked, never lost, and arm nothing', async () => {
    const { manager, transport, clock } = await connected({}, { ping: false })
    const before = clock.armed
    await clock.advanceAsync(NEVER)
    expect([manager.status(A), transport.sentPings]).toEqual(['Connected', 0])
    // The metrics are sampled once a second; nothing else happens.
    expect(clock.armed - before).toBeLessThanOrEqual(NEVER / 1_000 + 1)
  })

  test('nothing is left of them after shutdown', async () => {
    const { manager, clock, link } = await connected()
    await clock.advanceAsync(20_000)
    const shutting = manager.shutdown({ timeoutMs: 1 })
    await clock.advanceAsync(1)
    await shutting
    expect([clock.pending, link.pings]).toEqual([0, 0])
  })
})

describe('the option heartbeat', () => {
  test.each([
    [{ idleMs: 0 }, RangeError],
    [{ idleMs: '1' }, TypeError],
    [{ minTimeoutMs: 0 }, RangeError],
    [{ minTimeoutMs: 10, maxTimeoutMs: 9 }, RangeError],
    [{ misses: 0.5 }, RangeError],
    [{ silenceMs: Infinity }, RangeError],
    [true, TypeError],
    [null, TypeError],
  ])('%o is refused', (heartbeat, error) => {
    expect(() => new ConnectionManager(1, { heartbeat } as never)).toThrow(error)
    expect(() => new ConnectionManager(1, { heartbeat } as never)).toThrow('heartbeat')
  })
})

function kit(options: ManagerOptions = {}, script: ScriptedOptions = {}, max = 4) {
  const clock = new StallingClock()
  const transport = scripted({ ping: true, ...script })
  const manager = new ConnectionManager(max, { clock, transport, ...options })
  const transitions: Transition[] = []
  manager.transitions$.subscribe((transition) => transitions.push(transition))
  return { manager, transport, clock, reasons: () => transitions.map(({ reason }) => reason) }
}

async function connected(options: ManagerOptions = {}, script: ScriptedOptions = {}) {
  const made = kit(options, script)
  const connecting = made.manager.connect(A)
  await flush()
  const link = made.transport.lastDial(A)?.open() as ScriptedLink
  const connection: Connection = await connecting
  return { ...made, link, connection }
}

function bytes(...values: number[]): Uint8Array {
  return Uint8Array.from(values)
}
