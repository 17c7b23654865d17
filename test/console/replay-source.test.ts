/** A recording is shown in the console as it was, and a page moves through it, at its pace, forward and back. */
import { readRecording, record, type Replay } from 'qudag-connections/inspect/record'
import { ConnectionManager } from 'qudag-connections'
import { replaySource, serveConsole } from 'qudag-connections/console'
import { scripted, VirtualClock } from 'qudag-connections/testing'
import { expect, onTestFinished, test } from 'vitest'
import type { ReplayStatus } from '../../src/console/wire.ts'
import { Mirror } from '../inspect/mirror.ts'
import { useRecordings } from '../inspect/recordings.ts'
import { Page } from './page.ts'

const newFile = useRecordings()

/** Three peers, a second apart: Connected, then the first one Failed. */
async function recorded(): Promise<Replay> {
  const clock = new VirtualClock()
  const manager = new ConnectionManager(10, { transport: scripted(), clock })
  const recording = record(manager, newFile())
  for (const peer of 'abc') {
    await manager.updateStatus(`scripted://${peer}`, 'Connected')
    clock.advance(1_000)
  }
  await manager.updateStatus('scripted://a', 'Failed')
  await recording.close()
  ;(manager.supervisor as unknown as { stop(): void }).stop()
  return readRecording(recording.file)
}

test('a page steps forward and back, and seeks', async () => {
  const source = replaySource(await recorded())
  const console = await serveConsole(source)
  onTestFinished(() => console.close())
  const page = new Page(console.url)
  const { hello, batch } = await page.open()
  const mirror = new Mirror()
  mirror.apply(batch)
  expect(hello).toMatchObject({ allowSend: false, replay: { position: 0, length: 4, playing: false, speed: 1 } })
  expect(mirror.states).toEqual({})

  const shown = async (request: object, position: number): Promise<Record<string, unknown>> => {
    page.say({ type: 'replay', ...request } as never)
    await page.next('replay', ({ replay }) => replay.position === position)
    mirror.apply(await page.next('batch'))
    return mirror.states
  }
  expect(await shown({ action: 'step' }, 1)).toEqual({ 'scripted://a': 'Connected' })
  expect(await shown({ action: 'seek', position: 4 }, 4)).toEqual({
    'scripted://a': 'Failed',
    'scripted://b': 'Connected',
    'scripted://c': 'Connected',
  })
  expect(await shown({ action: 'back' }, 3)).toMatchObject({ 'scripted://a': 'Connected', 'scripted://c': 'Connected' })
  expect(await shown({ action: 'seek', position: 0 }, 0)).toEqual({})
  source.close()
  await page.next('ended')
})

test('it plays at its speed, pauses, and begins again after its end', async () => {
  const clock = new VirtualClock()
  const source = replaySource(await recorded(), { clock, speed: 2, playing: true })
  onTestFinished(() => source.close())
  const positions: (readonly [position: number, playing: boolean])[] = []
  let last: ReplayStatus | undefined
  source.replay.status$.subscribe((status) => {
    last = status
    positions.push([status.position, status.playing])
  })

  clock.advance(450)
  expect(last).toMatchObject({ position: 1, playing: true, speed: 2 })
  clock.advance(100)
  expect(last).toMatchObject({ position: 2, playing: true })
  source.replay.control({ type: 'replay', action: 'pause' })
  clock.advance(10_000)
  expect([last?.position, clock.pending]).toEqual([2, 0])
  source.replay.control({ type: 'replay', action: 'speed', speed: 100 })
  source.replay.control({ type: 'replay', action: 'play' })
  clock.advance(100)
  expect(last).toMatchObject({ position: 4, playing: false, speed: 100 })
  source.replay.control({ type: 'replay', action: 'play' })
  expect(last).toMatchObject({ position: 0, playing: true })
})

test('gauges are those of the position, and a peer is seen in full', async () => {
  const source = replaySource(await recorded())
  const gauges: number[] = []
  source.metrics$.subscribe(({ connections }) => gauges.push(connections))
  const steps: string[] = []
  source.look('scripted://a', ({ event, state }) => steps.push(`${event} ${state}`))

  for (const action of ['step', 'step', 'step', 'step', 'back'] as const) source.replay.control({ type: 'replay', action })
  source.replay.control({ type: 'replay', action: 'step' })

  expect(gauges.slice(-6)).toEqual([1, 2, 3, 2, 3, 2])
  expect(steps).toEqual(['reported Connected', 'reported Failed', 'reported Failed'])
  expect(source.inside('scripted://a')).toMatchObject({ state: 'Failed', context: { failure: { code: 'ERR_REPORTED' } } })
  expect(() => replaySource({} as never, { speed: 0 })).toThrow('speed')
  source.close()
})
