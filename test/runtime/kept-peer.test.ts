/** A kept peer is dialled again for as long as it is kept, and its handle says how that goes. */
import { describe, expect, test } from 'vitest'
import type { ConnectionManager, ConnectionStatus, KeepOptions } from 'qudag-connections'
import { flush } from 'qudag-connections/testing'
import { PEER, text, bytes, setUp, keepLinked } from './kept-peer-rig.ts'

describe('a kept peer’s handle', () => {
  test('tells its status across an outage, sends over each link, and reads every link one after the other', async () => {
    const { clock, transport, manager, sent, cut, kept } = await keepLinked()
    const told: ConnectionStatus[] = []
    const read: string[] = []
    kept.status$.subscribe({ next: (status) => told.push(status), complete: () => told.push('completed' as ConnectionStatus) })
    kept.messages$.subscribe({ next: (data) => read.push(text(data)), complete: () => read.push('completed') })
    expect(kept.send(bytes('one'))).toBe(true)
    expect(sent()).toEqual(['one'])
    transport.linkOf(PEER)?.receive(bytes('first'))
    cut()
    expect([kept.status, kept.connection]).toEqual(['Failed', undefined])
    expect(() => kept.send(bytes('lost'))).toThrow(expect.objectContaining({ code: 'ERR_NOT_CONNECTED' }))
    const again = kept.connected()
    await clock.advanceAsync(500)
    expect(await again).toBe(manager.get(PEER))
    transport.linkOf(PEER)?.receive(bytes('second'))
    expect(kept.send(bytes('two'))).toBe(true)
    expect([sent(), read]).toEqual([['two'], ['first', 'second']])
    await kept.release()
    expect(read).toEqual(['first', 'second', 'completed'])
    expect(told).toEqual(['Connected', 'Failed', 'Connecting', 'Connected', 'completed'])
    expect([manager.status(PEER), manager.metrics.pool.size, manager.explain(PEER)?.kept]).toEqual(['Disconnected', 1, false])
    await manager.shutdown()
  })

  test('is given though the peer is not there, dials in the background, and shows why by explain', async () => {
    const { clock, transport, manager } = setUp({ breaker: { failures: 1, openMs: 10_000 } })
    transport.autoFail = new Error('nobody there')
    const kept = manager.keep(PEER)
    expect(kept.status).toBe('Connecting')
    await flush()
    expect([kept.status, manager.explain(PEER)?.kept, manager.explain(PEER)?.breaker.state]).toEqual(['Failed', true, 'open'])
    transport.autoFail = undefined
    const connected = kept.connected()
    await clock.advanceAsync(60_000)
    expect((await connected).peerId).toBe(PEER)
    await manager.shutdown()
  })

  test('is given where there is no slot, and waits for one', async () => {
    const { clock, manager } = setUp({}, {}, 1)
    const other = await manager.connect('scripted://other')
    const kept = manager.keep(PEER)
    await flush()
    expect([kept.status, manager.explain(PEER)]).toMatchObject(['Disconnected', { kept: true, waiting: { for: 'backoff' } }])
    await manager.disconnect('scripted://other', { pool: false })
    await clock.advanceAsync(1_000)
    expect([kept.status, (await other.closed).kind]).toEqual(['Connected', 'local'])
    manager.setLimits({ maxConnections: 5 })
    expect(kept.status).toBe('Connected')
    await manager.shutdown()
  })

  test('waits in line where requests wait, and leaves it when it is released', async () => {
    const { manager } = setUp({ admission: 'queue' }, {}, 1)
    await manager.connect('scripted://other')
    const kept = manager.keep(PEER)
    expect(manager.explain().queue.waiting).toBe(1)
    await kept.release()
    expect(manager.explain().queue.waiting).toBe(0)
    await flush()
    expect(manager.explain(PEER)).toBe(undefined)
    await manager.shutdown()
  })

  test('is dialled in time though a rule denies it for now', async () => {
    let open = false
    const { clock, manager } = setUp({ gate: () => open })
    const kept = manager.keep(PEER)
    await flush()
    expect([kept.status, manager.explain(PEER)?.kept]).toEqual(['Disconnected', true])
    open = true
    await clock.advanceAsync(5_000)
    expect(kept.status).toBe('Connected')
    await manager.shutdown()
  })

  test('shares the link with others; the last one that is released lets the peer go', async () => {
    const { clock, manager, transport, kept } = await keepLinked()
    const other = manager.keep(PEER)
    expect([other.status, transport.ledger.dials, [...manager.peers()][0]?.holds]).toEqual(['Connected', 1, 2])
    await flush()
    await kept.release()
    await kept.release()
    expect([other.status, manager.explain(PEER)?.kept]).toEqual(['Connected', true])
    await other.release()
    expect([manager.explain(PEER)?.kept, manager.metrics.pool.size]).toEqual([false, 1])
    await clock.advanceAsync(1_000)
    expect(transport.ledger.dials).toBe(1)
    await manager.shutdown()
  })

  test('leaves a peer kept that connect keeps too, until it is disconnected', async () => {
    const { manager, kept } = await keepLinked()
    await manager.connect(PEER, { keep: true })
    await kept.release()
    expect([manager.status(PEER), manager.explain(PEER)?.kept]).toEqual(['Connected', true])
    await manager.disconnect(PEER)
    expect(manager.explain(PEER)?.kept).toBe(false)
    await manager.shutdown()
  })

  test('takes over what an earlier run kept', async () => {
    const first = await keepLinked()
    const restore = first.manager.export()
    await first.manager.shutdown()
    const { clock, manager, transport } = setUp({ restore })
    const kept = manager.keep(PEER)
    await clock.advanceAsync(5_000)
    expect([kept.status, transport.ledger.dials]).toEqual(['Connected', 1])
    await kept.release()
    expect(manager.explain(PEER)?.kept).toBe(false)
    await manager.shutdown()
  })

  test('ends a dial that is under way, and a pause, when it is released', async () => {
    const { clock, transport, manager } = setUp({}, { autoOpen: false })
    const dialing = manager.keep(PEER)
    expect(dialing.status).toBe('Connecting')
    await dialing.release()
    expect([transport.ledger.dialing, manager.status(PEER)]).toEqual([0, undefined])
    transport.autoFail = new Error('nobody there')
    const pausing = manager.keep(PEER)
    await flush()
    const redialled = transport.ledger.dials
    await pausing.release()
    await clock.advanceAsync(600_000)
    expect([transport.ledger.dials, manager.explain(PEER)?.kept]).toEqual([redialled, false])
    await manager.shutdown()
  })

  test('ends a redial that is under way when it is released', async () => {
    const { clock, transport, manager, cut, kept } = await keepLinked()
    transport.autoOpen = false
    cut()
    await clock.advanceAsync(500)
    expect([kept.status, transport.ledger.dialing]).toEqual(['Connecting', 1])
    await kept.release()
    expect([transport.ledger.dialing, manager.explain().slots.held]).toEqual([0, 0])
    await manager.shutdown()
  })

  test('stops by itself where the other side took another link of ours instead, and dials when it is kept again', async () => {
    const { clock, transport, manager, kept } = await keepLinked({ queue: {} })
    const waiting = kept.drained()
    await waiting
    transport.linkOf(PEER)?.remoteClose('replaced')
    const connected = kept.connected()
    await expect(connected).rejects.toMatchObject({ code: 'ERR_DISCONNECTED' })
    await expect(kept.drained()).rejects.toMatchObject({ code: 'ERR_NOT_CONNECTED' })
    expect(() => kept.send(bytes('nowhere'))).toThrow(/kept no longer/)
    await clock.advanceAsync(600_000)
    expect([kept.status, transport.ledger.dials]).toEqual(['Disconnected', 1])
    const again = manager.keep(PEER)
    await again.connected()
    expect([kept.status, kept.send(bytes('both'))]).toEqual(['Connected', true])
    await Promise.all([kept.release(), again.release()])
    await manager.shutdown()
  })

  test('is told when the peer is disconnected, pausing or connected, and uses the next link that there is', async () => {
    const { transport, manager, kept } = await keepLinked()
    await manager.listen('scripted://here')
    await manager.disconnect(PEER, { pool: false })
    await expect(kept.connected()).rejects.toMatchObject({ code: 'ERR_DISCONNECTED' })
    const link = transport.arrive({ remotePeerId: PEER })
    expect([kept.status, manager.explain(PEER)?.kept, kept.send(bytes('hello'))]).toEqual(['Connected', true, true])
    expect(link.sent.map(text)).toEqual(['hello'])
    transport.autoFail = new Error('nobody there')
    link.fail(new Error('cut'))
    const connected = kept.connected()
    await manager.disconnect(PEER)
    await expect(connected).rejects.toMatchObject({ code: 'ERR_DISCONNECTED' })
    await manager.shutdown()
  })

  test.each([
    ['reported as over', (manager: ConnectionManager) => manager.updateStatus(PEER, 'Disconnected')],
    ['not worth another attempt', (_manager: ConnectionManager, cut: () => void) => Promise.resolve(cut())],
  ])('is told when nothing dials the peer again: %s', async (_title, end) => {
    const { manager, cut, kept } = await keepLinked({}, { reconnect: { shouldRetry: () => false } })
    await end(manager, cut)
    await expect(kept.connected()).rejects.toMatchObject({ code: 'ERR_DISCONNECTED' })
    await manager.keep(PEER).connected()
    expect(kept.status).toBe('Connected')
    await manager.shutdown()
  })

  test('ends with the manager: its streams complete, and whoever waits is told', async () => {
    const { manager, cut, kept } = await keepLinked({ queue: {} })
    const linked = manager.keep('scripted://other')
    await linked.connected()
    const ends: string[] = []
    for (const handle of [kept, linked]) {
      handle.status$.subscribe({ complete: () => ends.push('status') })
      handle.messages$.subscribe({ complete: () => ends.push('messages') })
    }
    cut()
    kept.send(bytes('dropped'))
    const waiting = [kept.connected(), kept.drained()].map((wait) => wait.catch((error: { code: string }) => error.code))
    await manager.shutdown()
    expect(await Promise.all(waiting)).toEqual(['ERR_STOPPED', 'ERR_NOT_CONNECTED'])
    expect(ends.toSorted()).toEqual(['messages', 'messages', 'status', 'status'])
    expect(() => linked.send(bytes('late'))).toThrow(expect.objectContaining({ code: 'ERR_NOT_CONNECTED' }))
    await Promise.all([kept.release(), linked.release()])
    expect(() => manager.keep(PEER)).toThrow(expect.objectContaining({ code: 'ERR_STOPPED' }))
  })

  test('lets a drain end when it is released', async () => {
    const { manager, kept } = await keepLinked()
    let drained = false
    const draining = manager.drain().then(() => (drained = true))
    await flush()
    expect([drained, kept.send(bytes('the last word'))]).toEqual([false, true])
    await kept.release()
    await draining
    await manager.shutdown()
  })

  test('is back after a sleep', async () => {
    const { clock, cut, kept, manager } = await keepLinked()
    cut()
    clock.leap(3_600_000)
    await clock.advanceAsync(1_000)
    expect(kept.status).toBe('Connected')
    await manager.shutdown()
  })

  test('is released by its signal, and by using', async () => {
    const controller = new AbortController()
    const { manager, kept } = await keepLinked({ signal: controller.signal })
    controller.abort()
    expect([manager.explain(PEER)?.kept, kept.connection]).toEqual([false, undefined])
    {
      await using other = manager.keep(PEER)
      expect(other.status).toBe('Connected')
    }
    expect(manager.explain(PEER)?.kept).toBe(false)
    expect(() => manager.keep(PEER, { signal: controller.signal })).toThrow(/abort/)
    await manager.shutdown()
  })

  test('connected() leaves with its own signal, and others wait on', async () => {
    const { transport, manager } = setUp({}, { autoOpen: false })
    const kept = manager.keep(PEER)
    const controller = new AbortController()
    const left = kept.connected({ signal: controller.signal })
    const stays = kept.connected()
    controller.abort(new Error('changed my mind'))
    await expect(left).rejects.toThrow('changed my mind')
    transport.dials[0]?.open()
    expect((await stays).peerId).toBe(PEER)
    await manager.shutdown()
  })

  test.each([
    [{ queue: { maxMessages: 0 } }, /queue\.maxMessages must be an integer >= 1/],
    [{ queue: true }, /queue must be an object/],
    [{ queues: {} }, /did you mean 'queue'/],
    [{ addresses: 'tcp://h:1' }, /addresses must be an array/],
    [{ priority: NaN }, /priority must be a finite number/],
    [{ signal: {} }, /signal must be an AbortSignal/],
  ])('refuses %o', (options, message) => {
    expect(() => setUp().manager.keep(PEER, options as KeepOptions)).toThrow(message)
  })
})
