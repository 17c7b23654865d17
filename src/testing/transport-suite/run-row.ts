/** A row ends, in bounded time, kept or with one clear complaint, and nothing of it is left. */
import type { Clock } from '../../clock.ts'
import { flush } from '../flush.ts'
import { textOf } from './check.ts'
import { CUT, HEAL } from './loss-rows.ts'
import type { Facts, Plain, SideName } from './party.ts'
import type { Row } from './row.ts'
import type { Part, Role, Side, Verdict } from './side.ts'

/** Both sides of a row, and what can be done to what is between them. */
export interface Arena {
  readonly dialer: Side
  readonly listener: Side
  readonly facts: Facts
  readonly limitMs: number
  readonly clock: Pick<Clock, 'setTimeout' | 'clearTimeout'>
  /** Where the listener can be reached, when that is not where it listens. */
  readonly via?: (address: URL) => URL | Promise<URL>
  readonly cut?: () => void | Promise<void>
  readonly heal?: () => void | Promise<void>
  readonly sockets?: () => number | Promise<number>
}

const OTHER = { writer: 'reader', reader: 'writer' } as const

/** Runs one row in one direction. @throws an Error that says what was broken */
export async function runRow(row: Row, writerIs: SideName, arena: Arena): Promise<void> {
  const before = await arena.sockets?.()
  const limitMs = arena.limitMs * (row.timesLimit ?? 1)
  let trouble: string | undefined
  const parts = start(row, writerIs, arena, (error) => {
    trouble ??= error
    stopBoth()
  })
  const timer = arena.clock.setTimeout(stopBoth, limitMs)
  function stopBoth(): void {
    parts.writer.stop()
    parts.reader.stop()
  }
  try {
    const [writer, reader] = await settle(parts, row)
    const complaint = trouble ?? complain(row, writerIs, writer, reader, limitMs)
    if (complaint !== undefined) throw new Error(complaint)
  } finally {
    arena.clock.clearTimeout(timer)
    const released = parts.reader.release()
    await parts.writer.release()
    // A side that was killed does not answer any more.
    if (!row.endsWithWriter) await released
  }
  if (before !== undefined) await checkSockets(before, arena, limitMs)
}

/** Sets both sides off, and carries the words between them. */
function start(row: Row, writerIs: SideName, arena: Arena, fail: (error: string) => void): Record<Role, Part> {
  const parts: Partial<Record<Role, Part>> = {}
  const early: [Role, string, Plain][] = []
  const tell = (to: Role, word: string, value: Plain): void => {
    const part = parts[to]
    if (part === undefined) early.push([to, word, value])
    else part.told(word, value)
  }
  const between = async (from: Role, word: string, value: Plain): Promise<void> => {
    if (word === CUT || word === HEAL) {
      if (arena[word] === undefined) throw new Error('the setup gave no way to do it')
      await arena[word]()
      tell(from, word, null)
    } else if (word === 'listening' && arena.via !== undefined) {
      tell(OTHER[from], word, (await arena.via(new URL(String(value)))).href)
    } else {
      tell(OTHER[from], word, value)
    }
  }
  const play = (role: Role, name: SideName): Part =>
    arena[name].play(row, role, name, arena.facts, (word, value) => {
      between(role, word, value).catch((error: unknown) => fail(`${word}: ${textOf(error)}`))
    })
  parts.writer = play('writer', writerIs)
  parts.reader = play('reader', writerIs === 'dialer' ? 'listener' : 'dialer')
  for (const [to, word, value] of early) parts[to]?.told(word, value)
  return parts as Record<Role, Part>
}

/** Both verdicts; a side that fails stops the other, which would wait for ever. */
async function settle({ writer, reader }: Record<Role, Part>, row: Row): Promise<[Verdict, Verdict]> {
  void writer.verdict.then(({ kind }) => (kind === 'kept' ? undefined : reader.stop()))
  if (row.endsWithWriter) return [await writer.verdict, { kind: 'kept' }]
  void reader.verdict.then(({ kind }) => (kind === 'kept' ? undefined : writer.stop()))
  return Promise.all([writer.verdict, reader.verdict])
}

function complain(row: Row, writerIs: SideName, writer: Verdict, reader: Verdict, limitMs: number): string | undefined {
  const readerIs = writerIs === 'dialer' ? 'listener' : 'dialer'
  const sides = [
    [`the ${writerIs} (writer)`, writer],
    [`the ${readerIs} (reader)`, reader],
  ] as const
  for (const [who, verdict] of sides) if (verdict.kind === 'broken') return `${who}: ${verdict.complaint}`
  const waits = sides.flatMap(([who, verdict]) => (verdict.kind === 'stopped' ? [`${who} ${verdict.waitedFor}`] : []))
  if (waits.length === 0) return undefined
  return `"${row.title}" did not end within ${limitMs} ms: ${waits.join('; ')}`
}

/** Waits until what the row had opened is gone; a system takes some turns of the event loop to close a socket. */
async function checkSockets(before: number, { sockets, clock }: Arena, limitMs: number): Promise<void> {
  let isLate = false
  const timer = clock.setTimeout(() => (isLate = true), limitMs)
  try {
    for (;;) {
      const now = (await sockets?.()) ?? before
      if (now <= before) return
      if (isLate) throw new Error(`the row left ${now - before} sockets behind: there were ${before}, and now there are ${now}`)
      await flush()
    }
  } finally {
    clock.clearTimeout(timer)
  }
}
