/** @statelyai/inspect itself, by each of its ways, shows a real manager's actors, their events and their ends. */
import { createInspector, createWebSocketInspector, createWebSocketReceiver, type StatelyInspectionEvent } from '@statelyai/inspect'
import { ConnectionManager } from 'qudag-connections'
import { serveStatelyProtocol, type StatelyServer, type StatelyServerOptions, statelyInspector } from 'qudag-connections/inspect/stately'
import { flush, VirtualClock, scripted } from 'qudag-connections/testing'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { runningOn } from '../../src/supervisor-logic.ts'

describe('a custom inspector', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
  afterEach(() => void vi.useRealTimers())

  test('is told of each actor before anything about it, with its definition and its snapshot', async () => {
    const manager = newManager()
    await manager.updateStatus('scripted://old', 'Connected')
    const { messages, adapter } = collector()
    const inspection = await statelyInspector(manager, { adapter })

    await manager.updateStatus('scripted://new', 'Failed')
    await manager.disconnect('scripted://new')
    await settled()

    const { sessionId: root } = manager.supervisor
    const actors = messages.filter((message) => message.type === '@xstate.actor')
    expect(actors.map(({ name, parentId, rootId }) => [name, parentId, rootId])).toEqual([
      ['supervisor', undefined, root],
      ['scripted://old', root, root],
      ['scripted://new', root, root],
    ])
    for (const { definition, snapshot } of actors) {
      expect(Object.keys((JSON.parse(definition ?? '') as { states: object }).states).length).toBeGreaterThan(3)
      expect(Object.keys(snapshot)).not.toContain('children')
    }
    expect(actors.map(({ snapshot }) => snapshot.value)).toEqual(['Accepting', 'Connected', { Disconnected: 'closed' }])
    const announced = new Set<string>()
    for (const { type, sessionId } of messages) {
      if (type === '@xstate.actor') announced.add(sessionId)
      expect(announced).toContain(sessionId)
    }
    const { sessionId } = actors[2]!
    const ofNew = messages.filter((message) => message.sessionId === sessionId)
    expect(ofNew.flatMap((message) => (message.type === '@xstate.event' ? [message.event.type] : []))).toEqual([
      'xstate.init',
      'peer.reported',
      'peer.disconnect',
    ])
    expect(ofNew.at(-1)).toMatchObject({ type: '@xstate.snapshot', snapshot: { status: 'stopped' } })
    expect(inspection.shown).toBe(1)
  })

  test('stops when it is told to, and nothing of it is left', async () => {
    const manager = newManager()
    const { messages, adapter, stopped } = collector()
    const inspection = await statelyInspector(manager, { adapter })
    await settled()
    inspection.stop()
    inspection.stop()
    const count = messages.length

    await manager.updateStatus('scripted://a', 'Connected')
    await settled()

    expect(messages).toHaveLength(count)
    expect(stopped()).toBe(1)
  })

  test('that you made is yours to stop, and may be told again', async () => {
    const manager = newManager()
    const { messages, adapter, stopped } = collector()
    const inspection = await statelyInspector(manager, { inspector: createInspector(adapter) })
    await manager.updateStatus('scripted://a', 'Connected')
    await settled()
    messages.length = 0

    inspection.replay()
    await settled()
    inspection.stop()

    expect(messages.map((message) => [message.type, 'snapshot' in message && (message.snapshot as { value?: unknown }).value])).toEqual([
      ['@xstate.actor', 'Accepting'],
      ['@xstate.actor', 'Connected'],
    ])
    expect(stopped()).toBe(0)
  })

  test('is told of 200 peers unless told otherwise, and of the next one when one of them goes', async () => {
    const manager = newManager()
    for (let n = 0; n < 150; n++) await manager.updateStatus(`scripted://${n}`, 'Connected')
    const { names, adapter } = collector()
    const inspection = await statelyInspector(manager, { adapter })
    for (let n = 150; n < 300; n++) await manager.updateStatus(`scripted://${n}`, 'Connected')
    await settled()
    expect([names().length, inspection.shown]).toEqual([1 + 200, 200])

    await manager.disconnect('scripted://7')
    await manager.updateStatus('scripted://250', 'Failed')
    await settled()
    expect(names().at(-1)).toBe('scripted://250')
    expect(inspection.shown).toBe(200)
  })

  test('is told of those peers alone that pass the filter', async () => {
    const manager = newManager()
    const asked: string[] = []
    const filter = (peerId: string): boolean => asked.push(peerId) > 0 && peerId.endsWith('b')
    const { names, adapter } = collector()
    await statelyInspector(manager, { adapter, filter, maxActors: 5 })
    for (const peer of 'abcabc') await manager.updateStatus(`scripted://${peer}`, 'Connected')
    for (const peer of 'abcabc') await manager.updateStatus(`scripted://${peer}`, 'Failed')
    await settled()

    expect(names()).toEqual(['supervisor', 'scripted://b'])
    expect(asked).toEqual(['scripted://a', 'scripted://b', 'scripted://c'])
  })

  test('is told of the end of an actor that threw, and of the one in its place', async () => {
    const manager = newManager()
    await manager.updateStatus('scripted://a', 'Connected')
    const { messages, adapter } = collector()
    await statelyInspector(manager, { adapter })
    const { supervisor } = runningOn(manager.supervisor)!
    const peer = supervisor.world.peers.get('scripted://a')!
    const { sessionId } = peer.ref!
    // The action by which the machine says why it moves throws, once.
    Object.defineProperty(peer, 'told', { set: throwOnce, get: () => undefined, configurable: true })
    manager.updateStatus('scripted://a', 'Failed').catch(() => {})
    await settled()

    const { sessionId: fresh } = supervisor.world.peers.get('scripted://a')!.ref!
    expect(fresh).not.toBe(sessionId)
    expect(messages.findLast((message) => message.sessionId === sessionId)).toMatchObject({
      type: '@xstate.snapshot',
      snapshot: { status: 'error', error: { message: 'planted' } },
    })
    expect(messages.find((message) => message.sessionId === fresh)).toMatchObject({ type: '@xstate.actor', name: 'scripted://a' })
  })

  test.each([
    ['exactly one of', {}],
    ['exactly one of', { url: 'ws://x', browser: {} }],
    ['maxActors', { url: 'ws://x', maxActors: -1 }],
    ['filter', { url: 'ws://x', filter: 'b' as never }],
  ])('names what is wrong: %s', async (name, options) => {
    await expect(statelyInspector(newManager(), options)).rejects.toThrow(name)
  })
})

