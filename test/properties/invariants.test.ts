/** The invariants of design §2 hold for generated commands, faults and time, at every instant. */
import fc from 'fast-check'
import { arbitraries, type Command, flush } from 'qudag-connections/testing'
import { expect, test } from 'vitest'
import { admitsWithin } from './admits-within.ts'
import { assertLegalStream } from './legal-transitions.ts'
import { type Beat, Rig, type Watch } from './rig.ts'
import { gaugesAreWrong, heldPastTtl, NOTHING_LEFT } from './rig-watches.ts'
import { DURATIONS, PEERS, POOL_MS, type Variant } from './variant.ts'

const { command } = arbitraries(fc)
const commandOptions = { peers: PEERS.length, durations: DURATIONS, maxConnections: 4 }
const anyCommand: fc.Arbitrary<Command> = command(commandOptions)
const variant: fc.Arbitrary<Variant> = fc.record({
  maxConnections: fc.integer({ min: 1, max: 4 }),
  poolTimeoutMs: fc.constantFrom(POOL_MS, 0),
  onAbort: fc.constantFrom('reject', 'ignore'),
  tellLocalEnd: fc.constantFrom('sync', 'microtask'),
  embedded: fc.constant(false),
  ping: fc.boolean(),
})
const beats: fc.Arbitrary<Beat[]> = fc.array(fc.record({ command: anyCommand, settle: fc.boolean() }), { maxLength: 60, size: 'max' })
/** What handlers do while they are told: they cannot move time, and they do not end the manager. */
const reactions = fc.array(anyCommand, { maxLength: 12 })
const nothing: Watch = () => undefined

test('1. The limit is a limit: links that we hold are never admitted past maxConnections', async () => {
  await holdsAtEveryInstant(admitsWithin())
})

test('2. One peer, one link: never two live links for one peer id, but for the instant in which one replaces the other', async () => {
  await holdsAtEveryInstant((rig, where) => {
    const most = where.startsWith('settled') ? 1 : 2
    for (const { peerId, links } of rig.transport.ledger.peers()) if (links > most) return `${links} links for ${peerId}`
    return undefined
  })
})

test('3. Metrics tell the truth: every gauge equals a recount of the registry', async () => {
  await holdsAtEveryInstant(gaugesAreWrong)
})

test('4. Every promise settles once, and after shutdown nothing is left', async () => {
  await fc.assert(
    fc.asyncProperty(variant, beats, reactions, fc.constantFrom('shutdown' as const, 'stop' as const), async (v, run, react, how) => {
      const rig = new Rig(v, nothing, react)
      await rig.run(run)
      await rig.end(how)
      expect(rig.leftovers()).toEqual(NOTHING_LEFT)
    }),
  )
})

test('5. Only legal transitions, gapless per peer, and every subscriber sees every one in the order of seq', async () => {
  await fc.assert(
    fc.asyncProperty(variant, beats, reactions, async (v, run, react) => {
      const rig = new Rig(v, nothing, react)
      // This one subscribes after the one that commands the manager while it is told.
      const second: number[] = []
      const batched: number[] = []
      rig.manager.transitions$.subscribe(({ seq }) => second.push(seq))
      rig.manager.changes$.subscribe((batch) => batched.push(...batch.map(({ seq }) => seq)))
      await rig.run(run)
      await rig.end()
      assertLegalStream(rig.transitions)
      expect(second).toEqual(rig.transitions.map(({ seq }) => seq))
      expect(batched).toEqual(second)
    }),
  )
})

test('6. A pooled link is never used after its TTL, nor held past it', async () => {
  await fc.assert(
    fc.asyncProperty(variant, beats, reactions, async (v, run, react) => {
      const rig = new Rig(v, (r, where) => (where.includes('after') ? heldPastTtl(r) : undefined), react)
      await rig.run(run)
      const pooledAt = new Map<string, number>()
      for (const { peerId, toState, at, reason } of rig.transitions) {
        if (toState === 'Disconnected.pooled') pooledAt.set(peerId, at)
        if (reason !== 'reused') continue
        expect(at - (pooledAt.get(peerId) ?? -Infinity), `reuse of ${peerId}`).toBeLessThan(POOL_MS)
      }
      await rig.end()
      expect(rig.wrong).toEqual([])
    }),
  )
})

test('7. The fold is a fold: folding the stream from outside gives the gauges of the manager', async () => {
  await fc.assert(
    fc.asyncProperty(variant, beats, reactions, async (v, run, react) => {
      const rig = new Rig(v, nothing, react)
      await rig.manager.listen('scripted://here:1')
      for (const { command: next, settle } of run) {
        rig.do(next)
        if (settle) await flush()
        expect(rig.manager.metrics.byStatus).toEqual(folded(rig))
      }
      await rig.end()
      expect(rig.manager.metrics.byStatus).toEqual(folded(rig))
    }),
  )
})

/** Runs the wild rig, and asks `watch` at every command, transition, dial, link and message. */
async function holdsAtEveryInstant(watch: Watch): Promise<void> {
  await fc.assert(
    fc.asyncProperty(variant, beats, reactions, async (v, run, react) => {
      const rig = new Rig(v, watch, react)
      await rig.run(run)
      await rig.end()
      expect(rig.wrong).toEqual([])
    }),
  )
}

function folded({ transitions }: Rig): Record<string, number> {
  const counts: Record<string, number> = { Connecting: 0, Connected: 0, Disconnected: 0, Failed: 0 }
  for (const { from, to } of transitions) {
    if (from !== undefined) counts[from] = (counts[from] ?? 0) - 1
    if (to !== undefined) counts[to] = (counts[to] ?? 0) + 1
  }
  return counts
}
