/** Who may come in, how many and how often is kept by the manager, and every refusal says why. */
import fc from 'fast-check'
import { ConnectionManager, type GateRequest, type ManagerOptions } from 'qudag-connections'
import { flush, scripted, type ScriptedLink, VirtualClock } from 'qudag-connections/testing'
import { describe, expect, test } from 'vitest'
import type { ArrivalRefusal } from '../../src/runtime/admission/door.ts'
import { MAX_HOSTS } from '../../src/runtime/admission/host-rates.ts'
import { runningOn } from '../../src/supervisor-logic.ts'

const A = 'scripted://a'
const B = 'scripted://b'
const FOREIGN = 'scripted://192.0.2.1:7'

async function setUp(max: number, options: ManagerOptions = {}) {
  const clock = new VirtualClock()
  const transport = scripted({ autoOpen: true, autoClose: 'sync' })
  const manager = new ConnectionManager(max, { transport, clock, random: () => 0, ...options })
  await manager.listen('scripted://here:1')
  const door = runningOn(manager.supervisor)?.supervisor.door
  if (door === undefined) throw new Error('the supervisor does not run')
  /** So many links arrive from one address; which of them stay. */
  const arrive = (remoteAddress?: string, remotePeerId?: string): ScriptedLink =>
    transport.arrive({ remotePeerId, ...(remoteAddress === undefined ? {} : { remoteAddress }) })
  const states = (links: readonly ScriptedLink[]): string => links.map(({ state }) => (state === 'over' ? '-' : '+')).join('')
  const from = (address: string, count: number): string => states(Array.from({ length: count }, () => arrive(address)))
  const refused = (): Partial<Record<ArrivalRefusal, number>> =>
    Object.fromEntries(Object.entries(door.refusals).filter(([, count]) => count > 0))
  return { clock, transport, manager, door, arrive, from, refused }
}

