/** A long run is two real processes with a faulty network between them, and what they say is all that is known. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { expect } from 'vitest'
import type { Testimony } from './witness.ts'

interface Run {
  readonly near: Testimony
  readonly far: Testimony
  readonly farCode: number
  readonly messages: number
  readonly outcomes: Readonly<Record<string, number>>
}

/** The programs of both ends, made once; `dispose` when done. */
export async function longRuns() {
  const folder = await mkdtemp(join(tmpdir(), 'long-run-'))
  await build({
    entryPoints: ['near-process', 'far-process'].map((name) => join(import.meta.dirname, `${name}.ts`)),
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    conditions: ['source'],
    external: ['ws'],
  })
  return {
    /** Runs once. It ends when the near process does: one that is kept alive by anything runs into the test's own time limit. */
    async run(seed: number, steps: number): Promise<Run> {
      const args = [join(folder, 'near-process.mjs'), join(folder, 'far-process.mjs'), String(seed), String(steps)]
      const { stdout } = await promisify(execFile)(process.execPath, args, { encoding: 'utf8' })
      return JSON.parse(stdout) as Run
    },
    dispose: () => rm(folder, { recursive: true, force: true }),
  }
}

/** Expects that every invariant held, and that enough happened for that to mean something. */
export function expectToHold({ near, far, farCode, messages, outcomes }: Run): void {
  expect(near.violations).toEqual([])
  expect(far.violations).toEqual([])
  expect(near.left).toEqual({ links: 0, peers: 0, pending: 0 })
  expect(far.left).toEqual({ links: 0, peers: 0, pending: 0 })
  expect(farCode).toBe(0)
  expect(near.peak).toBe(4)
  expect(near.transitions).toBeGreaterThan(50)
  expect(messages).toBeGreaterThan(10)
  expect(outcomes['connected']).toBeGreaterThan(10)
}
