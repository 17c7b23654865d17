/** A gate of the app decides about dials and arrivals, at once or later, and nothing is left where it never answers. */
import type { ConnectionManager, GateRequest } from 'qudag-connections'
import { flush } from 'qudag-connections/testing'
import { describe, expect, test } from 'vitest'
import { A, B, FOREIGN, setUp } from './door-rig.ts'

describe('gate', () => {
  test('is asked before a dial and about an inbound link; only true lets them pass', async () => {
    const asked: GateRequest[] = []
    const gate = (request: GateRequest): boolean => {
      asked.push(request)
      return request.peerId !== B
    }
    const { manager, transport, arrive, refused } = await setUp(10, { gate })
    await manager.connect(A)
    await manager.connect(A)
    await expect(manager.connect(B)).rejects.toMatchObject({ code: 'ERR_DENIED', peerId: B })
    expect([arrive(FOREIGN, 'c').state === 'over', arrive(undefined, B).state]).toEqual([false, 'over'])
    arrive('memory://x')
    expect([transport.dials.length, manager.status(B), refused()]).toEqual([1, undefined, { gate: 1 }])
    expect(asked.slice(0, 3)).toEqual([
      { direction: 'outbound', peerId: A, isProven: false },
      { direction: 'outbound', peerId: B, isProven: false },
      { direction: 'inbound', peerId: 'c', isProven: true, remoteAddress: FOREIGN },
    ])
    expect(asked.at(-1)).toEqual({ direction: 'inbound', peerId: 'inbound+memory://x', isProven: false, remoteAddress: 'memory://x' })
  })

  test.each([
    [
      'throws',
      () => {
        throw new Error('no')
      },
    ],
    ['rejects', () => Promise.reject(new Error('no'))],
    ['says something else', (() => 'yes') as never],
    ['resolves something else', (() => Promise.resolve(1)) as never],
  ] as const)('one that %s denies', async (_, gate) => {
    const { manager, transport, arrive } = await setUp(10, { gate })
    await expect(manager.connect(A)).rejects.toMatchObject({ code: 'ERR_DENIED' })
    const link = arrive()
    await flush()
    expect([link.state, transport.dials.length]).toEqual(['over', 0])
  })

  test('is not asked about what gets no slot, is pooled, or is denied', async () => {
    let asked = 0
    const gate = (): boolean => (asked++, true)
    const { manager, arrive } = await setUp(1, { gate, deny: [B] })
    await manager.connect(A)
    await expect(manager.connect('scripted://c')).rejects.toMatchObject({ code: 'ERR_MAX_CONNECTIONS' })
    await expect(manager.connect(B)).rejects.toMatchObject({ code: 'ERR_DENIED' })
    arrive(undefined, B)
    await manager.disconnect(A)
    await manager.connect(A)
    expect(asked).toBe(1)
  })

  test('a dial that is refused at once evicts nothing', async () => {
    const { manager } = await setUp(1, { gate: ({ peerId }) => peerId !== B })
    await manager.connect(A)
    await manager.disconnect(A)
    await expect(manager.connect(B)).rejects.toMatchObject({ code: 'ERR_DENIED' })
    expect(manager.metrics.pooled).toBe(1)
  })

  test('a dial waits for an answer that comes later, within its timeout and its caller’s patience', async () => {
    const answers = new Map<string, (passes: boolean) => void>()
    const gate = ({ peerId }: GateRequest): Promise<boolean> => new Promise((resolve) => answers.set(peerId, resolve))
    const { clock, manager, transport } = await setUp(10, { gate })
    const let1 = manager.connect(A)
    const refused = manager.connect(B)
    const late = manager.connect('scripted://late')
    const leaver = new AbortController()
    const left = manager.connect('scripted://left', { signal: leaver.signal })
    expect([manager.metrics.dialing, transport.dials.length]).toEqual([4, 0])
    answers.get(A)?.(true)
    answers.get(B)?.(false)
    leaver.abort('enough')
    await expect(left).rejects.toBe('enough')
    await expect(refused).rejects.toMatchObject({ code: 'ERR_DENIED', attempts: 0 })
    expect((await let1).peerId).toBe(A)
    const tooLate = late.catch((error: unknown) => error)
    await clock.advanceAsync(10_000)
    expect(await tooLate).toMatchObject({ code: 'ERR_CONNECT_TIMEOUT', message: expect.stringContaining('gate') })
    for (const peer of ['late', 'left']) answers.get(`scripted://${peer}`)?.(true)
    await flush()
    expect([manager.status(B), transport.dials.map(({ peerId }) => peerId)]).toEqual(['Failed', [A]])
  })

  test('an inbound link waits for its answer; pendingInbound wait, the next is refused', async () => {
    const answers: ((passes: boolean) => void)[] = []
    const gate = (): Promise<boolean> => new Promise((resolve) => answers.push(resolve))
    const { manager, arrive, refused, door } = await setUp(100, { gate, limits: { pendingInbound: 3 } })
    const links = Array.from({ length: 4 }, () => arrive())
    expect([links.map(({ state }) => state === 'over'), door.gate.waiting]).toEqual([[false, false, false, true], 3])
    answers[0]?.(true)
    answers[1]?.(false)
    await flush()
    expect([links.map(({ state }) => state === 'over'), manager.metrics.connections]).toEqual([[false, true, false, true], 1])
    expect([refused(), door.gate.waiting, answers.length]).toEqual([{ 'pending-limit': 1, gate: 1 }, 1, 3])
    expect(arrive().state).not.toBe('over')
  })

  test('one that never answers holds nobody for ever', async () => {
    const { clock, arrive, refused, door } = await setUp(100, { gate: () => new Promise(() => {}) })
    const link = arrive()
    await clock.advanceAsync(10_000)
    expect([link.state, refused(), door.gate.waiting]).toEqual(['over', { 'gate-timeout': 1 }, 0])
  })

  test('shutdown ends those who wait, and leaves nothing', async () => {
    const { clock, manager, arrive, refused } = await setUp(100, { gate: () => new Promise(() => {}) })
    const link = arrive()
    const connecting = manager.connect(A)
    const done = manager.shutdown()
    await expect(connecting).rejects.toMatchObject({ code: 'ERR_STOPPED' })
    await done
    expect([link.state, refused(), clock.pending]).toEqual(['over', { stopped: 1 }, 0])
  })

  test('what filled up while the answer was awaited stays full', async () => {
    const answers: ((passes: boolean) => void)[] = []
    const gate = (): Promise<boolean> => new Promise((resolve) => answers.push(resolve))
    const { manager, arrive, refused } = await setUp(5, { gate, rate: false, limits: { perHost: 2 } })
    for (let i = 0; i < 3; i++) arrive(FOREIGN)
    for (let i = 0; i < 3; i++) arrive()
    for (const answer of answers) answer(true)
    await flush()
    expect([manager.metrics.connections, refused()]).toEqual([4, { 'host-limit': 1, 'inbound-limit': 1 }])
  })

  test('one that commands the manager changes nothing about its limits', async () => {
    const box: { manager?: ConnectionManager } = {}
    const extra: Promise<unknown>[] = []
    const gate = ({ peerId }: GateRequest): boolean => {
      if (peerId === A && box.manager !== undefined) extra.push(box.manager.connect(B))
      return true
    }
    const { manager, transport } = await setUp(1, { gate })
    box.manager = manager
    await expect(manager.connect(A)).rejects.toMatchObject({ code: 'ERR_MAX_CONNECTIONS' })
    await Promise.all(extra)
    expect([manager.status(B), transport.ledger.peakHeld]).toEqual(['Connected', 1])
  })

  test('one that makes its own caller leave leaves no dial behind', async () => {
    for (const admission of ['reject', 'queue'] as const) {
      const leaver = new AbortController()
      const gate = ({ peerId }: GateRequest): boolean => {
        if (peerId === B) leaver.abort('enough')
        return true
      }
      const { manager, transport } = await setUp(1, { gate, admission })
      if (admission === 'queue') await manager.connect(A)
      const left = manager.connect(B, { signal: leaver.signal })
      if (admission === 'queue') void manager.disconnect(A, { pool: false })
      await expect(left).rejects.toBe('enough')
      await flush()
      expect([manager.status(B), transport.ledger.live]).toEqual([undefined, 0])
    }
  })

  test('a kept peer that it turns away is asked about again, ever more rarely', async () => {
    let asked = 0
    let open = true
    const gate = (): boolean => (asked++, open)
    const { clock, transport, manager } = await setUp(5, { gate, random: () => 0.999 })
    await manager.connect(A, { keep: true })
    open = false
    transport.linkOf(A)?.remoteClose()
    await clock.advanceAsync(600_000)
    expect(asked).toBeGreaterThan(5)
    expect(asked).toBeLessThan(20)
    open = true
    await clock.advanceAsync(60_000)
    expect(manager.status(A)).toBe('Connected')
  })

  test('a waiting connect is asked about when its slot comes', async () => {
    const asked: string[] = []
    const gate = ({ peerId }: GateRequest): boolean => (asked.push(peerId), peerId !== B)
    const { manager } = await setUp(1, { gate, admission: 'queue' })
    const held = await manager.connect(A)
    const denied = manager.connect(B)
    const next = manager.connect('scripted://c')
    expect(asked).toEqual([A])
    void manager.disconnect(held.peerId, { pool: false })
    await expect(denied).rejects.toMatchObject({ code: 'ERR_DENIED' })
    expect((await next).peerId).toBe('scripted://c')
  })

  test('one that drains the manager before it lets a dial pass: the dial is refused', async () => {
    const { manager, transport } = await setUp(10, {
      gate: () => {
        void manager.drain()
        return true
      },
    })
    await expect(manager.connect(A)).rejects.toMatchObject({ code: 'ERR_STOPPED', peerId: A })
    expect([transport.dials.length, manager.status(A)]).toEqual([0, undefined])
  })
})
