/** A rule of the app about who may come in by WebSocket may be wrong: nobody comes in by it, and the error is told once. */
import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { ConnectionManager } from 'qudag-connections'
import { websocket } from 'qudag-connections/transports/websocket'
import { afterEach, describe, expect, test } from 'vitest'
import { boom } from './wrong-code-rig.ts'

describe('who may come in by WebSocket', () => {
  const servers: Server[] = []
  afterEach(() => servers.splice(0).forEach((server) => server.close()))

  async function meeting(options: Parameters<typeof websocket>[0]) {
    const told: string[] = []
    const listening = new ConnectionManager(300, {
      transport: websocket(options),
      limits: { exempt: ['127.0.0.0/8'] },
      onError: (_error, { callback }) => told.push(callback),
    })
    const { address } = await listening.listen('ws://127.0.0.1:0')
    const dialing = new ConnectionManager(300, { transport: websocket() })
    const outcome = (): Promise<unknown> =>
      dialing.connect(address.href).then(
        () => 'in',
        () => 'out',
      )
    const end = (): Promise<unknown> => Promise.all([dialing.shutdown({ timeoutMs: 0 }), listening.shutdown({ timeoutMs: 0 })])
    return { told, address, outcome, end }
  }

  test.each([
    ['async () => false', async () => false, 'out', []],
    ['async () => true', async () => true, 'in', []],
    ['a rejection', () => Promise.reject(new Error('no')), 'out', ['authorize']],
    ['1', () => 1 as never, 'out', ['authorize']],
    ['an id that is none', () => ({ peerId: '' }), 'out', ['authorize']],
    ['a throw', boom, 'out', ['authorize']],
  ])('authorize: %s', async (_what, authorize, expected, names) => {
    const { outcome, told, end } = await meeting({ authorize })
    expect([await outcome(), told]).toEqual([expected, names])
    await end()
  })

  test.each([
    ['null', () => null as never, 'out', ['remoteAddress']],
    ['a number', () => 5 as never, 'out', ['remoteAddress']],
    ['a rejection', () => Promise.reject(new Error('no')), 'out', ['remoteAddress']],
    ['undefined', () => undefined, 'in', []],
    ['an address, later', async () => '127.0.0.9', 'in', []],
  ])('remoteAddress: %s', async (_what, remoteAddress, expected, names) => {
    const { outcome, told, end } = await meeting({ remoteAddress })
    expect([await outcome(), told]).toEqual([expected, names])
    await end()
  })

  test('one that never answers holds a bounded number of sockets, and gives the place back when the peer leaves', async () => {
    let asked = 0
    let enough = (): void => {}
    const server = createServer()
    servers.push(server)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const transport = websocket({
      server,
      authorizeTimeoutMs: 60_000,
      authorize: () => (++asked === 256 && enough(), new Promise<boolean>(() => {})),
    })
    const listening = new ConnectionManager(10, { transport })
    await listening.listen('ws://127.0.0.1')
    const { port } = server.address() as AddressInfo
    const knock = (): Socket => {
      const socket = connect(port, '127.0.0.1')
      socket.write(
        'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: qudag-connections.v2\r\n\r\n',
      )
      return socket.on('error', () => {})
    }
    const full = new Promise<void>((resolve) => (enough = resolve))
    const waiting = Array.from({ length: 256 }, knock)
    await full
    const [late] = (await once(knock(), 'data')) as [Buffer]
    expect(late.toString()).toMatch(/^HTTP\/1.1 503/)
    const [first] = waiting
    first?.end()
    if (first !== undefined) await once(first.resume(), 'close')
    const before = asked
    const next = new Promise<void>((resolve) => server.once('upgrade', () => resolve()))
    waiting.push(knock())
    await next
    expect(asked).toBe(before + 1)
    await listening.shutdown({ timeoutMs: 0 })
    for (const socket of waiting) socket.destroy()
  })
})
