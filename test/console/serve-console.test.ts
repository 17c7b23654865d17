/** A console shows what there is to whoever opens it, again when it is opened again, and ends without a trace. */
import { ConnectionManager } from 'qudag-connections'
import { serveConsole, type ConsoleOptions, type ConsoleSource, managerSource } from 'qudag-connections/console'
import { peerOutline } from 'qudag-connections/inspect'
import { PEER_STATES } from 'qudag-connections/machines'
import { scripted } from 'qudag-connections/testing'
import { BehaviorSubject, type Observable } from 'rxjs'
import { expect, onTestFinished, test } from 'vitest'
import type { ReplayStatus } from '../../src/console/wire.ts'
import { runningOn } from '../../src/supervisor-logic.ts'
import { Mirror } from '../inspect/mirror.ts'
import { Page } from './page.ts'

async function served(options: ConsoleOptions = {}) {
  const transport = scripted({ autoOpen: true, autoClose: 'sync', ping: true, autoPing: 3 })
  const manager = new ConnectionManager(100, { transport, metrics: { sampleMs: 20 } })
  const console = await serveConsole(manager, options)
  onTestFinished(async () => {
    await console.close()
    await manager.shutdown()
  })
  return { transport, manager, console }
}

/** Counts those who subscribe to a stream from here on, and have not left. */
function listenersTo(stream: Observable<unknown>): { readonly count: number } {
  const listeners = { count: 0 }
  const subscribe = stream.subscribe.bind(stream)
  stream.subscribe = (...args: []) => {
    const subscription = subscribe(...args)
    listeners.count++
    subscription.add(() => listeners.count--)
    return subscription
  }
  return listeners
}

test('a page hears of the machines and everybody first, then of each change', async () => {
  const { manager, console } = await served()
  await manager.connect('scripted://a')
  const page = new Page(console.url)
  const { hello, batch } = await page.open()
  const mirror = new Mirror()
  mirror.apply(batch)

  expect(hello).toMatchObject({ version: 2, states: PEER_STATES, allowSend: false })
  expect(hello.charts.map(({ id }) => id)).toEqual(['peer', 'supervisor'])
  expect(hello.history.length).toBeGreaterThan(0)
  expect(mirror.states).toEqual({ 'scripted://a': 'Connected' })
  expect(mirror.facts['scripted://a']).toMatchObject({ address: 'scripted://a' })
  expect(batch.log.map(({ reason }) => reason)).toEqual(['connect', 'opened'])

  await manager.connect('scripted://b')
  await manager.disconnect('scripted://a')
  mirror.apply(await page.next('batch', ({ seq }) => seq === 5))
  expect(mirror.states).toEqual({ 'scripted://a': 'Disconnected.pooled', 'scripted://b': 'Connected' })
  expect((await page.next('metrics', ({ metrics }) => metrics.pooled === 1)).metrics.connections).toBe(1)
})

test('a page that is opened again is shown everything again, history included', async () => {
  const { manager, console } = await served()
  const first = new Page(console.url)
  await first.open()
  await manager.connect('scripted://a')
  const { metrics } = await first.next('metrics')
  await first.leave()
  await manager.disconnect('scripted://a', { pool: false })
  await manager.connect('scripted://b')
  const { hello, batch } = await new Page(console.url).open()
  const mirror = new Mirror()
  mirror.apply(batch)

  expect(batch.reset).toBe(true)
  expect(mirror.states).toEqual({ 'scripted://b': 'Connected' })
  expect(hello.history[0]!.at).toBeLessThanOrEqual(metrics.at)
  const dialled = peerOutline.edges.findIndex(({ source, target }) => source === 'Connecting.dialing' && target === 'Connected')
  expect(mirror.flows.get(`peer ${dialled} 0`)).toBe(2)
})

test('a peer that is looked at is shown in full, with its events, until the page looks away', async () => {
  const { manager, console } = await served()
  const page = new Page(console.url)
  await page.open()
  const listeners = listenersTo(runningOn(manager.supervisor)!.supervisor.world.streams.moves.observable)
  page.say({ type: 'look', peerId: 'scripted://a' })
  const { peer: unknown } = await page.next('peer')
  await manager.connect('scripted://a')
  const { peer } = await page.next('peer', ({ peer: { state } }) => state === 'Connected')
  const looking = listeners.count
  page.say({ type: 'look', peerId: null })
  page.say({ type: 'command', id: 1, command: { type: 'peer.retry', peerId: 'scripted://a' } })
  await page.next('answer')

  expect(unknown).toMatchObject({ context: null, events: [], commands: [{ type: 'peer.connect' }] })
  expect(peer.events.map(({ event, state }) => [event, state])).toEqual([
    ['link.opened', 'Connected'],
    ['peer.connect', 'Connecting.dialing'],
  ])
  expect(peer.events[0]!.actions).toContain('tell(opened)')
  expect(peer.context).toMatchObject({ peerId: 'scripted://a', owner: 'manager' })
  expect(peer.explanation).toMatchObject({ status: 'Connected', holds: 1 })
  expect(peer.valid).toContain('peer.disconnect')
  expect(peer.commands).toContainEqual({ type: 'peer.disconnect', peerId: 'scripted://a', pool: true })
  expect([looking, listeners.count]).toEqual([1, 0])
})

