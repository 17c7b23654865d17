/** A pooled link is reused only while it is young enough, fresh and, where asked for, alive. */
import { type Connection, ConnectionManager, type ManagerOptions, type Transition } from 'qudag-connections'
import { flush, scripted, type ScriptedLink, type ScriptedOptions, VirtualClock } from 'qudag-connections/testing'
import { describe, expect, test } from 'vitest'

const A = 'scripted://a'
const B = 'scripted://b'

describe('validate: a pooled link that was idle for longer than 500 ms', () => {
  test('is pinged, and reused when it answers; the connect waits for that', async () => {
    const { manager, transport, clock, link, reasons } = await pooled({ validate: true })
    await clock.advanceAsync(501)
    const before = transport.sentPings
    const connecting = manager.connect(A)
    await flush()
    expect([transport.sentPings - before, manager.status(A), manager.metrics.pooled]).toEqual([1, 'Disconnected', 1])
    answer(link)
    const connection = await connecting
    connection.send(new Uint8Array(3))
    expect([manager.status(A), transport.dials.length, link.sent.length, manager.metrics.pool.hits]).toEqual(['Connected', 1, 1, 1])
    expect(reasons()).toEqual(['connect', 'opened', 'disconnect', 'reused'])
  })

  test('that does not answer is aborted, and the connect dials in the same slot', async () => {
    const { manager, transport, clock, link, reasons } = await pooled({ validate: true, max: 1 })
    await clock.advanceAsync(501)
    const connecting = manager.connect(A)
    await clock.advanceAsync(999)
    expect([transport.dials.length, link.state]).toEqual([1, 'open'])
    await clock.advanceAsync(1)
    expect([transport.dials.length, link.state, manager.status(A), transport.ledger.peak]).toEqual([2, 'over', 'Connecting', 1])
    transport.lastDial(A)?.open()
    expect((await connecting).peerId).toBe(A)
    expect(reasons()).toEqual(['connect', 'opened', 'disconnect', 'remote-closed', 'connect', 'opened'])
    expect(manager.metrics.pool).toMatchObject({ hits: 0, misses: 2 })
  })

  test('that fails the ping, or ends meanwhile, is dialled at once', async () => {
    for (const end of [(link: ScriptedLink) => link.fail(new Error('reset')), (link: ScriptedLink) => link.remoteClose(), failPings]) {
      const { manager, transport, clock, link } = await pooled({ validate: true })
      await clock.advanceAsync(501)
      const connecting = manager.connect(A)
      await flush()
      end(link)
      await flush()
      expect([transport.dials.length, link.state]).toEqual([2, 'over'])
      transport.lastDial(A)?.open()
      await connecting
    }
  })

  test('is given half of a short connectTimeoutMs, and the dial has its own', async () => {
    const { manager, transport, clock } = await pooled({ validate: true, connectTimeoutMs: 700 })
    await clock.advanceAsync(501)
    const failing = outcome(manager.connect(A))
    await clock.advanceAsync(350)
    expect(transport.dials).toHaveLength(2)
    await clock.advanceAsync(700)
    expect(await failing).toMatchObject({ code: 'ERR_CONNECT_TIMEOUT' })
  })

  test('is asked once for all who connect meanwhile', async () => {
    const { manager, transport, clock, link } = await pooled({ validate: true })
    await clock.advanceAsync(501)
    const before = transport.sentPings
    const connecting = [manager.connect(A), manager.connect(A), manager.connect(A)]
    await flush()
    expect(transport.sentPings - before).toBe(1)
    answer(link)
    const connections = await Promise.all(connecting)
    expect(new Set(connections).size).toBe(3)
  })

  test('is nobody else’s victim while it is asked', async () => {
    const { manager, transport, clock, link } = await pooled({ validate: true, max: 1 })
    await clock.advanceAsync(501)
    const connecting = manager.connect(A)
    expect(await outcome(manager.connect(B))).toMatchObject({ code: 'ERR_MAX_CONNECTIONS' })
    manager.setLimits({ maxIdle: 0 })
    answer(link)
    await connecting
    expect([transport.dials.length, transport.ledger.peak]).toEqual([1, 1])
  })

  test('is aborted when the last caller leaves before it has answered', async () => {
    const { manager, clock, link, reasons } = await pooled({ validate: true })
    await clock.advanceAsync(501)
    const leavers = [new AbortController(), new AbortController()]
    const calls = leavers.map(({ signal }) => outcome(manager.connect(A, { signal })))
    leavers[0]?.abort('first')
    expect([await calls[0], link.state]).toEqual(['first', 'open'])
    leavers[1]?.abort('second')
    expect([await calls[1], link.state, manager.status(A), link.pings]).toEqual(['second', 'over', undefined, 0])
    expect(reasons().at(-1)).toBe('remote-closed')
  })

  test.each([true, false])('a disconnect (pool: %s) meanwhile overtakes its callers and closes it', async (pool) => {
    const { manager, clock, link } = await pooled({ validate: true }, { autoClose: 'sync' })
    await clock.advanceAsync(501)
    const overtaken = outcome(manager.connect(A))
    await manager.disconnect(A, { pool })
    expect(await overtaken).toMatchObject({ code: 'ERR_DISCONNECTED' })
    expect([manager.status(A), link.state]).toEqual([undefined, 'over'])
  })

  test('a report of its failure and a shutdown end its callers too', async () => {
    const failed = await pooled({ validate: true })
    await failed.clock.advanceAsync(501)
    const overtaken = outcome(failed.manager.connect(A))
    await failed.manager.updateStatus(A, 'Failed')
    expect(await overtaken).toMatchObject({ code: 'ERR_DISCONNECTED' })
    const stopped = await pooled({ validate: true }, { autoClose: 'sync' })
    await stopped.clock.advanceAsync(501)
    const refused = outcome(stopped.manager.connect(A))
    await stopped.manager.shutdown()
    expect(await refused).toMatchObject({ code: 'ERR_STOPPED' })
    expect([stopped.clock.pending, stopped.transport.links.size]).toEqual([0, 0])
  })

  test('is never used after its TTL, however late it answers', async () => {
    const { manager, transport, clock, link, reasons } = await pooled({ validate: true, poolTimeoutMs: 1_000 })
    await clock.advanceAsync(900)
    const connecting = manager.connect(A)
    await clock.advanceAsync(100)
    expect([link.state, transport.dials.length, manager.metrics.pool.expired]).toEqual(['over', 2, 1])
    transport.lastDial(A)?.open()
    await connecting
    expect(reasons().slice(3)).toEqual(['pool-expired', 'connect', 'opened'])
  })

  test('is replaced by a link that arrives, which serves its callers', async () => {
    const { manager, transport, clock, link } = await pooled({ validate: true }, { localPeerId: 'scripted://m' })
    await manager.listen('scripted://here:1')
    await clock.advanceAsync(501)
    const connecting = manager.connect(A)
    transport.arrive({ remotePeerId: A })
    expect((await connecting).direction).toBe('inbound')
    await clock.advanceAsync(5_000)
    expect([link.state, manager.status(A)]).toEqual(['over', 'Connected'])
  })

  test('is reused as it is where it cannot ping, was idle for less, or nobody asks for it', async () => {
    const cases: readonly (readonly [Kit, ScriptedOptions, number])[] = [
      [{ validate: true }, { ping: false }, 60_000],
      [{ validate: true }, {}, 500],
      [{}, {}, 20_000],
    ]
    for (const [options, script, idleMs] of cases) {
      const { manager, clock, transport } = await pooled(options, script)
      await clock.advanceAsync(idleMs)
      await manager.connect(A)
      expect([manager.status(A), transport.dials.length]).toEqual(['Connected', 1])
    }
  })

  test('is checked for a connect by an event too', async () => {
    const { manager, transport, clock, link } = await pooled({ validate: true })
    await clock.advanceAsync(501)
    manager.supervisor.send({ type: 'peer.connect', peerId: A })
    await flush()
    expect(manager.status(A)).toBe('Disconnected')
    failPings(link)
    await flush()
    transport.lastDial(A)?.open()
    await flush()
    expect([manager.status(A), transport.dials.length]).toEqual(['Connected', 2])
  })

  test('stays kept when it is dialled anew', async () => {
    const { manager, transport, clock, link } = await pooled({ validate: true, random: () => 0 })
    await clock.advanceAsync(501)
    const connecting = manager.connect(A, { keep: true })
    await flush()
    failPings(link)
    await flush()
    transport.lastDial(A)?.open()
    await connecting
    transport.linkOf(A)?.remoteClose()
    await clock.advanceAsync(10)
    expect([transport.dials.length, manager.status(A)]).toEqual([3, 'Connecting'])
  })
})

