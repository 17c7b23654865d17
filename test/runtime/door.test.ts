/** The door of a manager: its options are checked, and whatever arrives, no share and no limit is exceeded. */
import fc from 'fast-check'
import { ConnectionManager, type ManagerOptions } from 'qudag-connections'
import { flush } from 'qudag-connections/testing'
import { describe, expect, test } from 'vitest'
import { setUp } from './door-rig.ts'

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
    // Each is up to 80 acts long, and every one is looked at as a whole.
    { numRuns: Math.min(2_000, fc.readConfigureGlobal().numRuns ?? 100) },
  )
})
