/** A recording moves nothing that is not its own, a crash leaves one to be replayed, and a hostile one is refused by its line. */
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, lstatSync, mkdirSync, readFileSync, stat, symlinkSync, writeFileSync } from 'node:fs'
import type * as Disk from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { createServer } from 'node:net'
import fc from 'fast-check'
import { ConnectionManager } from 'qudag-connections'
import { replaySource } from 'qudag-connections/console'
import { readRecording, record, RecordingError, type Replay } from 'qudag-connections/inspect/record'
import { scripted, VirtualClock } from 'qudag-connections/testing'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { useRecordings } from './recordings.ts'

/** How many calls of the disk are carried out yet; those after it never return, as in a process that was killed. */
const disk = vi.hoisted(() => ({ left: Infinity, calls: 0, handles: new Set<{ close(): Promise<void> }>() }))

vi.mock('node:fs/promises', async (load) => {
  const real = await load<typeof Disk>()
  const mortal = <A extends unknown[], R>(call: (...args: A) => Promise<R>, torn?: (...args: A) => Promise<unknown>) => {
    return async (...args: A): Promise<R> => {
      disk.calls++
      if (disk.left-- > 0) return call(...args)
      if (disk.left === -1) await torn?.(...args)
      return new Promise(() => {})
    }
  }
  const open = async (...args: Parameters<typeof real.open>): Promise<FileHandle> => {
    const handle = await real.open(...args)
    const [append, close] = [handle.appendFile.bind(handle), handle.close.bind(handle)]
    // A process that is killed loses nothing of what it has written: only a disk that loses its power would.
    const sync = (): Promise<void> => Promise.resolve()
    disk.handles.add({ close })
    const half = async (data: unknown): Promise<void> => append((data as Uint8Array).subarray(0, (data as Uint8Array).length / 2))
    return Object.assign(handle, {
      appendFile: mortal(append as (data: unknown) => Promise<void>, half),
      close: mortal(close),
      datasync: mortal(sync),
    })
  }
  return { ...real, lstat: mortal(real.lstat as never), open: mortal(open as never), rename: mortal(real.rename), rm: mortal(real.rm) }
})

const newFile = useRecordings()
afterEach(async () => {
  disk.left = Infinity
  for (const handle of disk.handles) await handle.close().catch(() => {})
  disk.handles.clear()
})

function start(): ConnectionManager {
  const manager = new ConnectionManager(10, { transport: scripted(), clock: new VirtualClock() })
  onTestFinished(() => (manager.supervisor as unknown as { stop(): void }).stop())
  return manager
}

describe('what is no regular file is refused before anything is moved', () => {
  test.each([
    ['a folder', (path: string) => mkdirSync(path)],
    ['a fifo', (path: string) => execFileSync('mkfifo', [path])],
    ['a symbolic link', (path: string) => symlinkSync('/dev/null', path)],
  ] as const)('%s, as FILE and as FILE.1', async (what, make) => {
    const [first, second] = [newFile(), newFile()]
    make(first)
    writeFileSync(second, 'mine')
    make(`${second}.1`)
    for (const file of [first, second]) {
      await expect(record(start(), file).closed).rejects.toMatchObject({
        code: 'ERR_NOT_A_FILE',
        message: expect.stringContaining(what) as string,
      })
    }
    expect([existsSync(`${first}.1`), existsSync(first), readFileSync(second, 'utf8')]).toEqual([false, true, 'mine'])
  })

  // Of a device the same holds; a test that tried it on one would cost the machine that device where it failed.
  test('a socket stays where it is', async () => {
    const file = newFile()
    const server = createServer().listen(file)
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    await expect(record(start(), file).ready).rejects.toMatchObject({ code: 'ERR_NOT_A_FILE' })
    expect(lstatSync(file).isSocket()).toBe(true)
  })
})

test('a process that is killed at any call of the disk leaves a recording that is replayed, as far as it was written', async () => {
  let [died, at] = [true, 0]
  // The first file is begun with the calls before it is in place: until then there is no recording.
  while (died) {
    const file = newFile()
    disk.left = Infinity
    const manager = start()
    const recording = record(manager, file, { maxBytes: 600, files: 3 })
    await recording.ready
    disk.left = at++
    for (let n = 0; n < 30 && disk.left >= 0; n++) {
      await manager.updateStatus('scripted://a', n % 2 === 0 ? 'Connected' : 'Disconnected')
      // What the recorder asked of the disk stands in line before this.
      for (let turn = 0; turn < 12; turn++) await new Promise((resolve) => stat(file, resolve))
    }
    died = disk.left < 0
    disk.left = Infinity
    if (!died) await recording.close()

    const replay = await readRecording(file)
    const seqs = [...replay.moves()].map(({ seq }) => seq)
    expect([at, seqs]).toEqual([at, seqs.map((_, index) => seqs[0]! + index)])
    expect(replay.standIn === undefined || replay.standIn === `${file}.1`).toBe(true)
    if (existsSync(`${file}.1`)) expect(seqs.length).toBeGreaterThan(0)
  }
  expect(at).toBeGreaterThan(20)
})