describe('maxLifetimeMs', () => {
  test('a link that is older is closed instead of pooled, and not cut while it is used', async () => {
    const { manager, clock, link, connection, reasons } = await connected({ maxLifetimeMs: 10_000, random: () => 0 })
    await clock.advanceAsync(60_000)
    expect(manager.status(A)).toBe('Connected')
    await connection.release()
    expect([link.state, manager.metrics.pooled, manager.status(A)]).toEqual(['over', 0, undefined])
    expect(reasons()).toEqual(['connect', 'opened', 'disconnect', 'forgotten'])
  })

  test('a pooled link that has grown older is dialled anew in the same slot', async () => {
    const { manager, transport, clock, link, reasons } = await pooled({ maxLifetimeMs: 10_000, random: () => 0, max: 1 })
    await clock.advanceAsync(9_999)
    await (await manager.connect(A)).release()
    await clock.advanceAsync(1)
    const connecting = manager.connect(A)
    expect([link.state, manager.status(A), transport.ledger.peak]).toEqual(['over', 'Connecting', 1])
    await flush()
    transport.lastDial(A)?.open()
    await connecting
    expect(reasons().slice(3)).toEqual(['reused', 'disconnect', 'pool-expired', 'connect', 'opened'])
  })

  test('up to a tenth is taken off at random', async () => {
    const { manager, clock, link } = await connected({ maxLifetimeMs: 10_000, random: () => 0.5 })
    await clock.advanceAsync(9_500)
    await manager.disconnect(A)
    expect(link.state).toBe('over')
    const young = await connected({ maxLifetimeMs: 10_000, random: () => 0.5 })
    await young.clock.advanceAsync(9_499)
    await young.manager.disconnect(A)
    expect([young.link.state, young.manager.metrics.pooled]).toEqual(['open', 1])
  })

  test('without it no link is too old, and nothing is drawn', async () => {
    const { manager, clock } = await connected({
      random: () => {
        throw new Error('drawn')
      },
    })
    await clock.advanceAsync(3_600_000)
    await manager.disconnect(A)
    expect(manager.metrics.pooled).toBe(1)
  })
})

