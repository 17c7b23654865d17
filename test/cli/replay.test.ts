import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Ended, RunningCommand } from './command.ts'

const home = mkdtempSync(join(tmpdir(), 'qudag-replay-'))
const file = join(home, 'run.jsonl')
/** A run that was recorded: the live lines, as JSON. */
let live: readonly Record<string, unknown>[]

beforeAll(async () => {
  // Nothing listens at port 1: the dial fails, and is tried again.
  const args = ['run', '--keep', 'tcp://127.0.0.1:1', '--reconnect', '20', '--json', '--record', file]
  const command = new RunningCommand(...args)
  await command.line(/"reason":"backoff"/)
  command.child.kill('SIGTERM')
  live = parsed(await command.ended)
})
afterAll(() => rmSync(home, { recursive: true, force: true }))

describe('qudag-connections replay', () => {
  test('gives the same transitions as the live run', async () => {
    const { code, lines, stderr } = await replay(file, '--json')

    const replayed = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
    expect([code, stderr]).toEqual([0, ''])
    expect(replayed.filter(({ type }) => type === 'transition')).toEqual(live.filter(({ type }) => type === 'transition'))
    expect(replayed.length).toBeGreaterThan(4)
    expect(replayed[0]).toMatchObject({
      type: 'begin',
      file,
      supervisor: 'Accepting',
      limits: { maxConnections: expect.any(Number) as number },
    })
    expect(replayed.at(-1)).toMatchObject({ type: 'report', supervisor: 'Stopped', lost: 0, truncated: false })
  })

  test('prints plain lines, at the pace of the run where that is asked for', async () => {
    const { lines } = await replay('--speed', '1000', file)
    expect(lines[0]).toContain('begin')
    expect(lines.some((line) => / failed {4}tcp:\/\/127\.0\.0\.1:1  Connecting → Failed  dial-failed/.test(line))).toBe(true)
    expect(lines.at(-1)).toMatch(/ end .* steps, no peers$/)
  })

  test('a file whose end is missing is shown as far as it goes, and that is said', async () => {
    const cut = join(home, 'cut.jsonl')
    const text = readFileSync(file, 'utf8')
    writeFileSync(cut, text.slice(0, text.lastIndexOf('"end"') - 20))
    const { code, lines } = await replay(cut)
    expect([code, lines.at(-1)]).toEqual([0, expect.stringContaining('it was not closed')])
  })

  test.each([
    [1, 'no such file', [join(home, 'none')]],
    [1, 'it does not begin as a recording does', ['package.json']],
    [2, 'give its FILE', []],
    [2, "unexpected argument 'b'", ['a', 'b']],
    [2, '--speed must be a number above 0', [file, '--speed', '0']],
    [2, 'unknown option --bogus', [file, '--bogus']],
  ])('ends with %i: %s', async (code, message, args) => {
    const ended = await replay(...args)
    expect([ended.code, ended.stderr.trim().split('\n').length]).toEqual([code, 1])
    expect(ended.stderr).toContain(message)
  })

  test('a run that cannot record does not begin', async () => {
    const { code, stderr } = await new RunningCommand('run', '--listen', 'tcp://127.0.0.1:0', '--record', join(home, 'no/folder')).ended
    expect([code, stderr]).toEqual([1, expect.stringContaining('cannot record to')])
  })

  test('is shown in the console until it is told to stop', async () => {
    const command = new RunningCommand('replay', file, '--console', '0')
    const line = await command.line(/^console: /)
    const page = await fetch(line.slice('console: '.length))
    expect(page.status).toBe(200)
    command.child.kill('SIGINT')
    expect((await command.ended).code).toBe(0)
  })

  test('what the demo records is replayed', async () => {
    const recorded = join(home, 'demo.jsonl')
    await new RunningCommand('demo', '--peers', '4', '--seconds', '2', '--no-console', '--record', recorded).ended
    const { code, lines } = await replay(recorded)
    expect(code).toBe(0)
    expect(lines.length).toBeGreaterThan(5)
  })
})

function replay(...args: readonly string[]): Promise<Ended> {
  return new RunningCommand('replay', ...args).ended
}

function parsed({ lines }: Ended): readonly Record<string, unknown>[] {
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>)
}