test('where FILE is empty or missing, FILE.1 is replayed, and that is said', async () => {
  const file = newFile()
  const recording = record(start(), `${file}.1`)
  await recording.close()
  const missing = await readRecording(file)
  writeFileSync(file, '')
  const empty = await readRecording(file)
  expect([missing.standIn, empty.standIn, empty.file]).toEqual([`${file}.1`, `${file}.1`, file])
})

const limits = { maxConnections: 9, poolTimeoutMs: 0, maxIdle: 9 }
const begin = { recording: 1, package: '0.1.0', run: 'r', part: 1, at: 1, seq: 0, supervisor: 'Accepting', limits, peers: 0 }
const opened = { at: 2, s: 0, p: 'a', e: { type: 'peer.connect', at: 2, ttl: 1, turn: true } }

test.each([
  ['an instant beyond time', { ...opened, at: 1e300 }],
  ['an unknown event', { ...opened, e: { type: 'xstate.stop', at: 2 } }],
  ['a failure that is none', { ...opened, e: { type: 'link.failed', at: 2, failure: 7 } }],
  ['an unknown status', { ...opened, e: { type: 'peer.reported', at: 2, status: '__proto__' } }],
  ['a peer without a name', { ...opened, p: '' }],
  ['limits that are none', { at: 2, s: 0, e: { type: 'limits.set', at: 2, limits: null } }],
  ['a state that is none', { end: 'Gone', at: 2, s: 0 }],
  ['a loss of less than nothing', { lost: -1, at: 2 }],
  ['a list', [1]],
  ['a number', 7],
])('a line with %s is refused by its number', async (_, line) => {
  const file = newFile()
  writeFileSync(file, `${JSON.stringify(begin)}\n${JSON.stringify(line)}\n`)
  await expect(readRecording(file)).rejects.toMatchObject({ code: 'ERR_RECORDING_DAMAGED', line: 2 })
})

test('whatever is in a recording, it is refused by name or shown to its end, and no timer throws', async () => {
  const odd = fc.oneof(
    fc.anything(),
    fc.constantFrom('__proto__', 'constructor', 1e308, -1, 2 ** 53, 'Failed', 'Connected', null, {}, 'a', 0, 1, 2),
  )
  const bases = [
    begin,
    { ...begin, peers: 1 },
    { peer: 'a', state: 'Connected', value: 'Connected', context: { peerId: 'a', owner: 'manager', pooledAt: 0 } },
    opened,
    { ...opened, s: 1, e: { type: 'link.opened', at: 2 } },
    { at: 3, s: 1, e: { type: 'limits.set', at: 3, limits } },
    { lost: 1, at: 3 },
    {
      at: 8e15,
      s: 2,
      p: '__proto__',
      e: { type: 'peer.reported', at: 8e15, status: 'Failed', failure: { code: 'X', message: 'x', at: 2, attempts: 0 } },
    },
  ]
  const line = fc.tuple(
    fc.constantFrom(...bases),
    fc.option(fc.tuple(fc.constantFrom('at', 's', 'p', 'e', 'state', 'value', 'context', 'peers', 'seq', 'limits', 'part'), odd), {
      freq: 2,
    }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 12 }), async (lines) => {
      const file = newFile()
      const texts = [begin, ...lines.map(([base, change]) => (change === null ? base : { ...base, [change[0]]: change[1] }))].map(spell)
      writeFileSync(file, texts.join('\n'))
      const read = await readRecording(file).catch((error: unknown) => error)
      if (read instanceof Error) expect(read).toBeInstanceOf(RecordingError)
      else showAll(read as Replay)
    }),
    { numRuns: 150 },
  )
})

/** Plays it in a console's source, and looks at everybody. */
function showAll(replay: Replay): void {
  const clock = new VirtualClock()
  const source = replaySource(replay, { playing: true, clock, speed: 1e15 })
  for (let n = 0; n < 6; n++) {
    clock.advance(60)
    for (const { peerId } of source.peers()) source.inside(peerId)
  }
  for (const position of [0, 1e15, 1]) source.replay.control({ type: 'replay', action: 'seek', position })
  source.close()
}

test('a crowd that stands elsewhere after a loss is looked at once, and not once for each of its peers', async () => {
  const file = newFile()
  const crowd = Array.from({ length: 3_000 }, (_, n) => ({
    peer: `p${n}`,
    state: 'Connected',
    value: 'Connected',
    context: { peerId: `p${n}`, owner: 'manager', pooledAt: 0 },
  }))
  writeFileSync(file, [begin, { lost: 1, at: 2 }, { ...begin, at: 2, peers: crowd.length }, ...crowd].map(spell).join('\n'))
  const clock = new VirtualClock()
  const source = replaySource(await readRecording(file), { playing: true, clock })
  let looks = 0
  source.jumps$?.subscribe(() => looks++)
  clock.advance(1_000)

  expect([looks, [...source.peers()].length]).toEqual([1, 3_000])
  source.close()
})

function spell(value: unknown): string {
  try {
    return JSON.stringify(value) ?? '{'
  } catch {
    return '{"at":'
  }
}