describe('in and out', () => {
  test('inbound links use at most 80 % of the slots, and our own dials find the rest', async () => {
    const { transport, manager, from, refused } = await setUp(10)
    expect(from('memory://crowd', 12)).toBe('++++++++----')
    expect(refused()).toEqual({ 'inbound-limit': 4 })
    expect(manager.metrics.inbound).toEqual({ accepted: 8, rejected: 4 })
    await Promise.all([manager.connect(A), manager.connect(B)])
    await expect(manager.connect('scripted://c')).rejects.toMatchObject({ code: 'ERR_MAX_CONNECTIONS', limit: 10, current: 10 })
    expect(transport.ledger.peak).toBe(10)
  })

  test('a manager with one slot lets one in', async () => {
    const { from } = await setUp(1)
    expect(from('memory://crowd', 2)).toBe('+-')
  })

  test('limits.inbound: 0 lets nobody in, though slots are free', async () => {
    const { manager, from, refused } = await setUp(5, { limits: { inbound: 0 } })
    expect([from('memory://crowd', 2), refused(), [...manager.peers()]]).toEqual(['--', { 'inbound-limit': 2 }, []])
  })

  test('what was asked for is the ceiling, and never more than maxConnections', async () => {
    const { from, refused } = await setUp(3, { limits: { inbound: 9 } })
    expect([from('memory://crowd', 4), refused()]).toEqual(['+++-', { 'inbound-limit': 1 }])
  })

  test('our own dials in all slots: the link is refused for maxConnections', async () => {
    const { manager, door, arrive } = await setUp(2)
    await Promise.all([manager.connect(A), manager.connect(B)])
    const link = arrive('memory://late')
    expect([link.state, door.refusals['max-connections']]).toEqual(['over', 1])
    expect(door.lastRefusal).toMatchObject({ reason: 'max-connections', limit: 2, current: 2, remoteAddress: 'memory://late' })
  })

  test('at the ceiling the longest-idle pooled inbound link yields, and no outbound one', async () => {
    const { clock, manager, arrive } = await setUp(5)
    await manager.connect(A)
    await manager.disconnect(A)
    for (const peer of ['w', 'x', 'y', 'z']) arrive(undefined, peer)
    for (const peer of ['x', 'w']) {
      clock.advance(1)
      await manager.disconnect(peer, { pool: true })
    }
    expect(arrive(undefined, 'new').state).not.toBe('over')
    expect(['w', 'x', 'y', 'new', A].map((peer) => manager.status(peer))).toEqual([
      'Disconnected',
      undefined,
      'Connected',
      'Connected',
      'Disconnected',
    ])
    expect(manager.metrics.pool.evicted).toBe(1)
  })

  test('setLimits moves the ceiling; pooled inbound links above it yield, Connected ones stay', async () => {
    const { manager, from, arrive } = await setUp(10)
    for (let i = 0; i < 8; i++) arrive(undefined, `peer ${i}`)
    await manager.disconnect('peer 0')
    await manager.disconnect('peer 1')
    manager.setLimits({ maxConnections: 8 })
    expect([manager.metrics.pooled, manager.metrics.connections]).toEqual([0, 6])
    expect(from('memory://crowd', 1)).toBe('-')
    manager.setLimits({ maxConnections: 20 })
    expect(from('memory://crowd', 11)).toBe('++++++++++-')
  })

  test('above a lowered limit no link comes into the slot that a closing one leaves; within it, it does', async () => {
    const transport = scripted({ autoOpen: true, autoClose: false })
    const manager = new ConnectionManager(2, { transport, clock: new VirtualClock() })
    await manager.listen('scripted://here:1')
    await Promise.all([manager.connect(A), manager.connect(B)])
    void manager.disconnect(A, { pool: false })
    manager.setLimits({ maxConnections: 1 })

    const early = transport.arrive({ remotePeerId: A })
    expect([early.state, manager.explain(A)?.state]).toEqual(['over', 'Disconnected.closing'])

    manager.setLimits({ maxConnections: 2 })
    const late = transport.arrive({ remotePeerId: A })
    expect([late.state, manager.status(A)]).toEqual(['open', 'Connected'])
  })

  test('a link of a peer that we dial joins it, whatever the ceiling', async () => {
    const { transport, manager, from, arrive } = await setUp(2)
    expect(from('memory://crowd', 1)).toBe('+')
    transport.autoOpen = false
    const connecting = manager.connect(A)
    expect(arrive(undefined, A).state).not.toBe('over')
    expect((await connecting).direction).toBe('inbound')
  })
})

