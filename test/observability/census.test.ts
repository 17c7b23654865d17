import { expect, test } from 'vitest'
import fc from 'fast-check'
import { ConnectionManager } from 'qudag-connections'
import { flush, scripted, VirtualClock } from 'qudag-connections/testing'
import { observe, type Observation } from '../../src/observability/observation.ts'

function managed(max: number, autoClose: 'sync' | undefined) {
  const clock = new VirtualClock()
  const transport = scripted({ autoOpen: true, proveIds: true, ...(autoClose === undefined ? {} : { autoClose }) })
  const manager = new ConnectionManager(max, {
    transport,
    clock,
    resolve: (peerId) => `scripted://${peerId}`,
    poolTimeoutMs: 20_000_000,
    heartbeat: false,
  })
  return { manager, clock, transport }
}

/** The values of a gauge by those of an attribute. */
function valuesOf(observation: Observation, name: 'qudag.connection.ages' | 'qudag.connection.count', attribute: string) {
  const sums: Record<string, number> = {}
  for (const { attributes, value } of observation.read()[name]) {
    const word = attributes[attribute] ?? ''
    sums[word] = (sums[word] ?? 0) + value
  }
  return sums
}

test('open links are counted by their ages, through the pool, and those that were open before anybody asked', async () => {
  const { manager, clock } = managed(4, 'sync')
  await manager.connect('early')
  clock.advance(90_000)
  const observation = observe(manager, () => {})
  const ann = await manager.connect('ann')
  clock.advance(30_000)
  await ann.release()
  clock.advance(3_600_000)
  await manager.connect('ben')
  await flush()

  expect(valuesOf(observation, 'qudag.connection.ages', 'qudag.connection.age')).toEqual({
    'under 1 s': 1,
    '1 s to 1 min': 0,
    '1 to 10 min': 0,
    '10 min to 1 h': 0,
    '1 h to 1 d': 2,
    'over 1 d': 0,
  })
  expect([...observation.read()['qudag.connection.oldest']]).toEqual([{ attributes: {}, value: 3_720 }])
  observation.end()
  await manager.shutdown()
})

test('the links by state and direction are those that the metrics count', async () => {
  const step = fc.tuple(fc.constantFrom('connect', 'release', 'close', 'arrive', 'hang up', 'answer'), fc.nat({ max: 5 }))
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const { manager, transport, clock } = managed(6, undefined)
      const listener = await manager.listen('scripted://here')
      const observation = observe(manager, () => {})
      for (const [kind, who] of steps) {
        const peerId = `peer-${who}`
        if (kind === 'connect') void manager.connect(peerId).catch(() => {})
        if (kind === 'release') void manager.disconnect(peerId).catch(() => {})
        if (kind === 'close') void manager.disconnect(peerId, { pool: false }).catch(() => {})
        if (kind === 'arrive') transport.arrive({ remotePeerId: peerId })
        if (kind === 'hang up') [...transport.links].at(who)?.remoteClose()
        if (kind === 'answer') transport.autoOpen = !transport.autoOpen
        clock.advance(10)
        await flush()
        const { connections, pooled, dialing, closing } = await manager.getMetrics()
        expect(valuesOf(observation, 'qudag.connection.count', 'qudag.connection.state')).toEqual({
          used: connections,
          idle: pooled,
          connecting: dialing,
          closing,
        })
        const open = Object.values(valuesOf(observation, 'qudag.connection.ages', 'qudag.connection.age'))
        expect(open.reduce((sum, value) => sum + value, 0)).toBe(connections + pooled)
      }
      observation.end()
      await listener.close()
      const ended = manager.shutdown()
      clock.advance(60_000)
      await ended
    }),
    { numRuns: 40 },
  )
})
