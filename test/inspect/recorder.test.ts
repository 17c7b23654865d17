import { appendFileSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { ConnectionManager } from 'qudag-connections'
import { readRecording, record, RecordingError } from 'qudag-connections/inspect/record'
import { flush, scripted, VirtualClock } from 'qudag-connections/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { movesFrom, useRecordings } from './recordings.ts'

const newFile = useRecordings()

/** What is in a file; it may be moved away at any moment, as the recorder does that beside the test. */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return ''
  }
}

describe('a recording', () => {
  test('begins mid-run, with the peers as they stand, and ends with the manager', async () => {
    const { manager, transport, clock } = start()
    manager.connect('scripted://a').catch(() => {})
    transport.pendingDials[0]?.open()
    await flush()
    const recording = record(manager, newFile())
    const live = movesFrom(manager)

    await manager.disconnect('scripted://a')
    const over = manager.shutdown()
    await clock.advanceAsync(10_000)
    await over
    await recording.closed

    const replay = await readRecording(recording.file)
    expect([...replay.peers()]).toEqual([{ peerId: 'scripted://a', status: 'Connected', state: 'Connected', since: undefined }])
    expect(live.length).toBeGreaterThan(2)
    expect([...replay.moves()]).toEqual(live)
    expect([replay.isTruncated, replay.supervisor.state]).toEqual([false, 'Accepting'])
    replay.seek(replay.length)
    expect([[...replay.peers()], replay.supervisor.state]).toEqual([[], 'Stopped'])
  })

  test('keeps limits that JSON has no number for', async () => {
    const { manager } = start()
    const recording = record(manager, newFile())
    manager.setLimits({ maxConnections: 3 })
    await recording.close()

    const replay = await readRecording(recording.file)
    const limits = (): object => replay.supervisor.limits
    expect(limits()).toEqual({ maxConnections: 3, poolTimeoutMs: 300_000, maxIdle: Infinity })
  })

  test('takes no more disk than it may: it is rotated, and each part can be replayed alone', async () => {
    const { manager } = start()
    const file = newFile()
    const recording = record(manager, file, { maxBytes: 4_000, files: 3 })
    const live = movesFrom(manager)
    for (let round = 0; round < 60; round++) {
      const failure = { code: `ROUND_${round}`, message: 'as told' }
      await manager.updateStatus('scripted://a', 'Failed', { failure })
      await manager.updateStatus('scripted://a', 'Connected')
      while (![`${file}.1`, file].some((part) => textOf(part).includes(failure.code))) await flush()
    }
    await recording.close()

    const parts = readdirSync(dirname(file)).filter((name) => name.startsWith(basename(file)))
    expect(parts.toSorted()).toEqual(['', '.1', '.2'].map((end) => basename(file) + end))
    for (const part of parts) expect(statSync(`${dirname(file)}/${part}`).size).toBeLessThan(8_000)
    const moves = [...(await readRecording(file)).moves()]
    expect(moves).toEqual(live.slice(-moves.length))
    const alone = [...(await readRecording(`${file}.1`)).moves()]
    expect(alone).toEqual(live.filter(({ seq }) => seq >= (alone[0]?.seq ?? 0) && seq <= (alone.at(-1)?.seq ?? 0)))
    expect(alone.length).toBeGreaterThan(5)
  })

  test('takes no more memory than it may: what the disk is too slow for is lost, counted, and leaped over', async () => {
    const { manager } = start()
    const recording = record(manager, newFile(), { maxBuffered: 500 })
    await recording.ready
    for (const peer of 'abcdef') void manager.updateStatus(`scripted://${peer}`, 'Connected')
    for (let turn = 0; turn < 20; turn++) await flush()
    await manager.updateStatus('scripted://a', 'Failed')
    await recording.close()

    const replay = await readRecording(recording.file)
    expect(recording.lost).toBeGreaterThan(0)
    expect(replay.lost).toBe(recording.lost)
    replay.seek(replay.length)
    expect([...replay.peers()].map(({ peerId, status }) => [peerId, status])).toEqual(
      [...manager.peers()].map(({ peerId, status }) => [peerId, status]),
    )
    replay.seek(0)
    expect([...replay.peers()]).toEqual([])
  })

  test('leaps over what JSON has no words for', async () => {
    const { manager } = start()
    const recording = record(manager, newFile())
    await manager.updateStatus('scripted://a', 'Connected')
    const failure = { code: 1n as unknown as string, message: 'a number too big', at: 0, attempts: 0 }
    manager.actor('scripted://a')?.send({ type: 'peer.crashed', at: Date.now(), failure })

    await recording.close()

    const replay = await readRecording(recording.file)
    expect(replay.lost).toBeGreaterThan(0)
    replay.seek(replay.length)
    expect([...replay.peers()].map(({ peerId, state }) => [peerId, state])).toEqual([['scripted://a', manager.status('scripted://a')]])
  })

  test('of which only the latest steps are kept begins where those begin', async () => {
    const { manager } = start()
    const recording = record(manager, newFile())
    const live = movesFrom(manager)
    for (let n = 0; n < 20; n++) await manager.updateStatus(`scripted://${n % 3}`, n % 2 === 0 ? 'Connected' : 'Failed')
    await recording.close()

    const replay = await readRecording(recording.file, { maxSteps: 8 })
    expect([...replay.moves()]).toEqual(live.slice(replay.dropped))
    expect(replay.dropped).toBeGreaterThan(0)
    const begins = [...replay.peers()]
    replay.seek(replay.length)
    replay.seek(0)
    expect([...replay.peers()]).toEqual(begins)
    expect(begins.map(({ peerId }) => peerId)).toEqual(['scripted://0', 'scripted://1', 'scripted://2'])
  })

  test('that the disk refuses ends with its error, and the manager goes on', async () => {
    const { manager } = start()
    const recording = record(manager, '/nowhere/to/be/found')

    await expect(recording.ready).rejects.toMatchObject({ code: 'ENOENT' })
    await expect(recording.closed).rejects.toMatchObject({ code: 'ENOENT' })
    await expect(recording.close()).rejects.toMatchObject({ code: 'ENOENT' })
    await manager.updateStatus('scripted://a', 'Connected')
    expect(manager.status('scripted://a')).toBe('Connected')
  })

  test('overwrites nothing: what was there stands beside it', async () => {
    const { manager } = start()
    const file = newFile()
    writeFileSync(file, 'mine')
    const recording = record(manager, file)
    await recording.close()

    expect(readFileSync(`${file}.1`, 'utf8')).toBe('mine')
    expect((await readRecording(file)).length).toBe(0)
    expect(statSync(file).mode & 0o077).toBe(0)
  })

  test.each([
    ['file', ['']],
    ['maxBytes', ['x', { maxBytes: 0 }]],
    ['files', ['x', { files: 0.5 }]],
    ['maxBuffered', ['x', { maxBuffered: -1 }]],
  ] as const)('names the wrong argument: %s', (name, [file, options]) => {
    const { manager } = start()
    expect(() => record(manager, file, options)).toThrow(name)
    expect(existsSync('x')).toBe(false)
  })
})