describe('per host and subnet', () => {
  const unhurried: ManagerOptions = { rate: false }

  test('one IPv4 host has 8 live links, IPv4-mapped or not; another host has its own', async () => {
    const { from, refused, door, transport } = await setUp(100, unhurried)
    expect(from('scripted://192.0.2.1:7', 5)).toBe('+++++')
    expect(from('scripted://[::ffff:192.0.2.1]:9', 5)).toBe('+++--')
    expect(from('scripted://192.0.2.2:7', 1)).toBe('+')
    expect(refused()).toEqual({ 'host-limit': 2 })
    expect(door.lastRefusal).toMatchObject({ reason: 'host-limit', range: '192.0.2.1/32', limit: 8, current: 8 })
    for (const link of transport.links) if (link.state === 'open') link.remoteClose()
    expect([door.seats.held, door.seats.size]).toEqual([0, 0])
    expect(from('scripted://192.0.2.1:7', 9)).toBe('++++++++-')
  })

  test('one IPv6 /56 has 8, one /48 has 64', async () => {
    const { from, refused } = await setUp(200, unhurried)
    expect(from('scripted://[2001:db8:1:100::1]:7', 4) + from('scripted://[2001:db8:1:1ff::2]:7', 5)).toBe('++++++++-')
    for (let customer = 2; customer <= 8; customer++) expect(from(`scripted://[2001:db8:1:${customer}00::1]:7`, 8)).toBe('++++++++')
    expect(from('scripted://[2001:db8:1:900::1]:7', 1)).toBe('-')
    expect(from('scripted://[2001:db8:2:900::1]:7', 1)).toBe('+')
    expect(refused()).toEqual({ 'host-limit': 1, 'subnet-limit': 1 })
  })

  test('loopback and private ranges are exempt, and what is no IP is not counted', async () => {
    const { from } = await setUp(100, unhurried)
    for (const own of ['scripted://127.0.0.1:1', 'scripted://10.9.8.7:1', 'scripted://[fd00::1]:1', 'memory://a']) {
      expect([own, from(own, 12)]).toEqual([own, '+'.repeat(12)])
    }
  })

  test('limits.exempt says who is exempt instead', async () => {
    const { from } = await setUp(100, { ...unhurried, limits: { exempt: ['192.0.2.0/24'], perHost: 2 } })
    expect([from(FOREIGN, 4), from('scripted://127.0.0.1:1', 4)]).toEqual(['++++', '++--'])
  })

  test('a peer that comes anew from its full host replaces its own link', async () => {
    const { arrive, refused } = await setUp(100, unhurried)
    for (let i = 0; i < 8; i++) arrive(FOREIGN, `peer ${i}`)
    expect([arrive(FOREIGN, 'peer 3').state === 'over', arrive(FOREIGN, 'peer 8').state, refused()]).toEqual([
      false,
      'over',
      { 'host-limit': 1 },
    ])
  })

  test('pooled links count while they live', async () => {
    const { manager, arrive, from } = await setUp(100, unhurried)
    for (let i = 0; i < 8; i++) arrive(FOREIGN, `peer ${i}`)
    await manager.disconnect('peer 1', { pool: true })
    expect(from(FOREIGN, 1)).toBe('-')
    await manager.disconnect('peer 1', { pool: false })
    expect(from(FOREIGN, 2)).toBe('+-')
  })
})

describe('rate', () => {
  /** Links that end at once, so that nothing but the rate bounds them. */
  async function comeAndGo(options: ManagerOptions = {}) {
    const kit = await setUp(1_000, options)
    const visit = (address: string, count: number): string =>
      Array.from({ length: count }, () => {
        const link = kit.arrive(address)
        if (link.state === 'over') return '-'
        link.remoteClose()
        return '+'
      }).join('')
    return { ...kit, visit }
  }

  test('one host comes 16 times at once, then 5 times a second; others are not held up by it', async () => {
    const { clock, door, visit, refused } = await comeAndGo()
    expect(visit(FOREIGN, 20)).toBe(`${'+'.repeat(16)}----`)
    expect(door.lastRefusal).toMatchObject({ reason: 'host-rate', retryAfterMs: 200 })
    expect(visit('scripted://192.0.2.2:7', 3)).toBe('+++')
    clock.advance(1_000)
    expect(visit(FOREIGN, 8)).toBe('+++++---')
    expect(refused()).toEqual({ 'host-rate': 7 })
  })

  test('all hosts together come 500 times a second, loopback not counted', async () => {
    const { clock, visit, refused } = await comeAndGo()
    let passed = 0
    for (let host = 0; host < 600; host++) if (visit(`scripted://198.51.${host >> 8}.${host & 255}:7`, 1) === '+') passed++
    expect([passed, refused()]).toEqual([500, { 'total-rate': 100 }])
    expect(visit('scripted://127.0.0.1:7', 50)).toBe('+'.repeat(50))
    expect(visit('scripted://10.0.0.1:7', 1)).toBe('-')
    clock.advance(10)
    expect(visit('scripted://10.0.0.1:7', 6)).toBe('+++++-')
  })

  test('options change it, false turns it off', async () => {
    const slow = await comeAndGo({ rate: { perSecond: 1, burst: 2, total: 3 } })
    expect([slow.visit(FOREIGN, 3), slow.visit('scripted://192.0.2.2:7', 2)]).toEqual(['++-', '+-'])
    const off = await comeAndGo({ rate: false })
    expect(off.visit(FOREIGN, 600)).toBe('+'.repeat(600))
  })

  test('more hosts than are remembered do not make its memory grow', async () => {
    const { clock, door, visit } = await comeAndGo({ rate: { total: Infinity } })
    for (let host = 0; host < MAX_HOSTS + 500; host++) {
      if (host % 100 === 0) clock.advance(1)
      visit(`scripted://198.${host >> 16}.${(host >> 8) & 255}.${host & 255}:7`, 1)
    }
    expect(door.rates.size).toBe(MAX_HOSTS)
  })
})

