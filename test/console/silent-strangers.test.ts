/** Connections that say nothing cost no page its place. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { ConnectionManager } from 'qudag-connections'
import { serveConsole } from 'qudag-connections/console'
import { serveStatelyProtocol } from 'qudag-connections/inspect/stately'
import { scripted } from 'qudag-connections/testing'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { ask, Page } from './page.ts'

/** Opens connections that say nothing. */
async function silent(port: number, count: number): Promise<Socket[]> {
  const sockets: Socket[] = []
  onTestFinished(() => sockets.forEach((socket) => socket.destroy()))
  for (let n = 0; n < count; n++) {
    const socket = connect({ host: '127.0.0.1', port })
    socket.on('error', () => {})
    sockets.push(socket)
    await once(socket, 'connect')
  }
  return sockets
}

test('300 silent connections lock nobody out of the console: the oldest of them yield, and a page that is open stays', async () => {
  const manager = new ConnectionManager(3, { transport: scripted({ autoOpen: true }) })
  const console = await serveConsole(manager)
  onTestFinished(async () => {
    await console.close()
    await manager.shutdown()
  })
  const before = new Page(console.url)
  await before.open()
  const sockets = await silent(Number(new URL(console.url).port), 300)
  if (!sockets[0]!.closed) await once(sockets[0]!, 'close')

  expect((await ask(console.url)).status).toBe(200)
  const { hello } = await new Page(console.url).open()
  expect(hello.type).toBe('hello')
  expect(before.socket.readyState).toBe(before.socket.OPEN)
  expect(sockets.at(-1)!.closed).toBe(false)
})

test('nor out of the server for Stately’s inspector', async () => {
  await using server = await serveStatelyProtocol({ port: 0 })
  const sockets = await silent(Number(new URL(server.url).port), 100)
  if (!sockets[0]!.closed) await once(sockets[0]!, 'close')
  const viewer = new WebSocket(server.url)
  onTestFinished(() => viewer.terminate())

  await once(viewer, 'open')
})