describe('a file that is no recording, or no longer one', () => {
  test.each([
    ['ERR_NOT_A_RECORDING', 'an empty file', ''],
    ['ERR_NOT_A_RECORDING', 'a text', 'Dear diary\ntoday\n'],
    ['ERR_NOT_A_RECORDING', 'JSON lines of somebody else', '{"level":30}\n{"level":40}\n'],
    ['ERR_NOT_A_RECORDING', 'events without a beginning', '{"at":1,"s":0,"p":"a","e":{"type":"link.opened","at":1}}\n'],
    ['ERR_NOT_A_RECORDING', 'one endless line', 'x'.repeat(5_000_000)],
    ['ERR_RECORDING_VERSION', 'another version', begin({ recording: 2, package: '9.9.9' })],
    ['ERR_RECORDING_DAMAGED', 'a line in the middle that is none', `${begin()}{"at":\n{"lost":1,"at":1}\n`],
    ['ERR_RECORDING_DAMAGED', 'a peer in a state that is none', `${begin({ peers: 1 })}{"peer":"a","value":"Lost","context":{}}\n`],
    ['ERR_RECORDING_DAMAGED', 'a peer that is missing', `${begin({ peers: 1 })}{"lost":1,"at":1}\n`],
    ['ERR_RECORDING_DAMAGED', 'a peer too many', `${begin()}{"peer":"a","value":"Failed","context":{}}\n`],
    ['ERR_RECORDING_DIVERGED', 'moves that do not follow', `${begin()}{"at":1,"s":7,"p":"a","e":{"type":"link.opened","at":1}}\n`],
  ])('%s: %s', async (code, _, text) => {
    const file = newFile()
    writeFileSync(file, text)

    const refused = await readRecording(file).catch((error: unknown) => error)

    expect(refused).toBeInstanceOf(RecordingError)
    expect(refused).toMatchObject({ code, file })
    expect((refused as Error).message).toContain(file)
  })

  test('a folder, and a file that is not there, are the system’s errors', async () => {
    const folder = newFile()
    mkdirSync(folder)
    await expect(readRecording(folder)).rejects.toMatchObject({ code: 'EISDIR' })
    await expect(readRecording(`${folder}/none`)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test('a tail that was cut off anywhere is left out', async () => {
    const { manager } = start()
    const recording = record(manager, newFile())
    const live = movesFrom(manager)
    for (const peer of 'abc') await manager.updateStatus(`scripted://${peer}`, 'Connected')
    await recording.close()
    const { size } = statSync(recording.file)
    const firstLine = readFileSync(recording.file, 'utf8').indexOf('\n') + 1

    for (let end = size - 2; end >= firstLine; end -= 7) {
      truncateSync(recording.file, end)
      const replay = await readRecording(recording.file)
      const moves = [...replay.moves()]
      expect(moves).toEqual(live.slice(0, moves.length))
      expect(replay.isTruncated).toBe(true)
    }
    appendFileSync(recording.file, '\0\0\0\0')
    expect((await readRecording(recording.file)).isTruncated).toBe(true)
  })
})

test('an event on which a machine threw moved nobody, and its actor was replaced', async () => {
  const failure = { code: 'ERR_CRASHED', message: 'oh', at: 2, attempts: 0 }
  const line = (s: number, p: string | undefined, e: object): string => `${JSON.stringify({ at: 2, s, p, e: { at: 2, ...e } })}\n`
  const file = newFile()
  writeFileSync(
    file,
    begin() +
      line(0, 'a', { type: 'peer.reported', status: 'Connected' }) +
      line(1, 'a', { type: 'peer.reported', status: 'Disconnected' }) +
      line(1, undefined, { type: 'peer.crashed', peerId: 'a', failure }) +
      line(1, 'a', { type: 'peer.crashed', failure }),
  )

  const replay = await readRecording(file)

  expect([...replay.moves()].map(({ seq, fromState, toState, reason }) => [seq, fromState, toState, reason])).toEqual([
    [1, undefined, 'Connected', 'reported'],
    [2, 'Connected', 'Failed', 'crashed'],
  ])
  replay.seek(2)
  expect(replay.peer('a')).toEqual({ peerId: 'a', status: 'Failed', state: 'Failed', since: 2, failure })
})

/** The first line of a recording, with this of its own. */
function begin(own: object = {}): string {
  const limits = { maxConnections: 1, poolTimeoutMs: 0, maxIdle: 1 }
  const line = { recording: 1, package: '0.1.0', run: 'r', part: 1, at: 1, seq: 0, supervisor: 'Accepting', limits, peers: 0, ...own }
  return `${JSON.stringify(line)}\n`
}

function start(): { manager: ConnectionManager; transport: ReturnType<typeof scripted>; clock: VirtualClock } {
  const transport = scripted()
  const clock = new VirtualClock()
  const manager = new ConnectionManager(10, { transport, clock })
  onTestFinished(() => (manager.supervisor as unknown as { stop(): void }).stop())
  return { manager, transport, clock }
}
