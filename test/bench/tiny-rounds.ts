/** Tiny rounds of the workloads: every contender does all of its work, and nothing is measured. */
import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { promisify } from 'node:util'
import { expect } from 'vitest'

/** Those that take ten seconds and more, as they start servers, or processes, or attackers. */
const LONG: ReadonlySet<string> = new Set(['cluster', 'fleet', 'hostile', 'tls'])

/** The workloads by name. @param areLong those that start much, or the others */
export function workloads(areLong: boolean): readonly string[] {
  const all = readdirSync('test/bench').flatMap((file) => (file.endsWith('.bench.mjs') ? [file.replace('.bench.mjs', '')] : []))
  return all.filter((name) => LONG.has(name) === areLong)
}

/** Has every contender of a workload do a tiny round, in a process of its own. */
export async function tinyRound(name: string): Promise<void> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', 'test/bench/check.mjs', name])
  expect(stdout.split('\n').length).toBeGreaterThan(1)
}