describe('allow, deny', () => {
  test('deny wins over allow, by peer id, address and range, in and out', async () => {
    const { manager, transport, arrive, refused } = await setUp(10, {
      allow: ['mallory', '192.0.2.0/24'],
      deny: ['mallory', '192.0.2.1', '2001:db8::/32'],
    })
    expect(arrive(undefined, 'mallory').state).toBe('over')
    expect(arrive(FOREIGN).state).toBe('over')
    expect(arrive('scripted://[2001:db8::7]:1').state).toBe('over')
    expect(arrive('scripted://192.0.2.2:7').state).not.toBe('over')
    expect(refused()).toEqual({ denied: 3 })
    for (const peerId of ['mallory', FOREIGN, 'scripted://[2001:db8::9]:1']) {
      await expect(manager.connect(peerId)).rejects.toMatchObject({ code: 'ERR_DENIED', peerId })
      expect(manager.status(peerId)).toBeUndefined()
    }
    expect(transport.dials).toEqual([])
  })

  test('an address that only resolving tells is passed over; where there is no other, the dial fails with ERR_DENIED', async () => {
    const resolve = (peerId: string) => (peerId === 'both' ? [FOREIGN, A] : [FOREIGN])
    const { manager, transport } = await setUp(10, { deny: ['192.0.2.0/24'], resolve })
    expect((await manager.connect('both')).remoteAddress).toBe(A)
    await expect(manager.connect('one')).rejects.toMatchObject({ code: 'ERR_DENIED', attempts: 0, address: FOREIGN })
    expect([manager.status('one'), transport.dials.length]).toEqual(['Failed', 1])
  })

  test('a host name that leads to a denied address is found out when it answers', async () => {
    const { manager, transport } = await setUp(10, { deny: ['192.0.2.0/24'] })
    transport.autoOpen = false
    const connecting = manager.connect('scripted://innocent:1')
    const link = transport.lastDial()?.open({ remoteAddress: FOREIGN })
    await expect(connecting).rejects.toMatchObject({ code: 'ERR_DENIED' })
    expect(link?.state).toBe('over')
  })

  test('an allowed one passes the soft limits, nobody else does, and maxConnections holds for all', async () => {
    const { manager, from, arrive } = await setUp(4, {
      allow: ['192.0.2.1', 'friend'],
      limits: { inbound: 1, perHost: 1 },
      rate: { burst: 1 },
    })
    expect(from('scripted://192.0.2.9:7', 2)).toBe('+-')
    expect(from(FOREIGN, 2)).toBe('++')
    expect(from('memory://crowd', 1)).toBe('-')
    expect(arrive('scripted://192.0.2.9:8', 'friend').state).not.toBe('over')
    expect(from(FOREIGN, 1)).toBe('-')
    expect(manager.metrics.connections).toBe(4)
  })

  test('a name that nobody has proven is not allowed by claiming it', async () => {
    const { arrive } = await setUp(4, { allow: ['friend'], limits: { inbound: 0 } })
    expect([arrive('friend').state, arrive(undefined, 'friend').state === 'over']).toEqual(['over', false])
  })

  test('a denied peer never counts against its breaker, nor takes a slot', async () => {
    const { manager } = await setUp(1, { deny: ['192.0.2.0/24'], resolve: () => FOREIGN })
    for (let i = 0; i < 10; i++) await expect(manager.connect(A)).rejects.toMatchObject({ code: 'ERR_DENIED' })
    expect(manager.metrics.dialing).toBe(0)
  })
})

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
})

