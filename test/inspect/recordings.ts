/** A test's recordings are in a folder of its own, which is gone when it is over. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ConnectionManager } from 'qudag-connections'
import type { Move } from 'qudag-connections/machines'
import { afterAll } from 'vitest'
import { runningOn } from '../../src/supervisor-logic.ts'

/** A folder for the tests of a file; returns what names a new file in it. */
export function useRecordings(): () => string {
  const home = mkdtempSync(join(tmpdir(), 'qudag-recordings-'))
  afterAll(() => rmSync(home, { recursive: true, force: true }))
  let count = 0
  return () => join(home, `run-${++count}.jsonl`)
}

/** The `seq` of the last move. */
export function seqOf(manager: ConnectionManager): number {
  return runningOn(manager.supervisor)?.supervisor.world.seq ?? 0
}

/** Every move from here on, as those who watch from within are told. */
export function movesFrom(manager: ConnectionManager): Move[] {
  const moves: Move[] = []
  runningOn(manager.supervisor)?.supervisor.world.streams.moves.observable.subscribe((move) => moves.push(move))
  return moves
}