describe('the TTL of a pooled link', () => {
  test('counts from its last use by the application: pings and what arrives do not renew it', async () => {
    const { manager, transport, clock, link } = await pooled({ poolTimeoutMs: 60_000 }, { autoPing: 10 })
    const before = transport.sentPings
    for (let i = 0; i < 59; i++) {
      await clock.advanceAsync(1_000)
      link.receive(new Uint8Array(1))
    }
    expect([transport.sentPings - before > 5, link.state]).toEqual([true, 'open'])
    await clock.advanceAsync(1_000)
    expect([link.state, manager.status(A), manager.metrics.pool.expired]).toEqual(['over', undefined, 1])
  })
})

describe('the options', () => {
  test.each([
    [{ validate: 1 }, TypeError, 'validate'],
    [{ validate: null }, TypeError, 'validate'],
    [{ maxLifetimeMs: 0 }, RangeError, 'maxLifetimeMs'],
    [{ maxLifetimeMs: '1' }, TypeError, 'maxLifetimeMs'],
    [{ maxLifetimeMs: NaN }, RangeError, 'maxLifetimeMs'],
  ])('%o is refused', (options, error, name) => {
    expect(() => new ConnectionManager(1, options as never)).toThrow(error)
    expect(() => new ConnectionManager(1, options as never)).toThrow(name)
  })
})

interface Kit extends Omit<ManagerOptions, 'transport' | 'clock'> {
  readonly max?: number
}

async function connected({ max = 4, ...options }: Kit = {}, script: ScriptedOptions = {}) {
  const clock = new VirtualClock()
  const transport = scripted({ ping: true, autoPing: 5, autoClose: 'sync', ...script })
  const manager = new ConnectionManager(max, { clock, transport, ...options })
  const transitions: Transition[] = []
  manager.transitions$.subscribe((transition) => transitions.push(transition))
  const connecting = manager.connect(A)
  await flush()
  const link = transport.lastDial(A)?.open() as ScriptedLink
  const connection: Connection = await connecting
  await flush()
  return { manager, transport, clock, link, connection, reasons: () => transitions.map(({ reason }) => reason) }
}

/** One link in the pool. Whether it answers pings from now on is the test's to say. */
async function pooled(options: Kit = {}, script: ScriptedOptions = {}) {
  const made = await connected(options, script)
  await made.manager.disconnect(A)
  if (script.autoPing === undefined) made.transport.script.autoPing = undefined
  return made
}

function answer(link: ScriptedLink): void {
  while (link.answerPing(7));
}

function failPings(link: ScriptedLink): void {
  while (link.failPing(new Error('no pong')));
}

/** What a promise rejects with; undefined: it resolved. */
async function outcome(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  )
}
