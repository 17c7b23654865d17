/** A dial by WebSocket that fails says why, and is not held up by who answers it. */
import { once } from 'node:events'
import type { Server } from 'node:http'
import { createServer as createNetServer } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { KIB, door, dial, applicationServer, portOf } from './websocket-rig.ts'

describe('a dial', () => {
  test('fails where the server does not choose our sub-protocol', async () => {
    const server = await applicationServer()
    const sockets = new WebSocketServer({ server, handleProtocols: () => false })
    onTestFinished(() => sockets.close())
    await expect(dial(`ws://127.0.0.1:${portOf(server)}`)).rejects.toMatchObject({
      code: 'EPROTO',
      message: expect.stringMatching(/no peer of this protocol \(qudag-connections.v2\): Server sent no subprotocol/),
    })
  })

  test('says with which status and words the server refused it', async () => {
    const server = await applicationServer()
    server.on('upgrade', (_request, socket) => socket.end('HTTP/1.1 503 Service Unavailable\r\nContent-Length: 7\r\n\r\nnot yet'))
    await expect(dial(`ws://127.0.0.1:${portOf(server)}`)).rejects.toMatchObject({
      code: 'ECONNREFUSED',
      message: expect.stringContaining('503 Service Unavailable: not yet'),
    })
    const { listener } = await door()
    await expect(dial(new URL('/elsewhere', listener.address).href)).rejects.toThrow(/404 Not Found: .*no peer listens at \/elsewhere/)
  })

  test('is not held up by a refusal without end, and can be aborted while it is read', async () => {
    const server = await applicationServer()
    server.on('upgrade', (_request, socket) => {
      socket.on('error', () => {})
      const babble = (): void => {
        while (!socket.destroyed && socket.write('x'.repeat(KIB)));
      }
      socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')
      socket.on('drain', babble)
      babble()
    })
    await expect(dial(`ws://127.0.0.1:${portOf(server)}`)).rejects.toThrow(/400 Bad Request: x+$/)
    const silent = await applicationServer()
    const asked = new Promise<void>((resolve) => {
      silent.on('upgrade', (_request, socket) => {
        socket.on('error', () => {})
        socket.write('HTTP/1.1 400 Bad Request\r\n\r\n', () => resolve())
      })
    })
    const abort = new AbortController()
    const dialling = dial(`ws://127.0.0.1:${portOf(silent)}`, {}, abort.signal)
    await asked
    abort.abort(new Error('enough'))
    await expect(dialling).rejects.toThrow('enough')
  })

  test('fails at a server that speaks something else', async () => {
    const server = createNetServer((socket) => socket.on('error', () => {}).end('SSH-2.0-OpenSSH_9.2\r\n')).listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    await expect(dial(`ws://127.0.0.1:${portOf(server as Server)}`)).rejects.toMatchObject({ code: expect.stringMatching(/^HPE_/) })
  })

  test('fails with the platform’s own error, and shows no password', async () => {
    const { listener, arrival } = await door()
    const address = new URL(listener.address)
    address.username = 'me'
    address.password = 'secret'
    const near = await dial(address.href)
    expect(near.remoteAddress).toBe(listener.address.href)
    expect((await arrival()).remoteAddress).toMatch(/^ws:\/\/127\.0\.0\.1:\d+$/)
    await listener.close()
    await expect(dial(address.href)).rejects.toMatchObject({ code: 'ECONNREFUSED', syscall: 'connect' })
  })

  test('sends headers where it is told to', async () => {
    const server = await applicationServer()
    const { arrival } = await door({ server, remoteAddress: ({ headers }) => String(headers['x-who']) })
    await dial(`ws://127.0.0.1:${portOf(server)}`, { headers: { 'x-who': 'ws://ann' } })
    expect((await arrival()).remoteAddress).toBe('ws://ann')
  })
})