describe('over a WebSocket', () => {
  test('their inspector tells our server, and their receiver hears it; one that comes late is told of the actors that live', async () => {
    const server = await serve()
    const early = await receiver(server)
    const manager = newManager()
    const inspector = createWebSocketInspector({ url: server.url })
    onTestFinished(() => inspector.stop())
    await statelyInspector(manager, { inspector })
    await manager.updateStatus('scripted://a', 'Connected')
    await manager.updateStatus('scripted://b', 'Connected')
    await early.until((message) => message.type === '@xstate.snapshot' && valueOf(message) === 'Connected')

    await manager.updateStatus('scripted://b', 'Failed')
    await manager.disconnect('scripted://a')
    await early.until((message) => message.type === '@xstate.snapshot' && message.snapshot.status === 'stopped')
    expect(early.actors()).toEqual(['supervisor', 'scripted://a', 'scripted://b'])
    expect(early.events()).toEqual(expect.arrayContaining(['peer.report', 'peer.reported', 'peer.disconnect']))

    const late = await receiver(server)
    await late.until((message) => message.type === '@xstate.actor' && message.name === 'scripted://b')
    expect(late.actors()).toEqual(['supervisor', 'scripted://b'])
    expect(late.messages.map(valueOf)).toEqual(['Accepting', 'Failed'])
    expect(Object.keys(JSON.parse((late.messages[1] as { definition: string }).definition) as object)).toContain('states')
  })

  test('by its address, and from the same process without a detour', async () => {
    const server = await serve()
    const viewer = await receiver(server)
    const there = newManager()
    const here = newManager()
    const remote = await statelyInspector(there, { url: server.url })
    await viewer.until(() => viewer.actors().length === 1)
    const local = await statelyInspector(here, { adapter: server.adapter })
    await viewer.until(() => viewer.actors().length === 2)
    expect(viewer.messages.map(({ sessionId }) => sessionId)).toEqual([there.supervisor.sessionId, here.supervisor.sessionId])
    expect(server.actors).toBe(2)

    local.stop()
    expect(server.actors).toBe(1)
    remote.stop()
    while (server.actors > 0) await flush()
  })

  test('no more actors are passed on than may be', async () => {
    const server = await serve({ maxActors: 2 })
    const viewer = await receiver(server)
    const manager = newManager()
    await statelyInspector(manager, { adapter: server.adapter })
    for (const peer of 'abc') await manager.updateStatus(`scripted://${peer}`, 'Connected')
    await manager.updateStatus('scripted://a', 'Failed')
    await viewer.until((message) => valueOf(message) === 'Failed')

    expect(viewer.actors()).toEqual(['supervisor', 'scripted://a'])
    expect(server.actors).toBe(2)
  })

  test('what is no message of the protocol is passed on to nobody', async () => {
    const server = await serve()
    const viewer = await receiver(server)
    const stranger = await connect(server)
    for (const text of ['', 'hello', '[]', 'null', '{"type":"@xstate.actor"}', '{"type":"else","sessionId":"x"}']) stranger.send(text)
    stranger.send(new Uint8Array([1, 2]))
    stranger.send(JSON.stringify({ type: '@xstate.event', sessionId: 'x', event: { type: 'last' } }))
    await viewer.until(() => viewer.messages.length > 0)

    expect(viewer.messages).toMatchObject([{ event: { type: 'last' } }])
  })

  test('a page from elsewhere may not look, unless it is named', async () => {
    const server = await serve({ origins: ['https://example.org'] })

    await expect(connect(server, 'https://evil.example')).rejects.toThrow('401')
    await connect(server, 'https://example.org')
    await connect(server, 'http://localhost:5173')
  })

  test('a port that is taken is the system’s error, and closing twice is once', async () => {
    const server = await serve()
    await expect(serveStatelyProtocol({ port: Number(new URL(server.url).port) })).rejects.toMatchObject({ code: 'EADDRINUSE' })
    await Promise.all([server.close(), server.close()])
  })
})

