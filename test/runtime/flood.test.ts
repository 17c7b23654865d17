/** A flood of strangers gets its share of the slots, and nothing of anybody else's. */
import { ConnectionManager, type ManagerOptions } from 'qudag-connections'
import { flush, scripted, VirtualClock } from 'qudag-connections/testing'
import { expect, test } from 'vitest'
import { MAX_REMEMBERED } from '../../machines/policy/memory.ts'
import { MAX_HOSTS } from '../../src/runtime/admission/host-rates.ts'
import { runningOn } from '../../src/supervisor-logic.ts'

const MAX = 100
const SHARE = 80
const ATTEMPTS = 10_000
const OUR_OWN = Array.from({ length: 15 }, (_, i) => `scripted://ours/${i}`)

/** Numbers that look random and are the same in every run. */
function sequence(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

async function flood(options: ManagerOptions) {
  const clock = new VirtualClock()
  const seen = { links: 0, inbound: 0, waiting: 0 }
  const transport = scripted({
    autoOpen: true,
    autoClose: 'sync',
    watch: () => {
      seen.links = Math.max(seen.links, transport.ledger.live)
      if (door === undefined) return
      seen.inbound = Math.max(seen.inbound, door.seats.held)
      seen.waiting = Math.max(seen.waiting, door.gate.waiting)
    },
  })
  const manager = new ConnectionManager(MAX, { transport, clock, random: () => 0, ...options })
  const door = runningOn(manager.supervisor)?.supervisor.door
  if (door === undefined) throw new Error('the supervisor does not run')
  await manager.listen('scripted://here:1')
  const ours = await Promise.all(OUR_OWN.map((peerId) => manager.connect(peerId)))
  manager.protect('scripted://ours/0', 'a friend')
  const told: string[] = []
  manager.transitions$.subscribe(({ peerId }) => void told.push(peerId))
  const random = sequence(7)
  let allowed = 0
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    // A few hosts knock again and again, many come once; some are allowed, some denied, some prove who they are.
    const isFew = random() < 0.3
    const host = isFew ? `203.0.113.${Math.floor(random() * 8)}` : `198.${18 + (attempt >> 16)}.${(attempt >> 8) & 255}.${attempt & 255}`
    const address =
      random() < 0.2 ? `scripted://[2001:db8:${attempt % 5}:${(attempt % 40) << 8}::1]:9` : `scripted://${host}:${attempt % 60_000}`
    const isAllowed = random() < 0.02
    if (isAllowed) allowed++
    const remotePeerId = isAllowed ? `friend ${allowed % 7}` : random() < 0.3 ? `stranger ${attempt % 3_000}` : undefined
    const link = transport.arrive({ remotePeerId, remoteAddress: address })
    if (random() < 0.3 && link.state === 'open') link.remoteClose()
    if (random() < 0.05) clock.advance(random() * 200)
    if (attempt % 500 === 0) await flush()
  }
  await flush()
  return { clock, transport, manager, door, ours, seen, told }
}

test('10,000 inbound attempts, allowed and not, from many hosts: no overshoot at any instant, our own peers untouched, memory bounded', async () => {
  const { transport, manager, door, ours, seen, told } = await flood({
    allow: Array.from({ length: 7 }, (_, i) => `friend ${i}`),
    deny: ['198.18.7.0/24', 'stranger 13'],
  })
  expect(seen.links).toBeLessThanOrEqual(MAX)
  // The seven that are allowed pass the share of the others, never the limit of all.
  expect(seen.inbound).toBeLessThanOrEqual(SHARE + 7)
  expect(seen.inbound).toBeGreaterThanOrEqual(SHARE)
  const ourOwn = new Set(OUR_OWN)
  expect(told.filter((peerId) => ourOwn.has(peerId))).toEqual([])
  for (const connection of ours) expect(connection.send(new Uint8Array(1))).toBe(true)
  // There is still room for us to dial.
  await Promise.all(['scripted://late/1', 'scripted://late/2'].map((peerId) => manager.connect(peerId)))
  const { accepted, rejected } = manager.metrics.inbound
  expect(accepted + rejected).toBe(ATTEMPTS)
  expect(Object.values(door.refusals).reduce((sum, count) => sum + count)).toBe(rejected)
  const { denied, 'host-rate': tooOften, 'inbound-limit': tooMany } = door.refusals
  expect([denied, tooOften, tooMany].filter((count) => count === 0)).toEqual([])
  expect([...manager.peers()].length).toBeLessThanOrEqual(MAX + MAX_REMEMBERED)
  expect(door.rates.size).toBeLessThanOrEqual(MAX_HOSTS)
  expect(door.seats.size).toBeLessThanOrEqual(2 * (SHARE + 7))
  await manager.shutdown()
  expect([door.seats.held, door.seats.size, door.gate.waiting, transport.ledger.live]).toEqual([0, 0, 0, 0])
})

test('… with a gate that takes its time: pendingInbound wait at any instant, and all of them get an answer', async () => {
  const { clock, transport, manager, door, seen } = await flood({
    gate: async () => {
      await Promise.resolve()
      return true
    },
  })
  // Those that wait are watched, beside those in slots.
  expect([seen.waiting <= 10, seen.waiting > 0, seen.links <= MAX + 10, seen.inbound <= SHARE]).toEqual([true, true, true, true])
  expect(door.refusals['pending-limit']).toBeGreaterThan(0)
  const { accepted, rejected } = manager.metrics.inbound
  expect(accepted + rejected).toBe(ATTEMPTS)
  await manager.shutdown()
  expect([door.gate.waiting, transport.ledger.live, clock.pending]).toEqual([0, 0, 0])
})
