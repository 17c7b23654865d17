/** @xstate/inspect, made for XState 4, shows a real manager's XState 5 actors, and its viewer's commands reach them. */
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import { ConnectionManager } from 'qudag-connections'
import { scripted, VirtualClock } from 'qudag-connections/testing'
import { bridge } from 'qudag-connections-xstate-inspect'
import { createWebSocketReceiver } from 'qudag-connections-xstate-inspect/browser'
import { inspectOnServer } from 'qudag-connections-xstate-inspect/server'
import { afterAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'

// Their receiver is made for browsers.
vi.stubGlobal('WebSocket', WebSocket)
afterAll(() => vi.unstubAllGlobals())

describe('over the WebSocket server of @xstate/inspect', () => {
  test('their receiver sees machines, states, events and stops', async () => {
    const manager = newManager()
    await manager.updateStatus('scripted://old', 'Connected')
    const server = await serve()
    inspectOnServer(manager, server)
    const viewer = await receiver(server)

    await manager.updateStatus('scripted://new', 'Failed')
    await manager.disconnect('scripted://old')
    await viewer.until(({ type }) => type === 'service.stop')

    const [supervisor, old, fresh] = viewer.of('service.register')
    expect([supervisor, old, fresh].map((message) => [message?.machine.id, message?.state.value])).toEqual([
      ['supervisor', 'Accepting'],
      ['peer', 'Connected'],
      ['peer', { Disconnected: 'closed' }],
    ])
    // XState 4 has made a machine of it, which moves as ours does.
    const { machine } = old as Message
    expect(Object.keys(machine.states)).toEqual(['Connecting', 'Connected', 'Disconnected', 'Failed'])
    expect(machine.transition({ Connecting: 'dialing' }, 'dial.failed').value).toBe('Failed')
    expect(machine.context).toMatchObject({ peerId: 'scripted://old', owner: 'app' })
    const { sessionId } = fresh as Message
    expect(viewer.of('service.event').flatMap(({ sessionId: of, event }) => (of === sessionId ? [event.name] : []))).toContain(
      'peer.reported',
    )
    const state = viewer.of('service.state').findLast(({ sessionId: of }) => of === sessionId)?.state
    expect([state?.value, state?.context.failure.code, state?.event.type]).toEqual(['Failed', 'ERR_REPORTED', 'peer.reported'])
    expect(viewer.of('service.stop').map(({ sessionId: of }) => of)).toEqual([old?.sessionId])
  })

  test('an event of the viewer’s reaches our actor, and is told of once', async () => {
    const manager = newManager()
    await manager.updateStatus('scripted://a', 'Connected')
    await manager.updateStatus('scripted://b', 'Connected')
    const server = await serve()
    inspectOnServer(manager, server)
    const viewer = await receiver(server)
    const { sessionId: root } = manager.supervisor
    const { sessionId: peer } = manager.actor('scripted://b')!

    viewer.send(root, { type: 'peer.disconnect', peerId: 'scripted://a' })
    await viewer.until(({ type }) => type === 'service.stop')
    expect(manager.status('scripted://a')).toBeUndefined()
    const told = viewer.of('service.event').filter(({ sessionId, event }) => sessionId === root && event.name === 'peer.disconnect')
    expect(told.map(({ event }) => event.data)).toEqual([{ type: 'peer.disconnect', peerId: 'scripted://a' }])

    viewer.send(peer, { type: 'link.failed' })
    viewer.send(peer, { type: 'peer.disconnect' })
    await viewer.until(() => viewer.of('service.stop').length === 2)
    expect(manager.status('scripted://b')).toBeUndefined()
    expect(manager.metrics.byStatus.Failed).toBe(0)
  })

  test('a viewer cannot stop the supervisor, nor command where it may not', async () => {
    const manager = newManager()
    await manager.updateStatus('scripted://a', 'Connected')
    const server = await serve()
    const standing = inspectOnServer(manager, server, { allowSend: false })
    const viewer = await receiver(server)
    const { sessionId: root } = manager.supervisor
    viewer.send(root, { type: 'peer.disconnect', peerId: 'scripted://a' })
    await viewer.until(({ type, event }) => type === 'service.event' && event.name === 'peer.disconnect')
    expect(manager.status('scripted://a')).toBe('Connected')

    standing.stop()
    inspectOnServer(manager, server)
    for (const type of ['xstate.stop', 'xstate.error.actor.scripted://a', 'peer.connect']) viewer.send(root, { type })
    await viewer.until(({ type, event }) => type === 'service.event' && event.name === 'peer.connect')
    expect(manager.status('scripted://a')).toBe('Connected')
    expect(manager.explain().state).toBe('Accepting')
  })

  test('200 peers are shown unless told otherwise, of those that pass the filter, and the next one when one goes', async () => {
    const manager = newManager()
    for (let n = 0; n < 300; n++) await manager.updateStatus(`scripted://${n}`, 'Connected')
    const shown: string[] = []
    const devTools = { register: ({ id }: { id: string }) => void shown.push(id) }
    const standing = bridge(manager, { devTools, filter: (peerId) => Number(peerId.slice(11)) % 2 === 0 })
    for (let n = 300; n < 500; n++) await manager.updateStatus(`scripted://${n}`, 'Connected')

    expect([shown.length, standing.shown]).toEqual([1 + 200, 200])
    expect(shown.slice(0, 3)).toEqual(['supervisor', 'scripted://0', 'scripted://2'])
    await manager.disconnect('scripted://0')
    await manager.updateStatus('scripted://499', 'Failed')
    await manager.updateStatus('scripted://498', 'Failed')
    expect(shown.at(-1)).toBe('scripted://498')
    standing.stop()
    expect(standing.shown).toBe(0)
  })

  test('names what is wrong', () => {
    const manager = newManager()
    expect(() => bridge(manager, { maxActors: 0.5 })).toThrow('maxActors')
    expect(() => bridge(manager, { filter: 'x' as never })).toThrow('filter')
  })
})

describe('the package of the bridge', () => {
  const home = 'src/inspect/xstate-inspect'

  test('has an XState 4 of its own beside our 5, and imports nothing of ours', () => {
    const version = (path: string): string => (JSON.parse(readFileSync(`${path}/package.json`, 'utf8')) as { version: string }).version
    expect(version('node_modules/xstate')).toMatch(/^5\./)
    expect(version(`${home}/node_modules/xstate`)).toMatch(/^4\./)
    const { dependencies } = JSON.parse(readFileSync(`${home}/package.json`, 'utf8')) as { dependencies: object }
    expect(Object.keys(dependencies)).toEqual(['@xstate/inspect', 'xstate'])
  })

  test('is built by its own script, and is used by Node as it is published', async () => {
    const run = promisify(execFile)
    await run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', `${home}/tsconfig.build.json`])
    const program = `
      import { bridge } from 'qudag-connections-xstate-inspect'
      import { inspectOnServer } from 'qudag-connections-xstate-inspect/server'
      import { inspectInBrowser } from 'qudag-connections-xstate-inspect/browser'
      console.log(typeof bridge, typeof inspectOnServer, typeof inspectInBrowser)`
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program], { env: {} })
    expect(stdout).toBe('function function function\n')
  })
})

