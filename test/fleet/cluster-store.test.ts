/** A store of `node:cluster` in real processes: the suite in a worker, contenders, workers that die, and a primary that does not answer. */
import { describe, expect, test } from 'vitest'
import { program } from './cluster-program.ts'

describe('a store of node:cluster', () => {
  test('is a store of a fleet', async () => {
    const { rows, failures } = (await program('suite')) as { rows: number; failures: string[] }

    expect(failures).toEqual([])
    expect(rows).toBeGreaterThan(15)
  }, 240_000)

  test('gives each of fifty keys to one of four workers that claim them at once', async () => {
    const { sums, entries } = (await program('contenders')) as { sums: number[]; entries: number }

    expect(entries).toBe(50)
    expect(sums.reduce((sum, claimed) => sum + claimed, 0)).toBe(50)
  }, 120_000)

  test('frees at once what a worker held whose process has ended, and tells the others', async () => {
    expect(await program('death')).toEqual({ event: 'delete', left: ['told'] })
  }, 120_000)

  test('keeps what a worker holds that has lost its channel alone, until its process ends', async () => {
    expect(await program('channel')).toEqual({ without: ['peer/1', 'peer/2'], left: [] })
  }, 120_000)

  test('rejects within the deadline where no primary keeps it', async () => {
    expect(await program('unserved')).toMatchObject({ code: 'ERR_STORE', reason: 'deadline' })
  }, 120_000)

  test('says that a write may have been done when the primary stands still, and it has been', async () => {
    expect(await program('stalled')).toEqual({ code: 'ERR_STORE', reason: 'deadline', isDone: true })
  }, 120_000)
})
