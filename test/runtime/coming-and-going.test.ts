/**
 * One that comes and goes beside many others takes its key out of no big table each time: V8 would leave each deleted entry in
 * the chain of its bucket, and every look-up would walk along them, until the whole table is written anew.
 */
import { afterEach, expect, test, vi } from 'vitest'
import { ConnectionManager, type ManagerOptions } from 'qudag-connections'
import { Collector, inspectionOf } from 'qudag-connections/inspect'
import { flush, scripted, type ScriptedLink, VirtualClock } from 'qudag-connections/testing'

const CROWD = 300
const TIMES = 100
/** From so many entries on a table is big. */
const BIG = 200

const id = (n: number): string => `scripted://peer-${n}`
const ONE = 'scripted://one'

afterEach(() => vi.restoreAllMocks())

function setUp(limit: number, options: ManagerOptions = {}) {
  const clock = new VirtualClock()
  const transport = scripted({ autoOpen: true, autoClose: 'sync', record: false })
  const manager = new ConnectionManager(limit, { transport, clock, random: () => 0, retention: { peers: 2 * CROWD }, ...options })
  return { clock, transport, manager }
}

/** Notes which keys are deleted from big tables, and how often; gives the most that one was. */
function watchDeletes(): () => number {
  const counts = new Map<object, Map<unknown, number>>()
  let isCounting = false
  for (const { prototype } of [Map, Set]) {
    const { delete: remove } = prototype
    vi.spyOn(prototype as Set<unknown>, 'delete').mockImplementation(function (this: Set<unknown>, key: unknown) {
      if (this.size >= BIG && !isCounting) {
        isCounting = true
        const ofTable = counts.get(this) ?? new Map<unknown, number>()
        counts.set(this, ofTable.set(key, (ofTable.get(key) ?? 0) + 1))
        isCounting = false
      }
      return (remove as (key: unknown) => boolean).call(this, key)
    })
  }
  return () => Math.max(0, ...[...counts.values()].flatMap((ofTable) => [...ofTable.values()]))
}

/** What comes beside a crowd, and goes again. */
interface Case {
  readonly name: string
  readonly limit: number
  readonly options?: ManagerOptions
  crowd(it: ReturnType<typeof setUp>, n: number): unknown
  once(it: ReturnType<typeof setUp>): unknown
}

const cases: readonly Case[] = [
  {
    name: 'a peer that is opened and closed',
    limit: CROWD + 1,
    crowd: ({ manager }, n) => manager.connect(id(n)),
    async once({ manager }) {
      await manager.connect(ONE)
      await manager.disconnect(ONE, { pool: false })
    },
  },
  {
    name: 'a peer that is kept and released',
    limit: CROWD + 1,
    crowd: ({ manager }, n) => manager.keep(id(n)),
    async once({ manager }) {
      await manager.keep(ONE).release()
    },
  },
  {
    name: 'a subscriber of the status of a peer',
    limit: 1,
    crowd: ({ manager }, n) => manager.status$(id(n)).subscribe(),
    once: ({ manager }) => manager.status$(ONE).subscribe().unsubscribe(),
  },
  {
    name: 'a caller that waits for a slot, and leaves',
    limit: 1,
    options: { admission: 'queue' },
    crowd: ({ manager }, n) => void manager.connect(id(n)).catch(() => {}),
    async once({ manager }) {
      const caller = new AbortController()
      const connecting = manager.connect(ONE, { signal: caller.signal }).catch(() => {})
      caller.abort()
      await connecting
    },
  },
  {
    name: 'a peer that is tagged and untagged',
    limit: CROWD + 1,
    async crowd({ manager }, n) {
      manager.tag(id(n), 'worth', 1)
      await manager.connect(id(n))
    },
    async once({ manager }) {
      manager.tag(ONE, 'worth', 1)
      await manager.connect(ONE)
      await manager.disconnect(ONE, { pool: false })
      manager.untag(ONE, 'worth')
    },
  },
  {
    name: 'a host whose links arrive and end',
    limit: CROWD + 2,
    options: { limits: { inbound: CROWD + 2, perSubnet: CROWD }, rate: { perSecond: 1_000, burst: 1_000, total: Infinity } },
    async crowd({ manager, transport }, n) {
      if (n === 0) await manager.listen('scripted://here:1')
      transport.arrive({ remoteAddress: `scripted://192.0.${n >> 8}.${n & 255}:1` })
    },
    async once({ transport }) {
      const link = transport.arrive({ remoteAddress: 'scripted://198.51.100.7:1' })
      await flush()
      link.remoteClose()
      await flush()
    },
  },
  {
    name: 'a kept peer that finds no slot, again and again',
    limit: 1,
    options: { reconnect: { baseMs: 10, maxMs: 10 } },
    crowd: ({ manager }, n) => manager.keep(id(n)),
    once({ manager }) {
      manager.retryNow(id(CROWD - 1))
    },
  },
]

test.each(cases)('$name', async ({ limit, options, crowd, once }) => {
  const it = setUp(limit, options)
  const collector = new Collector(inspectionOf(it.manager))
  for (let n = 0; n < CROWD; n++) await crowd(it, n)
  await flush()
  const most = watchDeletes()
  for (let n = 0; n < TIMES; n++) await once(it)
  expect(most()).toBeLessThan(TIMES / 10)
  vi.restoreAllMocks()
  collector.close()
  await it.manager.shutdown({ timeoutMs: 0 })
})

test('of messages that nobody has read yet, those of the peer that is known longest come first, also where another came back', async () => {
  const transport = scripted({ autoOpen: true, autoClose: 'sync' })
  const manager = new ConnectionManager(2, { transport, clock: new VirtualClock() })
  await manager.listen('scripted://here:1')
  const again = (): ScriptedLink => transport.arrive({ remotePeerId: 'b', remoteAddress: 'scripted://b' })
  again()
  await flush()
  await manager.disconnect('b', { pool: false })
  expect(manager.status('b')).toBeUndefined()
  await manager.connect('scripted://a')
  const link = again()
  await flush()
  link.receive(Uint8Array.of(2))
  transport.linkOf('scripted://a')!.receive(Uint8Array.of(1))
  const heard: string[] = []
  manager.messages$.subscribe(({ peerId, data }) => heard.push(`${peerId} ${data[0]}`))
  expect(heard).toEqual(['scripted://a 1', 'b 2'])
  await manager.shutdown()
})