/** What their receiver gives; which of the fields there are depends on the type. */
interface Message {
  readonly type: 'service.register' | 'service.state' | 'service.event' | 'service.stop'
  readonly sessionId: string
  readonly machine: {
    readonly id: string
    readonly states: object
    readonly context: object
    transition(value: object, event: string): { readonly value: unknown }
  }
  readonly state: {
    readonly value: unknown
    readonly context: { readonly failure: { readonly code: string } }
    readonly event: { readonly type: string }
  }
  readonly event: { readonly name: string; readonly data: object }
}

function newManager(): ConnectionManager {
  const manager = new ConnectionManager(1_000, { transport: scripted(), clock: new VirtualClock() })
  onTestFinished(() => (manager.supervisor as unknown as { stop(): void }).stop())
  return manager
}

async function serve(): Promise<WebSocketServer> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  onTestFinished(() => {
    server.close()
  })
  await once(server, 'listening')
  return server
}

/** Their receiver, once it has been told of the actors. */
async function receiver(server: WebSocketServer) {
  const messages: Message[] = []
  let look = (): void => {}
  const ref = createWebSocketReceiver({ server: `127.0.0.1:${(server.address() as AddressInfo).port}`, serialize: undefined })
  ref.subscribe((message) => {
    messages.push(message as unknown as Message)
    look()
  })
  const until = (wanted: (message: Message) => boolean): Promise<void> =>
    new Promise((resolve) => {
      look = () => messages.some(wanted) && resolve()
      look()
    })
  await until(({ type }) => type === 'service.register')
  return {
    until,
    of: (type: Message['type']) => messages.filter((message) => message.type === type),
    send: (sessionId: string, event: { type: string; peerId?: string }) => {
      const scxml = { name: event.type, data: event, $$type: 'scxml', type: 'external', origin: sessionId }
      ref.send({ type: 'xstate.event', event: JSON.stringify(scxml), service: sessionId })
    },
  }
}
