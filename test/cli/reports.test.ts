import type { EventEmitter } from 'node:events'
import { PassThrough } from 'node:stream'
import type { WriteStream } from 'node:tty'
import { stripVTControlCharacters } from 'node:util'
import { ConnectionManager } from 'qudag-connections'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { ConsoleOutput } from '../../src/cli/console-output.ts'
import { LiveReport } from '../../src/cli/live-report.ts'
import { PlainReport } from '../../src/cli/plain-report.ts'
import type { Watched } from '../../src/cli/report.ts'

const HIDE = '\u001B[?1049h\u001B[?25l'
const SHOW = '\u001B[?7h\u001B[?25h\u001B[?1049l'

let manager: ConnectionManager
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] })
  manager = new ConnectionManager(2)
})
afterEach(async () => {
  await manager.shutdown()
  vi.useRealTimers()
})

describe('the live report', () => {
  test('draws in place, again when the terminal changes its size, and gives the screen back', async () => {
    const { output, stream, written } = terminal()
    const report = new LiveReport(watched(), output)
    const first = written()
    expect(first.startsWith(HIDE)).toBe(true)
    expect(first).toContain('a title')

    await manager.updateStatus('amber', 'Failed', { failure: { code: 'ECONNRESET', message: 'read ECONNRESET' } })
    vi.advanceTimersByTime(250)
    const frame = written()
    expect(frame).toContain('the peer amber read ECONNRESET')
    expect(frame).not.toContain('\n\u001B[2J')

    stream.columns = 20
    stream.emit('resize')
    const narrow = written()
    expect(longest(narrow)).toBe(20)
    expect(narrow).not.toContain('…\u001B[K')

    report.close()
    const [before, after] = written().split(SHOW)
    expect(before).toBe('')
    expect(after).toContain(' Links')
    report.close()
    vi.advanceTimersByTime(1_000)
    stream.emit('resize')
    expect(written()).toBe('')

    report.note('report', 'it is over')
    expect(lines(written())).toEqual(['report it is over'])
  })

  test('keeps the last character of a full row, also of the last one', async () => {
    const { output, stream, written } = terminal()
    const report = new LiveReport(watched(), output)
    stream.rows = 3
    stream.columns = 12
    written()

    stream.emit('resize')

    expect(written().split('\r\n').at(-1)).toBe(' Connecting…\u001B[?2026l')
    report.close()
  })

  test('gives the screen back when the process ends without a word', () => {
    const { output, written } = terminal()
    const report = new LiveReport(watched(), output)
    written()

    const events: EventEmitter = process
    events.emit('uncaughtExceptionMonitor', new Error('a bug'), 'uncaughtException')

    expect(written()).toBe(SHOW)
    report.close()
  })
})

describe('the plain report', () => {
  test('tells the metrics once a second, the limit once, and of many failures a few', async () => {
    const { output, written } = terminal()
    const report = new PlainReport(watched(), output)
    expect(lines(written())).toEqual(['begin a title'])

    await manager.updateStatuses([
      ['amber', 'Connected'],
      ['birch', 'Connected'],
    ])
    for (let i = 0; i < 7; i++) await manager.updateStatus(`fjord-${i}`, 'Failed')
    const failed = [0, 1, 2, 3].map((i) => `failed the peer fjord-${i} new → Failed reported: ERR_REPORTED: reported by the application`)
    expect(lines(written())).toEqual(['limit reached: all 2 links are taken', ...failed])

    vi.advanceTimersByTime(1_000)
    expect(lines(written())).toEqual(['failed … and 3 more', expect.stringMatching(/^metrics 2\/2 links: 2 connected,.* 9 refused/)])

    report.close()
    vi.advanceTimersByTime(5_000)
    expect(written()).toBe('')
  })

  test('mentions some of what happens many times at once, and counts the others', () => {
    const { output, written } = terminal()
    const report = new PlainReport(watched(), output)
    written()

    for (let i = 0; i < 11; i++) report.mention('retry', `fjord-${i}`)
    vi.advanceTimersByTime(1_000)

    const told = lines(written())
    expect(told.slice(0, 8)).toEqual(Array.from({ length: 8 }, (_, i) => `retry fjord-${i}`))
    expect(told.slice(8)).toEqual(['retry … and 3 more', expect.stringMatching(/^metrics /)])
    report.close()
  })
})

function watched(): Watched {
  return { manager, title: 'a title', refused: 9, facts: [['Fact', ['one', 'two']]], nameOf: (peerId) => `the peer ${peerId}` }
}

/** A terminal of 80 columns whose `written` is what came since it was asked last. */
function terminal() {
  const pipe = new PassThrough()
  const stream = Object.assign(pipe, { isTTY: true, columns: 80, rows: 24, hasColors: () => false }) as unknown as WriteStream
  const written = (): string => String(pipe.read() ?? '')
  return { output: new ConsoleOutput(stream), stream, written }
}

function lines(text: string): readonly string[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => line.slice('14:03:07 '.length).replace(/ {2,}/g, ' '))
}

/** The columns of the longest row of a frame. */
function longest(frame: string): number {
  return Math.max(...frame.split('\r\n').map((row) => stripVTControlCharacters(row).length))
}
