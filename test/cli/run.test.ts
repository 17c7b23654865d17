import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { FLAGS } from '../../src/cli/run/help.ts'
import { BuiltCommand, RunningCommand, without, type Ended } from './command.ts'
import { METRICS as METRICS_OF_A_MOMENT } from './glance.ts'

const PAGE = readFileSync('src/cli/README.md', 'utf8')

/** Fast enough for a test, and nothing that a person would miss. */
const METRICS = ['--metrics', '0.1']
const SOON = ['--reconnect', '100', '--reconnect-max', '500', '--breaker', 'off']

describe('qudag-connections run', () => {
  test.concurrent.each(['tcp', 'ws'])(
    'two of them on one machine find each other over %s, and tell how they lose each other',
    async (scheme) => {
      const hub = new RunningCommand('run', '--listen', `${scheme}://127.0.0.1:0`, '--echo', ...METRICS)
      const address = addressIn(await hub.line(/ listening at /))
      const peer = new RunningCommand('run', '--connect', address, '--send', 'hello', '--every', '20', '--json', ...METRICS, ...SOON)

      await Promise.all([
        hub.line(new RegExp(` connected ←${scheme}://127\\.0\\.0\\.1:\\d+ {2}new → Connected {2}inbound$`)),
        peer.line(/"type":"transition".*"from":"Connecting","to":"Connected"/),
        peer.line(/"type":"metrics".*"received":\{"messages":[1-9]/),
      ])
      hub.child.kill('SIGTERM')
      const first = await hub.ended
      expect(outcomeOf(first)).toEqual({ code: 0, signal: null, stderr: '' })
      expect(first.lines.at(-1)).toMatch(/ report +closed 1 in order, 0 by force; received [1-9]\d* messages? \(.*\), sent [1-9]/)
      await peer.line(/"to":"Disconnected".*"reason":"remote-closed"/)
      await peer.line(/"type":"retry".*"attempt":1,.*"code":"remote-closed"/)

      const again = new RunningCommand('run', '--listen', address)
      await Promise.all([again.line(/ connected ←/), peer.line(/"to":"Connected"/, 2)])
      again.child.kill('SIGKILL')
      await peer.line(/"to":"Failed".*"reason":"link-error","failure":\{"code":"(ECONNRESET|EPIPE)"/)
      peer.child.kill('SIGINT')

      const second = await peer.ended
      expect(outcomeOf(second)).toEqual({ code: 0, signal: null, stderr: '' })
      expectWholeStory(second)
    },
  )

  test('dials a peer that is not there again, with growing pauses, and says why', async () => {
    const peer = new RunningCommand('run', '--connect', 'tcp://127.0.0.1:1', '--json', '--reconnect', '100')

    await peer.line(/"type":"retry".*"attempt":3/)
    peer.child.kill('SIGTERM')

    const ended = await peer.ended
    const retries = eventsOf(ended)
      .filter(({ type }) => type === 'retry')
      .slice(0, 3)
    expect(retries.map(({ attempt }) => attempt)).toEqual([1, 2, 3])
    expect(retries.map(({ code }) => code)).toEqual(['ERR_DIAL_FAILED', 'ERR_DIAL_FAILED', 'ERR_DIAL_FAILED'])
    for (const [index, { inMs, message }] of retries.entries()) {
      expect(inMs).toBeGreaterThanOrEqual(0)
      expect(inMs).toBeLessThanOrEqual(100 * 2 ** index)
      expect(message).toContain('ECONNREFUSED')
    }
    expect(outcomeOf(ended)).toEqual({ code: 0, signal: null, stderr: '' })
    expectWholeStory(ended)
  })

  test('says in plain lines what failed and when it tries again, and that the limit refuses it', async () => {
    const hub = new RunningCommand('run', '--listen', 'tcp://127.0.0.1:0')
    const address = addressIn(await hub.line(/ listening at /))
    const peer = new RunningCommand(
      'run',
      '--connect',
      'tcp://127.0.0.1:1',
      '--connect',
      address,
      '--max',
      '2',
      '--listen',
      'tcp://127.0.0.1:0',
      ...SOON,
    )

    await peer.line(/ failed +tcp:\/\/127\.0\.0\.1:1 {2}Connecting → Failed {2}dial-failed: .*ECONNREFUSED/)
    await peer.line(/ retry +tcp:\/\/127\.0\.0\.1:1 reconnecting in \d\.\d s \(attempt 1\)$/)
    await peer.line(/ connected tcp:\/\/127\.0\.0\.1:\d+ {2}Connecting → Connected {2}opened$/)
    // A stranger takes the slot of the one that is lost.
    const stranger = new RunningCommand('run', '--connect', addressIn(await peer.line(/ listening at /)))
    await peer.line(/ retry +tcp:\/\/127\.0\.0\.1:1 reconnecting in .*: no slot for .*: 2 of 2 connections are held/)

    for (const { child } of [hub, peer, stranger]) child.kill('SIGTERM')
    const ended = await Promise.all([hub.ended, peer.ended, stranger.ended])
    expect(ended.map(outcomeOf)).toEqual(Array.from({ length: 3 }, () => ({ code: 0, signal: null, stderr: '' })))
  })

  test('ends by itself after --seconds', async () => {
    const ended = await new BuiltCommand('run', '--listen', 'tcp://127.0.0.1:0', '--seconds', '0.2', '--json').ended

    expect(outcomeOf(ended)).toEqual({ code: 0, signal: null, stderr: '' })
    expect(eventsOf(ended).map(({ type }) => type)).toEqual(['begin', 'listening', 'metrics', 'report'])
  })

  test('stops quietly when nobody reads any more', async () => {
    const hub = new RunningCommand('run', '--listen', 'tcp://127.0.0.1:0', ...METRICS)
    await hub.line(/ listening at /)

    hub.child.stdout.destroy()

    expect(outcomeOf(await hub.ended)).toEqual({ code: 0, signal: null, stderr: '' })
  })

  test('refuses what it was asked wrongly with one line and exit code 2, before anything begins', async () => {
    const known = /^must be a URL that begins with tcp:\/\/.* or .*, as tcp:\/\/127\.0\.0\.1:7000, got /
    const calls: readonly (readonly [args: readonly string[], says: RegExp])[] = [
      [[], /^nothing to do: give --listen URL, --connect URL, --keep URL, or several$/],
      [['--listen', '127.0.0.1:7000'], /^--listen must be a URL, as tcp:\/\/127\.0\.0\.1:7000, got '127\.0\.0\.1:7000'$/],
      [['--listen', 'localhost:7000'], new RegExp(`^--listen ${known.source.slice(1)}'localhost:7000'$`)],
      [['--connect', 'http://h'], new RegExp(`^--connect ${known.source.slice(1)}'http://h'$`)],
      [['--connect', 'tcp://h'], /^--connect must name the port to dial, as tcp:\/\/127\.0\.0\.1:7000, got 'tcp:\/\/h'$/],
      [['--connect', 'tcp://h:0'], /^--connect must name the port to dial, /],
      [['--connect', 'tcp:h:1'], /^--connect must name a host, /],
      [['--connect', `tcp://${'h'.repeat(510)}:1`], /^--connect must have at most 512 characters$/],
      [['--connect'], /^--connect needs a value$/],
      [['--connect', 'tcp://h:1', '--max', '0'], /^--max must be a whole number from 1 to 1000000, got '0'$/],
      [
        ['--connect', 'tcp://h:1', '--connect', 'tcp://h:2', '--max', '1'],
        /^--max must be at least the 2 of --connect and --keep, got '1'$/,
      ],
      [['--listen', 'tcp://h:1', '--echo', '--send', 'x'], /^--echo and --send exclude each other: /],
      [['--listen', 'tcp://h:1', '--every', '5'], /^--every needs --send TEXT$/],
    ]

    const all = await Promise.all(calls.map(([args]) => new RunningCommand('run', ...args).ended))

    for (const [index, { code, lines, stderr }] of all.entries()) {
      const [, says = '', rest] = /^qudag-connections run: (.*); see qudag-connections run --help\n(.*)$/s.exec(stderr) ?? [stderr]
      expect({ code, lines, rest }).toEqual({ code: 2, lines: [], rest: '' })
      expect(says).toMatch(calls[index]![1])
    }
  })

  test('says in one line that a port is taken, with exit code 1', async () => {
    const hub = new RunningCommand('run', '--listen', 'tcp://127.0.0.1:0')
    const address = addressIn(await hub.line(/ listening at /))

    const { code, lines, stderr } = await new RunningCommand('run', '--listen', 'tcp://127.0.0.1:0', '--listen', address).ended

    expect({ code, lines }).toEqual({ code: 1, lines: [] })
    expect(stderr).toMatch(/^qudag-connections run: cannot listen at tcp:\/\/127\.0\.0\.1:\d+: .*EADDRINUSE.*\n$/)
    hub.child.kill('SIGTERM')
    await hub.ended
  })

  test('writes JSON lines of the types and with the fields that the page and the help name', async () => {
    const documented = Array.from(PAGE.matchAll(/^\| `((?!type)\w+)` +\| .*? \| (.*?) *\|$/gm), ([, type, fields]) => ({
      type: type!,
      fields: Array.from(fields!.matchAll(/`(\w+)`/g), ([, field]) => field!).filter((field) => !/^[A-Z]/.test(field)),
    }))
    const kept = new RunningCommand('run', '--listen', 'tcp://127.0.0.1:0')
    const wanted = `--connect tcp://127.0.0.1:1 --keep ${addressIn(await kept.line(/ listening at /))}`
    const limits = '--max 2 --max-inbound 2 --admission evict --eviction-grace 0 --breaker 2 --breaker-open 100'
    const recovery = '--reconnect 20 --reconnect-max 100 --reconnect-attempts 1'
    const hub = new RunningCommand(
      ...`run --json --console 0 --metrics-listen 0 --listen tcp://127.0.0.1:0 ${wanted} ${limits} ${recovery}`.split(' '),
    )
    const { address } = JSON.parse(await hub.line(/"type":"listening"/)) as { address: string }
    await Promise.all([hub.line(/"to":"Connected"/), hub.line(/"type":"abandoned"/)])
    kept.child.kill('SIGKILL')
    await hub.line(/"type":"breaker"/)
    const peers = [new RunningCommand('run', '--connect', address), new RunningCommand('run', '--connect', address)]
    await hub.line(/"type":"evicted"/)
    const again = new RunningCommand('run', '--listen', addressIn(await kept.line(/ listening at /)))
    await hub.line(/"type":"recovered"/)
    hub.child.kill('SIGTERM')
    // Nobody is there: it says why it stands no better.
    const node = new RunningCommand('run', '--json', '--listen', 'tcp://127.0.0.1:0', '--fleet', 'redis://127.0.0.1:1')
    await node.line(/"type":"fleet".*"why"/)
    node.child.kill('SIGTERM')
    const events = [...eventsOf(await hub.ended), ...eventsOf(await node.ended)]
    for (const { child } of [...peers, again]) child.kill('SIGTERM')
    const [help] = await Promise.all([new RunningCommand('run', '--help').ended, ...peers.map(({ ended }) => ended), again.ended])

    const beyondMetrics = new Set<string>(Object.keys(METRICS_OF_A_MOMENT))
    const seen = new Map<string, Set<string>>()
    for (const { type, at: _, ...fields } of events) {
      const names = Object.keys(fields).filter((name) => type !== 'metrics' || !beyondMetrics.has(name))
      seen.set(type, new Set([...(seen.get(type) ?? []), ...names]))
    }
    expect(Object.fromEntries(seen)).toEqual(Object.fromEntries(documented.map(({ type, fields }) => [type, new Set(fields)])))
    const page = help.lines.join(' ').replace(/ +/g, ' ')
    for (const { type, fields } of documented) {
      const own = type === 'metrics' ? ['NetworkMetrics', ...fields] : fields
      expect(page).toContain(`${type} ${own.join(', ')}`)
    }
  })

  test('is called on the page as it can be called', async () => {
    const called = Array.from(PAGE.matchAll(/^npx qudag-connections (run .*)$/gm), ([, words]) => words!.split(' '))

    expect(called.length).toBe(4)
    // An argument too many is the last thing that is looked at: whatever else is wrong would be said instead.
    const ended = await Promise.all(called.map((words) => new RunningCommand(...words, 'more').ended))
    expect(ended.map(({ stderr }) => stderr.split(';')[0])).toEqual(called.map(() => "qudag-connections run: unexpected argument 'more'"))
  })

  test('does not try again what waiting cannot mend: says what to install, with exit code 1', async () => {
    const { code, stderr } = await new RunningCommand(...without('ws'), 'run', '--connect', 'ws://127.0.0.1:7000').ended

    expect(code).toBe(1)
    expect(stderr).toMatch(/^qudag-connections run: .*npm install ws.*\n$/)
  })

  test('has a help that names every flag, every kind of line and every exit code', async () => {
    const { code, lines } = await new RunningCommand('run', '--help').ended

    expect(code).toBe(0)
    const help = lines.join('\n')
    for (const flag of [...Object.keys(FLAGS), 'help']) expect(help).toMatch(new RegExp(`^  (-h, )?--${flag}( |$)`, 'm'))
    for (const type of ['begin', 'listening', 'transition', 'retry', 'breaker', 'evicted', 'metrics', 'closing', 'report'])
      expect(help).toContain(`\n  ${type} `)
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(80)
  })
})

interface Event {
  readonly type: string
  readonly at: number
  readonly [field: string]: unknown
}

function eventsOf({ lines }: Ended): readonly Event[] {
  return lines.map((line) => JSON.parse(line) as Event)
}

function outcomeOf({ code, signal, stderr }: Ended) {
  return { code, signal, stderr }
}

/** Where a line says that it listens. */
function addressIn(line: string): string {
  return /listening at (\S+)$/.exec(line)?.[1] ?? ''
}

/** Every line has its type and time, of each peer no transition is missing, and in the end each is forgotten. */
function expectWholeStory(ended: Ended): void {
  const events = eventsOf(ended)
  expect(events.filter(({ type, at }) => typeof type !== 'string' || typeof at !== 'number')).toEqual([])
  expect([events[0]?.type, events.at(-1)?.type]).toEqual(['begin', 'report'])
  const states = new Map<unknown, unknown>()
  for (const { peerId, from, to } of events.filter(({ type }) => type === 'transition')) {
    expect(from).toBe(states.get(peerId) ?? null)
    states.set(peerId, to)
  }
  expect([...states.values()].filter((state) => state !== null)).toEqual([])
}