describe('options', () => {
  test.each([
    [{ limits: { inbound: -1 } }, RangeError, 'limits.inbound'],
    [{ limits: { pendingInbound: 0 } }, RangeError, 'limits.pendingInbound'],
    [{ limits: { perHost: 1.5 } }, RangeError, 'limits.perHost'],
    [{ limits: { perSubnet: '1' } }, TypeError, 'limits.perSubnet'],
    [{ limits: { exempt: ['alice'] } }, RangeError, "limits.exempt must hold IP addresses and CIDRs, got 'alice'"],
    [{ rate: true }, TypeError, 'rate'],
    [{ rate: { perSecond: 0 } }, RangeError, 'rate.perSecond'],
    [{ rate: { burst: 0 } }, RangeError, 'rate.burst'],
    [{ rate: { total: 0.5 } }, RangeError, 'rate.total'],
    [{ allow: '10.0.0.0/8' }, TypeError, 'allow'],
    [{ deny: [7] }, TypeError, 'deny'],
    [{ deny: ['10.0.0.0/33'] }, RangeError, "'10.0.0.0/33'"],
    [{ gate: true }, TypeError, 'gate'],
  ])('%j is refused by name', (options, kind, name) => {
    const make = (): ConnectionManager => new ConnectionManager(1, options as unknown as ManagerOptions)
    expect(make).toThrow(kind)
    expect(make).toThrow(name)
  })
})

test('whatever arrives and is dialled, no share and no limit is ever exceeded', async () => {
  const act = fc.record({
    what: fc.constantFrom('arrive', 'arrive', 'arrive', 'connect', 'disconnect', 'close', 'time', 'limits'),
    who: fc.nat(5),
    host: fc.nat(3),
  })
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 8 }), fc.array(act, { maxLength: 80, size: 'max' }), async (max, run) => {
      const { clock, transport, manager, door, arrive } = await setUp(max, { limits: { perHost: 3 }, deny: ['192.0.2.3'] })
      let limit = max
      for (const { what, who, host } of run) {
        const before = { held: transport.ledger.live, inbound: door.seats.held }
        const peerId = `scripted://peer/${who}`
        if (what === 'arrive') arrive(`scripted://192.0.2.${host}:1`, who < 3 ? peerId : undefined)
        else if (what === 'connect') void manager.connect(peerId).catch(() => {})
        else if (what === 'disconnect') void manager.disconnect(peerId)
        else if (what === 'close') transport.linkOf(peerId)?.remoteClose()
        else if (what === 'time') clock.advance(who * 400)
        else manager.setLimits({ maxConnections: (limit = who + 1) })
        await flush()
        const inbound = [...manager.peers()].filter(
          ({ direction, status, pooled }) => direction === 'inbound' && (status === 'Connected' || pooled),
        )
        expect(door.seats.held).toBe(inbound.length)
        for (let h = 0; h < 4; h++) {
          const there = inbound.filter(({ remoteAddress }) => remoteAddress === `scripted://192.0.2.${h}:1`).length
          expect(there).toBe(door.seats.liveIn(`192.0.2.${h}/32`, undefined))
          expect(there).toBeLessThanOrEqual(h === 3 ? 0 : 3)
        }
        expect(transport.ledger.live).toBeLessThanOrEqual(Math.max(limit, before.held))
        if (what === 'arrive' && who >= 3) expect(door.seats.held).toBeLessThanOrEqual(Math.max(door.ceiling, before.inbound))
      }
      await manager.shutdown()
      expect([door.seats.held, door.seats.size, clock.pending]).toEqual([0, 0, 0])
    }),
  )
})
