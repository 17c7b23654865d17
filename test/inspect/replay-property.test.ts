/** A run that was recorded is replayed exactly, whatever happened in it and wherever its recording began. */
import fc from 'fast-check'
import type { ConnectionManager } from 'qudag-connections'
import { readRecording, record, type Recording, type Replay } from 'qudag-connections/inspect/record'
import type { Move } from 'qudag-connections/machines'
import { arbitraries, flush } from 'qudag-connections/testing'
import { expect, test } from 'vitest'
import { type Beat, Rig } from '../properties/rig.ts'
import { DURATIONS, PEERS, POOL_MS, type Variant } from '../properties/variant.ts'
import { movesFrom, seqOf, useRecordings } from './recordings.ts'

const anyCommand = arbitraries(fc).command({ peers: PEERS.length, durations: DURATIONS, maxConnections: 4 })
const variant: fc.Arbitrary<Variant> = fc.record({
  maxConnections: fc.integer({ min: 1, max: 4 }),
  poolTimeoutMs: fc.constantFrom(POOL_MS, 0),
  onAbort: fc.constantFrom('reject', 'ignore'),
  tellLocalEnd: fc.constantFrom('sync', 'microtask'),
  embedded: fc.constant(false),
})
const beats: fc.Arbitrary<Beat[]> = fc.array(fc.record({ command: anyCommand, settle: fc.boolean() }), { maxLength: 50, size: 'max' })
const reactions = fc.array(anyCommand, { maxLength: 12 })
/** How the file is bounded: one, or so small that it is rotated again and again, and nothing is lost all the same. */
const bounds = fc.constantFrom({}, { maxBytes: 1, files: 1_000 })
const end = fc.constantFrom('shutdown' as const, 'stop' as const)
const newFile = useRecordings()

/** Each run writes a recording and reads it: a long run tries a thousand. */
const RUNS = { numRuns: Math.min(1_000, fc.readConfigureGlobal().numRuns ?? 100) }

test('replay gives the same transitions as the live run', async () => {
  await fc.assert(
    fc.asyncProperty(variant, beats, reactions, fc.nat({ max: 20 }), bounds, end, async (v, run, react, skipped, options, how) => {
      const rig = new Rig(v, () => undefined, react)
      await rig.run(run.slice(0, skipped))
      const recording = record(rig.manager, newFile(), options)
      const live = movesFrom(rig.manager)
      for (const { command, settle } of run.slice(skipped)) {
        rig.do(command)
        if (settle) await flush()
      }
      const before = standing(rig.manager)
      const seq = seqOf(rig.manager)
      await rig.end(how)
      await recording.closed

      const replay = await readRecording(recording.file)

      expect([...replay.moves()]).toEqual(live)
      while ((replay.next?.seq ?? Infinity) <= seq) replay.step()
      expect(standing(replay)).toEqual(before)
      replay.seek(replay.length)
      expect(standing(replay)).toEqual(standing(rig.manager))
      expect(replay.supervisor.state).toBe('Stopped')
    }),
    RUNS,
  )
})

test('back is exact: every position is the same, whichever way it was reached', async () => {
  await fc.assert(
    fc.asyncProperty(variant, beats, fc.array(fc.nat({ max: 60 }), { maxLength: 6 }), async (v, run, positions) => {
      const rig = new Rig(v, () => undefined)
      await rig.run(run)
      const recording = await recorded(rig, run)
      const replay = await readRecording(recording.file)
      const forward = [standing(replay, false)]
      while (replay.step() !== undefined) forward.push(standing(replay, false))
      for (const position of [...positions, 0]) {
        replay.seek(position)
        expect(replay.position).toBe(Math.min(position, replay.length))
        expect(standing(replay, false)).toEqual(forward[replay.position])
      }
    }),
    RUNS,
  )
})

/** Records a second course of the same commands, with peers that are known already. */
async function recorded(rig: Rig, run: readonly Beat[]): Promise<Recording> {
  const recording = record(rig.manager, newFile())
  for (const { command } of run) rig.do(command)
  await rig.end()
  await recording.closed
  return recording
}

interface Standing {
  readonly status: string
  readonly failure?: Move['failure']
}

/** How every peer stands. A manager says since when also of peers from before the recording, a replay cannot. */
function standing(of: ConnectionManager | Replay, compared = true): Record<string, unknown> {
  return Object.fromEntries(
    [...(of.peers() as Iterable<Standing & { peerId: string }>)].map((view) => [
      view.peerId,
      compared ? { status: view.status, failure: view.status === 'Failed' ? view.failure : undefined } : view,
    ]),
  )
}
