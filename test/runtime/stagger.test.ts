/** A peer's addresses race one behind the other, one link wins, and nothing of the others is left. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Connection, ConnectionManager, type ManagerOptions } from 'qudag-connections'
import { flush, scripted, type ScriptedOptions, VirtualClock } from 'qudag-connections/testing'

const PEER = 'peer'
const address = (n: number): string => `scripted://${n}`

function setUp(addresses: number, options: ManagerOptions = {}, script: ScriptedOptions = {}) {
  const clock = new VirtualClock()
  const transport = scripted(script)
  const resolve = () => Array.from({ length: addresses }, (_, n) => address(n))
  const manager = new ConnectionManager(1, { transport, clock, resolve, poolTimeoutMs: 0, ...options })
  const dialled = (): string[] => transport.dials.map((dial) => dial.address.href)
  const pending = (): string[] => transport.pendingDials.map((dial) => dial.address.href)
  return { clock, transport, manager, dialled, pending }
}

describe('staggered dials', () => {
  test('the next address starts 250 ms after the last, in order of rank', async () => {
    const { clock, manager, dialled } = setUp(3)
    void manager.connect(PEER).catch(() => {})
    expect(dialled()).toEqual([address(0)])
    await clock.advanceAsync(249)
    expect(dialled()).toEqual([address(0)])
    await clock.advanceAsync(1)
    expect(dialled()).toEqual([address(0), address(1)])
    await clock.advanceAsync(250)
    expect(dialled()).toEqual([address(0), address(1), address(2)])
    await manager.shutdown()
  })

  test('… or at once when one has failed, and 250 ms after that again', async () => {
    const { clock, transport, manager, dialled } = setUp(4, { staggerMs: 100 })
    void manager.connect(PEER).catch(() => {})
    await clock.advanceAsync(60)
    transport.lastDial()?.fail(new Error('refused'))
    await flush()
    expect(dialled()).toHaveLength(2)
    await clock.advanceAsync(99)
    expect(dialled()).toHaveLength(2)
    await clock.advanceAsync(1)
    expect(dialled()).toHaveLength(3)
    await manager.shutdown()
  })

  test('the first one wins, whichever it is; the others are aborted, and no further one starts', async () => {
    const { clock, transport, manager } = setUp(4)
    const connecting = manager.connect(PEER)
    await clock.advanceAsync(500)
    transport.dials[1]?.open()
    const connection = await connecting
    expect(connection.remoteAddress).toBe(address(1))
    expect(transport.dials.map(({ aborted }) => aborted)).toEqual([true, false, true])
    await clock.advanceAsync(5_000)
    expect([transport.dials.length, transport.ledger.live]).toEqual([3, 1])
    expect(transport.ledger.peakHeld).toBe(1)
  })

  test('a loser’s late link is aborted, and never attached', async () => {
    const { clock, transport, manager } = setUp(2, {}, { onAbort: 'ignore' })
    const connecting = manager.connect(PEER)
    await clock.advanceAsync(250)
    transport.dials[1]?.open()
    await connecting
    const late = transport.dials[0]?.open()
    await flush()
    expect([late?.state, late?.attached, transport.ledger.live]).toEqual(['over', false, 1])
  })

  test('two that open in one instant: one link', async () => {
    const { clock, transport, manager } = setUp(2)
    const connecting = manager.connect(PEER)
    await clock.advanceAsync(250)
    transport.dials[0]?.open()
    const second = transport.dials[1]?.open()
    expect((await connecting).remoteAddress).toBe(address(0))
    await flush()
    expect([second?.state, transport.ledger.linksOf(PEER), transport.ledger.peakHeld]).toEqual(['over', 1, 1])
  })

  test('fails when all have failed, with every error and the number of attempts', async () => {
    const { clock, transport, manager } = setUp(3)
    const connecting = manager.connect(PEER)
    await clock.advanceAsync(500)
    for (const n of [1, 0, 2]) transport.dials[n]?.fail(new Error(`refused ${n}`))
    await expect(connecting).rejects.toMatchObject({
      code: 'ERR_DIAL_FAILED',
      attempts: 3,
      cause: { errors: [{ message: 'refused 1' }, { message: 'refused 0' }, { message: 'refused 2' }] },
    })
    expect([manager.status(PEER), transport.ledger.live]).toEqual(['Failed', 0])
  })

  test('the time for all of them together is one; then all are aborted, and the error says which were under way', async () => {
    const { clock, transport, manager } = setUp(2, { connectTimeoutMs: 1_000 })
    const refusal = manager.connect(PEER).catch((error: unknown) => error)
    await clock.advanceAsync(1_000)
    expect(await refusal).toMatchObject({
      code: 'ERR_CONNECT_TIMEOUT',
      attempts: 2,
      message: expect.stringContaining(`while dialing ${address(0)} and ${address(1)}`),
    })
    expect(transport.ledger.live).toBe(0)
  })

  test('at most 16 addresses', async () => {
    const { clock, manager, dialled } = setUp(40, { staggerMs: 1 })
    void manager.connect(PEER).catch(() => {})
    await clock.advanceAsync(100)
    expect(dialled()).toEqual(Array.from({ length: 16 }, (_, n) => address(n)))
    await manager.shutdown()
  })

  test('one address needs no timer but the deadline of the dial', async () => {
    const { clock, manager } = setUp(1)
    const before = clock.armed
    void manager.connect(PEER).catch(() => {})
    expect(clock.armed - before).toBe(1)
    await manager.shutdown()
  })

  test('whatever becomes of each address, one link is attached at most, in one slot, and nothing is left', async () => {
    const fate = fc.record({ opens: fc.boolean(), afterMs: fc.nat(600) })
    await fc.assert(
      fc.asyncProperty(
        fc.array(fate, { minLength: 1, maxLength: 6 }),
        fc.constantFrom('reject' as const, 'ignore' as const),
        fc.option(fc.nat(1_500), { nil: undefined }),
        async (fates, onAbort, leaveAfterMs) => {
          const { clock, transport, manager } = setUp(fates.length, {}, { onAbort, autoClose: 'sync' })
          const caller = new AbortController()
          if (leaveAfterMs !== undefined) clock.setTimeout(() => caller.abort(), leaveAfterMs)
          let connection: Connection | undefined
          manager.connect(PEER, { signal: caller.signal }).then(
            (opened) => (connection = opened),
            () => {},
          )
          const settled = new Set<object>()
          for (let ms = 0; ms < 3_000; ms += 25) {
            for (const [n, dial] of transport.dials.entries()) {
              if (settled.has(dial)) continue
              settled.add(dial)
              const one = fates[n] ?? { opens: false, afterMs: 0 }
              clock.setTimeout(() => {
                if (dial.settled) return
                if (one.opens) dial.open()
                else dial.fail(new Error('refused'))
              }, one.afterMs)
            }
            await clock.advanceAsync(25)
            expect([...transport.links].filter(({ attached }) => attached).length).toBeLessThanOrEqual(1)
          }
          expect([transport.ledger.peakHeld, transport.ledger.peakOf(PEER) <= 2]).toEqual([1, true])
          if (leaveAfterMs === undefined) expect(connection !== undefined).toBe(fates.some(({ opens }) => opens))
          await manager.shutdown()
          await flush()
          expect([transport.links.size, transport.ledger.live, clock.pending]).toEqual([0, 0, 0])
        },
      ),
    )
  })
})

describe('joined dials', () => {
  test('a joiner adds its addresses behind those that resolve the peer', async () => {
    const { clock, transport, manager, dialled } = setUp(1)
    const first = manager.connect(PEER)
    await clock.advanceAsync(1_000)
    const second = manager.connect(PEER, { addresses: [address(0), new URL('scripted://more')] })
    await clock.advanceAsync(250)
    expect(dialled()).toEqual([address(0), 'scripted://more'])
    transport.lastDial()?.open()
    expect((await first).remoteAddress).toBe((await second).remoteAddress)
  })

  test('a peer that nothing resolves is dialled at the addresses of its callers, and again when it is kept', async () => {
    const { clock, transport, manager, dialled } = setUp(0, { random: () => 1 })
    const connecting = manager.connect(PEER, { addresses: ['scripted://given'], keep: true })
    transport.lastDial()?.open()
    await connecting
    transport.linkOf(PEER)?.remoteClose()
    await clock.advanceAsync(1_000)
    expect(dialled()).toEqual(['scripted://given', 'scripted://given'])
    await manager.shutdown()
  })

  test('addresses stand in where resolve fails, and come late to a lookup that is under way', async () => {
    let fail: ((error: Error) => void) | undefined
    const { transport, manager, dialled } = setUp(0, { resolve: () => new Promise((_, reject) => (fail = reject)) })
    const first = manager.connect(PEER)
    const second = manager.connect(PEER, { addresses: ['scripted://given'] })
    fail?.(new Error('no such name'))
    await flush()
    expect(dialled()).toEqual(['scripted://given'])
    transport.lastDial()?.open()
    await Promise.all([first, second])
  })

  test('a joiner raises the priority of a peer that waits for its turn', async () => {
    const { clock, transport, manager } = setUp(
      1,
      { limits: { dialing: 1 }, resolve: (peerId) => `scripted://${peerId}` },
      { autoClose: 'sync' },
    )
    manager.setLimits({ maxConnections: 4 })
    for (const peerId of ['dialling', 'first', 'raised']) void manager.connect(peerId, { priority: 1 }).catch(() => {})
    void manager.connect('raised', { priority: 2 }).catch(() => {})
    transport.lastDial()?.open()
    await flush()
    expect(transport.dials.map(({ peerId }) => peerId)).toEqual(['dialling', 'raised'])
    await manager.shutdown()
    expect(clock.pending).toBe(0)
  })

  test('addresses must be an array', async () => {
    const { manager } = setUp(1)
    await expect(manager.connect(PEER, { addresses: 'scripted://a' as never })).rejects.toThrow(/^addresses must/)
  })
})
