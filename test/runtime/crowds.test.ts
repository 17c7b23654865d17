/** What one command brings about for a crowd takes no more of the stack than for one. */
import { expect, test } from 'vitest'
import { ConnectionManager, type Transport } from 'qudag-connections'
import { flush, scripted, VirtualClock } from 'qudag-connections/testing'

const CROWD = 3_000

test('a shutdown of many links that are over as soon as they are closed ends', async () => {
  const clock = new VirtualClock()
  const manager = new ConnectionManager(CROWD, { transport: scripted({ autoOpen: true, autoClose: 'sync', record: false }), clock })
  for (let n = 0; n < CROWD; n++) await manager.connect(`scripted://${n}`)
  expect(await manager.shutdown()).toEqual({ closed: CROWD, forced: 0 })
  expect(clock.pending).toBe(0)
})

test('many that wait for a slot, and have no address, all fail when there is room', async () => {
  const clock = new VirtualClock()
  const transport = scripted({ autoOpen: true, autoClose: 'sync' })
  const manager = new ConnectionManager(1, { transport, clock, admission: 'queue', maxWaiting: CROWD })
  await manager.connect('scripted://first')
  const codes = new Set<unknown>()
  const waiting = Array.from({ length: CROWD }, async (_, n) => codes.add(await codeOf(manager.connect(`nowhere-${n}`))))
  manager.setLimits({ maxConnections: 2 * CROWD })
  await flush()
  await Promise.all(waiting)
  expect([...codes]).toEqual(['ERR_NO_ADDRESS'])
  await manager.shutdown()
  expect(clock.pending).toBe(0)
})

test('a shutdown of many links that break as they are closed ends', async () => {
  const clock = new VirtualClock()
  const transport = scripted({ autoOpen: true, record: false })
  const broken: Transport = {
    schemes: transport.schemes,
    async dial(address, options) {
      const link = await transport.dial(address, options)
      link.close = () => {
        throw new Error('close throws')
      }
      return link
    },
  }
  const manager = new ConnectionManager(CROWD, { transport: broken, clock })
  for (let n = 0; n < CROWD; n++) await manager.connect(`scripted://${n}`)
  expect(await manager.shutdown()).toEqual({ closed: 0, forced: CROWD })
  expect([clock.pending, transport.ledger.live]).toEqual([0, 0])
})

async function codeOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: { code?: string }) => error.code,
  )
}