/** Until what their inspector has put off is told: it waits one timer of 0 ms an event. */
async function settled(): Promise<void> {
  await vi.advanceTimersByTimeAsync(0)
  await flush()
}

function throwOnce(this: object): void {
  Object.defineProperty(this, 'told', { value: undefined, writable: true })
  throw new Error('planted')
}

function newManager(): ConnectionManager {
  const manager = new ConnectionManager(1_000, { transport: scripted(), clock: new VirtualClock() })
  onTestFinished(() => (manager.supervisor as unknown as { stop(): void }).stop())
  return manager
}

function collector() {
  const messages: StatelyInspectionEvent[] = []
  let stops = 0
  return {
    messages,
    names: () => messages.flatMap((message) => (message.type === '@xstate.actor' ? [message.name] : [])),
    stopped: () => stops,
    adapter: { send: (message: unknown) => void messages.push(message as StatelyInspectionEvent), stop: () => void stops++ },
  }
}

async function serve(options: StatelyServerOptions = {}): Promise<StatelyServer> {
  const server = await serveStatelyProtocol({ port: 0, ...options })
  onTestFinished(() => server.close())
  return server
}

/** Their receiver. It cannot be closed, and ends with the server. */
async function receiver(server: StatelyServer) {
  const messages: StatelyInspectionEvent[] = []
  let look = (): void => {}
  createWebSocketReceiver({ server: server.url }).subscribe((message) => {
    messages.push(message)
    look()
  })
  // It says nothing when it is connected: one that connects after it and is answered, came later.
  const other = await connect(server)
  other.close()
  return {
    messages,
    actors: () => messages.flatMap((message) => (message.type === '@xstate.actor' ? [message.name] : [])),
    events: () => messages.flatMap((message) => (message.type === '@xstate.event' ? [message.event.type] : [])),
    until: (wanted: (message: StatelyInspectionEvent) => boolean) =>
      new Promise<void>((resolve) => {
        look = () => messages.some(wanted) && resolve()
        look()
      }),
  }
}

function connect(server: StatelyServer, origin?: string): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(server.url, origin === undefined ? {} : { origin })
    onTestFinished(() => socket.terminate())
    socket.once('open', () => resolve(socket)).once('error', reject)
  })
}

function valueOf(message: StatelyInspectionEvent): unknown {
  return 'snapshot' in message ? (message.snapshot as { value?: unknown }).value : undefined
}