test('a page may command the peers where the server allows it, and hears what came of it', async () => {
  const { manager, transport, console } = await served({ allowSend: true })
  const page = new Page(console.url)
  const { hello } = await page.open()
  page.say({ type: 'command', id: 1, command: { type: 'peer.connect', peerId: 'scripted://a' } })
  const opened = await page.next('answer')
  const connected = manager.status('scripted://a')
  page.say({ type: 'command', id: 2, command: { type: 'peer.disconnect', peerId: 'scripted://a', pool: true } })
  await page.next('answer')
  const pooled = manager.status('scripted://a')
  page.say({ type: 'command', id: 3, command: { type: 'peer.report', peerId: 'app-owned', status: 'Connected' } })
  await page.next('answer')
  transport.autoFail = new Error('refused')
  page.say({ type: 'command', id: 4, command: { type: 'peer.connect', peerId: 'scripted://b' } })
  const failed = await page.next('answer')

  expect(hello.allowSend).toBe(true)
  expect(opened).toEqual({ type: 'answer', id: 1 })
  expect([connected, pooled]).toEqual(['Connected', 'Disconnected'])
  expect(manager.status('app-owned')).toBe('Connected')
  expect(failed).toMatchObject({ id: 4, error: expect.stringContaining('scripted://b') })
})

test('when the manager stops the pages are told, and a page that is opened later as well', async () => {
  const { manager, console } = await served()
  await manager.connect('scripted://a')
  const page = new Page(console.url)
  const mirror = new Mirror()
  mirror.apply((await page.open()).batch)
  await manager.shutdown()
  await page.next('ended')
  mirror.apply(await page.next('batch', ({ supervisor }) => supervisor === 'Stopped'))
  const late = new Page(console.url)
  const { batch } = await late.open()
  await late.next('ended')

  expect(mirror.states).toEqual({})
  expect(batch).toMatchObject({ supervisor: 'Stopped', moved: [] })
})

test('a console that is closed leaves nothing: no page, no port, no subscription', async () => {
  const { manager, console } = await served()
  const { world } = runningOn(manager.supervisor)!.supervisor
  const page = new Page(console.url)
  await page.open()
  page.say({ type: 'look', peerId: 'scripted://a' })
  await page.next('peer')
  const ended = page.ended()
  await Promise.all([console.close(), console.close()])

  expect(await ended).toEqual([1001, 'the console was closed'])
  expect([world.streams.moves.observed, world.taps.all]).toEqual([false, undefined])
  const again = await serveConsole(manager, { port: Number(new URL(console.url).port) })
  expect(new URL(again.url).port).toBe(new URL(console.url).port)
  expect(again.url).not.toBe(console.url)
  await again.close()
})

test('a recording is shown by the same means, moved through by its page, and takes no commands', async () => {
  const { manager } = await served()
  await manager.connect('scripted://a')
  const { command: _, ...still } = { ...plainSource(manager) }
  const status$ = new BehaviorSubject<ReplayStatus>({ file: 'run.log', position: 3, length: 9, playing: false, speed: 1, at: 0 })
  const asked: unknown[] = []
  const control = (request: { action: string }): void => {
    asked.push(request)
    status$.next({ ...status$.value, playing: true })
  }
  const replaying: ConsoleSource = { ...still, replay: { status$, control } }
  await using console = await serveConsole(replaying, { allowSend: true })
  const page = new Page(console.url)
  const { hello } = await page.open()
  page.say({ type: 'replay', action: 'play' })
  const { replay } = await page.next('replay', (said) => said.replay.playing)
  page.say({ type: 'command', id: 1, command: { type: 'peer.connect', peerId: 'a' } })

  expect(hello).toMatchObject({ allowSend: false, replay: { file: 'run.log', position: 3, playing: false } })
  expect(replay.playing).toBe(true)
  expect(asked).toEqual([{ type: 'replay', action: 'play' }])
  expect((await page.next('answer')).error).toBe('a recording takes no commands')
})

test.each([
  [{ port: -1 }, RangeError, 'port'],
  [{ port: '1' }, TypeError, 'port'],
  [{ host: '' }, TypeError, 'host'],
  [{ token: 'short' }, RangeError, 'token'],
  [{ maxClients: 0 }, RangeError, 'maxClients'],
  [{ allowSend: 1 }, TypeError, 'allowSend'],
  [{ redact: true }, TypeError, 'redact'],
])('%o is refused by the name of the option', async (options, kind, name) => {
  const manager = new ConnectionManager(1, { transport: scripted() })
  const refusal = await serveConsole(manager, options as ConsoleOptions).catch((error: unknown) => error)
  await manager.shutdown()

  expect(refusal).toBeInstanceOf(kind)
  expect((refusal as Error).message).toContain(name)
})

/** A manager's source as plain functions, as a source of one's own may be written. */
function plainSource(manager: ConnectionManager): ConsoleSource {
  const live = managerSource(manager)
  return {
    moves$: live.moves$,
    metrics$: live.metrics$,
    get supervisorState() {
      return live.supervisorState
    },
    now: () => live.now(),
    peers: () => live.peers(),
    facts: (peerId) => live.facts(peerId),
    inside: (peerId) => live.inside(peerId),
    listen: (listener) => live.listen(listener),
    look: (peerId, seen) => live.look(peerId, seen),
    commandsFor: (inside) => live.commandsFor(inside),
    command: () => Promise.resolve(),
  }
}
