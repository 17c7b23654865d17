/** A disk that is full is said once and told by the exit code, and a reader that went away is no failure. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { ONE_FILE_CLI } from '../setup/one-file-cli.ts'
import { RunningCommand } from './command.ts'

const home = mkdtempSync(join(tmpdir(), 'qudag-full-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))

describe('with a full disk under its output', () => {
  test.each([
    ['run', ['run', '--listen', 'tcp://127.0.0.1:0', '--seconds', '20']],
    ['run --json', ['run', '--listen', 'tcp://127.0.0.1:0', '--seconds', '20', '--json']],
    ['--help', ['--help']],
    ['--version', ['--version']],
  ])('%s ends at once with exit code 1, and one line says why', async (_, args) => {
    const full = openSync('/dev/full', 'w')
    const child = spawn(process.execPath, [ONE_FILE_CLI, ...args], { stdio: ['ignore', full, 'pipe'] })
    closeSync(full)
    let stderr = ''
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    const [code] = (await once(child, 'close')) as [number]

    expect([code, stderr.trim().split('\n')]).toEqual([1, [expect.stringMatching(/cannot be written.*ENOSPC/)]])
  })
})

test('a recording that the disk has no more room for ends, which is said once; the run goes on, and its exit code tells', async () => {
  const file = join(home, 'run.jsonl')
  const run = `ulimit -f 4; exec "${process.execPath}" ${ONE_FILE_CLI} run --keep tcp://127.0.0.1:1 --reconnect 1 --reconnect-max 2 --metrics 0.2 --json --record "${file}"`
  const child = spawn('sh', ['-c', run], { stdio: ['ignore', 'pipe', 'pipe'] })
  let [stdout, stderr, after] = ['', '', 0]
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    if (stderr.includes('ended early') && ++after === 2) child.kill('SIGTERM')
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const [code] = (await once(child, 'close')) as [number]

  expect([code, stderr.match(/has ended early/g)]).toEqual([1, ['has ended early']])
  expect(stdout.trim().split('\n').at(-1)).toContain('"type":"report"')
})

test('a reader that goes away ends it in order, with exit code 0 and no word', async () => {
  const command = new RunningCommand('run', '--keep', 'tcp://127.0.0.1:1', '--reconnect', '1', '--json')
  await command.line(/begin/)
  command.child.stdout.destroy()
  const { code, stderr } = await command.ended
  expect([code, stderr]).toEqual([0, ''])
})
