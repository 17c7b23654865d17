import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { RunningCommand } from './command.ts'

let home: string
beforeAll(() => (home = mkdtempSync(join(tmpdir(), 'qudag-config-'))))
afterAll(() => rmSync(home, { recursive: true }))

describe('qudag-connections run --config', () => {
  test('refuses a file that is wrong with one line that names it and the field, and exit code 2', async () => {
    const missing = join(home, 'missing.json')
    const calls: readonly (readonly [file: string, says: string])[] = [
      [missing, `${missing}: cannot be read: ENOENT`],
      [file('broken.json', '{ "max": '), 'broken.json: is not JSON: '],
      [file('field.json', { limits: { inbound: 'x' } }), "field.json: limits.inbound must be a whole number from 0 to 1000000, got 'x'"],
      [file('unknown.json', { limits: { inbnd: 1 } }), 'unknown.json: limits.inbnd is no field of limits'],
      [file('nobody.json', { maxConnections: 5 }), 'nothing to do: give --listen URL'],
    ]

    const ended = await Promise.all(calls.map(([path]) => new RunningCommand('run', '--config', path).ended))

    for (const [index, { code, lines, stderr }] of ended.entries()) {
      expect({ code, lines }).toEqual({ code: 2, lines: [] })
      expect(stderr.split('\n').length).toBe(2)
      expect(stderr).toContain(calls[index]![1])
    }
  })

  test('yields to the command line, and shows what is in force as a file that says the same', async () => {
    const config = file('all.json', {
      connect: ['tcp://h:1'],
      maxConnections: 50,
      heartbeat: false,
      breaker: { failures: 2, openMs: 9 },
      rate: { burst: 3 },
    })
    const line = ['--connect', 'tcp://h:2', '--max', '10', '--heartbeat-misses', '4', '--breaker', 'off', '--rate', '7']

    const { code, lines } = await new RunningCommand('run', '--config', config, ...line, '--print-config').ended
    const shown = lines.join('\n')
    const again = await new RunningCommand('run', '--config', file('again.json', shown), '--print-config').ended

    expect(code).toBe(0)
    expect(JSON.parse(shown)).toMatchObject({
      connect: ['tcp://h:2'],
      maxConnections: 10,
      limits: { inbound: 8, dialing: 100 },
      heartbeat: { idleMs: 15_000, misses: 4 },
      breaker: false,
      rate: { perSecond: 7, burst: 3, total: 500 },
      reconnect: { baseMs: 1_000 },
    })
    expect(JSON.parse(again.lines.join('\n'))).toEqual(JSON.parse(shown))
  })

  test('is what a command runs by', async () => {
    const config = file('run.json', { listen: ['tcp://127.0.0.1:0'], maxConnections: 3, seconds: 0.2, report: { json: true } })

    const { code, lines } = await new RunningCommand('run', '--config', config, '--max', '2').ended

    expect(code).toBe(0)
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ type: 'begin', limit: 2 })
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ type: 'report' })
  })

  test('has an example, and a help that names every field', async () => {
    const [help, example] = await Promise.all([
      new RunningCommand('run', '--help', 'config').ended,
      new RunningCommand('run', '--config', 'examples/relay.json', '--print-config').ended,
    ])

    const inForce = JSON.parse(example.lines.join('\n')) as Record<string, unknown>
    expect(inForce).toMatchObject({ maxConnections: 200, limits: { inbound: 150 }, breaker: { failures: 3, maxOpenMs: 300_000 } })
    const page = help.lines.join('\n')
    for (const [field, value] of Object.entries(inForce)) {
      const paths =
        typeof value === 'object' && !Array.isArray(value) ? Object.keys(value as object).map((key) => `${field}.${key}`) : [field]
      for (const path of paths) expect(page).toMatch(new RegExp(`^  ${path} +--[\\w-]+$`, 'm'))
    }
    expect(Math.max(...help.lines.map(({ length }) => length))).toBeLessThanOrEqual(80)
    const [, own = ''] = /For example:\n(.*?)\n\n/s.exec(page) ?? []
    const shown = await new RunningCommand('run', '--config', file('help.json', own), '--print-config').ended
    expect(shown.stderr).toBe('')
  })
})

function file(name: string, content: string | object): string {
  const path = join(home, name)
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}
