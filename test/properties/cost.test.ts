/** What is done to one peer looks at no more, arms no more and dials no more because there are many others. */
import { type Connection, ConnectionManager } from 'qudag-connections'
import { flush, scripted, VirtualClock } from 'qudag-connections/testing'
import { beforeAll, describe, expect, test } from 'vitest'
import { countVisits } from './visits.ts'

const FEW = 20
const MANY = 2_000
const ONE = 'scripted://one'
const OTHER = 'scripted://other'

type Crowd = Awaited<ReturnType<typeof crowd>>

/** Each leaves the peer as it found it, so that the next one starts alike. */
const OPERATIONS: { readonly [name: string]: (crowd: Crowd) => unknown } = {
  'connect and disconnect without the pool': async ({ manager }) => {
    await manager.connect(ONE)
    await manager.disconnect(ONE, { pool: false })
  },
  'connect to a Connected peer, and release': async ({ manager }) => {
    const connection = await manager.connect('scripted://0')
    await connection.release()
  },
  'pool, reuse, and let it expire': async ({ manager, clock }) => {
    await manager.connect(ONE)
    await manager.disconnect(ONE)
    await manager.connect(ONE)
    await manager.disconnect(ONE)
    await clock.advanceAsync(500)
  },
  'connect and abort': async ({ manager, transport }) => {
    transport.autoOpen = false
    const caller = new AbortController()
    const call = manager.connect(ONE, { signal: caller.signal }).catch(() => {})
    caller.abort()
    await call
    transport.autoOpen = true
  },
  'fail a dial, and forget the peer': async ({ manager, transport }) => {
    transport.autoFail = new Error('refused')
    await manager.connect(ONE).catch(() => {})
    transport.autoFail = undefined
    await manager.disconnect(ONE)
  },
  'be evicted from the pool': async ({ manager }) => {
    await manager.connect(ONE)
    await manager.disconnect(ONE)
    const { limit } = manager.metrics
    manager.setLimits({ maxConnections: limit - 1 })
    await manager.connect(OTHER)
    await manager.disconnect(OTHER, { pool: false })
    manager.setLimits({ maxConnections: limit })
  },
  'give way to who is worth more': async ({ manager, transport }) => {
    await manager.connect(ONE)
    manager.tag(OTHER, 'needed', 1)
    const { limit } = manager.metrics
    manager.setLimits({ maxConnections: limit - 1 })
    await manager.connect(OTHER)
    expect([manager.status(ONE), transport.ledger.live]).toEqual(['Disconnected', limit - 1])
    await manager.disconnect(OTHER, { pool: false })
    await manager.disconnect(ONE)
    manager.untag(OTHER, 'needed')
    manager.setLimits({ maxConnections: limit })
  },
  'arrive, and be closed by the remote': async ({ manager, transport }) => {
    const link = transport.arrive({ remotePeerId: OTHER })
    link.receive(new Uint8Array(1))
    link.remoteClose()
    await manager.disconnect(OTHER)
  },
  'report and forget': async ({ manager }) => {
    await manager.updateStatus(OTHER, 'Connected')
    manager.recordMessage(OTHER, { bytes: 1, latencyMs: 1 })
    await manager.updateStatus(OTHER, 'Failed')
    await manager.disconnect(OTHER)
  },
  'tag, protect and select': ({ manager }) => {
    manager.tag('scripted://1', 'relay', 5)
    manager.tag('scripted://1', 'recent', 1, { ttlMs: 100 })
    manager.protect('scripted://1', 'session')
    manager.select(['scripted://0', 'scripted://1'], 'least-used')
    manager.unprotect('scripted://1', 'session')
    manager.untag('scripted://1', 'recent')
  },
  'send and receive': ({ first }) => first.send(new Uint8Array(10)),
  'look at one peer, and at the gauges': async ({ manager }) => {
    manager.status('scripted://1')
    manager.get('scripted://1')
    manager.status$('scripted://1').subscribe().unsubscribe()
    await manager.getMetrics()
  },
}

describe('8. Cost does not grow with the crowd', () => {
  let few: Crowd
  let many: Crowd

  beforeAll(async () => {
    few = await crowd(FEW)
    many = await crowd(MANY)
  })

  test('the count itself sees a walk through a crowd', async () => {
    expect(await countVisits(() => [...many.manager.peers()])).toBeGreaterThanOrEqual(MANY)
    expect(await countVisits(() => Object.keys(Array.from({ length: MANY })))).toBeGreaterThanOrEqual(MANY)
  })

  test.each(Object.keys(OPERATIONS))('%s', async (name) => {
    const operation = OPERATIONS[name]
    const costs = []
    for (const one of [few, many]) {
      await operation?.(one)
      await flush()
      const before = work(one)
      // The least of three: what the test runner does in between is not ours.
      const visits = Math.min(await visitsOf(one), await visitsOf(one), await visitsOf(one))
      const after = work(one)
      costs.push({ visits, ...Object.fromEntries(Object.entries(after).map(([key, value]) => [key, value - (before[key] ?? 0)])) })
    }
    expect(costs[1]).toEqual(costs[0])

    async function visitsOf(one: Crowd): Promise<number> {
      return countVisits(async () => {
        await operation?.(one)
        await flush()
      })
    }
  })
})

/** A manager with `size` Connected peers, each with a subscriber to its status, and one slot for each of the two that the operations are about. */
async function crowd(size: number) {
  const clock = new VirtualClock()
  const transport = scripted({ autoOpen: true, autoClose: 'sync', record: false })
  // No sample falls into an operation: what sampling costs is another matter.
  const metrics = { sampleMs: 3_600_000, windowMs: 7_200_000 }
  const manager = new ConnectionManager(size + 2, { clock, transport, poolTimeoutMs: 500, metrics, admission: 'evict', evictionGraceMs: 0 })
  manager.transitions$.subscribe(() => {})
  await manager.listen('scripted://here:1')
  let first: Connection | undefined
  for (let i = 0; i < size; i++) {
    const connection = await manager.connect(`scripted://${i}`)
    first ??= connection
    manager.status$(`scripted://${i}`).subscribe(() => {})
  }
  if (first === undefined) throw new Error('a crowd is more than nobody')
  return { clock, transport, manager, first }
}

function work({ clock, transport }: Crowd): Record<string, number> {
  const { dials, opens, ends } = transport.ledger
  return { armed: clock.armed, dials, opens, ends, sent: transport.sentMessages }
}
