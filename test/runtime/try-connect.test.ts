/** A connect without a promise, and a hold for the length of a call: both give what `connect` gives, and take back what they gave. */
import { ConnectionManager } from 'qudag-connections'
import { scripted, VirtualClock } from 'qudag-connections/testing'
import { afterEach, describe, expect, test } from 'vitest'

const A = 'scripted://a'
let manager: ConnectionManager

afterEach(() => manager.shutdown())

function make(options: object = {}) {
  const clock = new VirtualClock()
  const transport = scripted({ autoOpen: true, autoClose: 'microtask', ping: true })
  manager = new ConnectionManager(2, { transport, clock, poolTimeoutMs: 1_000, ...options })
  return { clock, transport }
}

describe('tryConnect', () => {
  test('gives a hold on a pooled link, which is Connected when the call returns', async () => {
    make()
    await manager.connect(A)
    await manager.disconnect(A)
    const connection = manager.tryConnect(A)

    expect([connection?.peerId, manager.status(A), manager.metrics.pool.hits]).toEqual([A, 'Connected', 1])
    await connection?.release()
    expect(manager.explain(A)?.state).toBe('Disconnected.pooled')
  })

  test('gives a hold of its own on a Connected link', async () => {
    make()
    const first = await manager.connect(A)
    const second = manager.tryConnect(A)
    await first.release()

    expect([manager.status(A), second?.peerId]).toEqual(['Connected', A])
  })

  test('gives nothing, and changes nothing, where there is no link, one is being dialled, or its time is over', async () => {
    const { clock } = make()
    expect([manager.tryConnect(A), manager.status(A)]).toEqual([undefined, undefined])
    const dialled = manager.connect(A)
    expect([manager.tryConnect(A), manager.status(A)]).toEqual([undefined, 'Connecting'])
    await dialled
    await manager.disconnect(A)
    clock.advance(1_000)
    expect([manager.tryConnect(A), manager.status(A)]).toEqual([undefined, undefined])
  })

  test('gives nothing where a pooled link must answer a ping first, and once the manager is shut down', async () => {
    const { clock } = make({ validate: true, poolTimeoutMs: 600_000 })
    await manager.connect(A)
    await manager.disconnect(A)
    await clock.advanceAsync(501)
    expect([manager.tryConnect(A), manager.explain(A)?.state]).toEqual([undefined, 'Disconnected.pooled'])
    await manager.shutdown()
    expect(manager.tryConnect(A)).toBeUndefined()
  })

  test('names a wrong id', () => {
    make()
    expect(() => manager.tryConnect('')).toThrow('peerId')
    expect(() => manager.tryConnect(7 as never)).toThrow('peerId')
  })
})

describe('use', () => {
  test('gives what the call gives, and the hold back after it', async () => {
    make()
    const during = await manager.use(A, (connection) => [connection.peerId, manager.status(A)])

    expect([during, manager.explain(A)?.state]).toEqual([[A, 'Connected'], 'Disconnected.pooled'])
  })

  test('waits for a call that is asynchronous', async () => {
    make()
    let go = (): void => {}
    let begun = (): void => {}
    const isBegun = new Promise<void>((resolve) => (begun = resolve))
    const done = manager.use(A, () => {
      begun()
      return new Promise<string>((resolve) => (go = () => resolve('done')))
    })
    await isBegun
    expect(manager.status(A)).toBe('Connected')
    go()

    expect([await done, manager.explain(A)?.state]).toEqual(['done', 'Disconnected.pooled'])
  })

  test('gives the hold back when the call throws or rejects, and rejects with that', async () => {
    make()
    const oops = new Error('oops')
    await expect(
      manager.use(A, () => {
        throw oops
      }),
    ).rejects.toBe(oops)
    await expect(manager.use(A, () => Promise.reject(oops))).rejects.toBe(oops)

    expect(manager.explain(A)?.state).toBe('Disconnected.pooled')
  })

  test('rejects as connect does, without the call', async () => {
    make()
    let calls = 0
    const call = () => void calls++
    await expect(manager.use('', call)).rejects.toThrow('peerId')
    await expect(manager.use(A, 'no' as never)).rejects.toThrow('f must be a function, got string')
    await expect(manager.use(A, call, { signal: AbortSignal.abort(new Error('left')) })).rejects.toThrow('left')
    await manager.shutdown()
    await expect(manager.use(A, call)).rejects.toMatchObject({ code: 'ERR_STOPPED' })

    expect(calls).toBe(0)
  })

  test('of many at once on one peer shares one link', async () => {
    make()
    await Promise.all(Array.from({ length: 50 }, (_, i) => manager.use(A, () => i)))

    expect([manager.metrics.dials.started, manager.explain(A)?.state]).toEqual([1, 'Disconnected.pooled'])
  })
})
