/** A WebSocket listener has its path on a server of its own or of the application, and asks who may come in. */
import { once } from 'node:events'
import { createServer, get, type IncomingMessage } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { describe, expect, test } from 'vitest'
import type { Link, Listener } from '../../src/transports/transport.ts'
import { websocket, type WebSocketAuthorization, type WebSocketOptions } from '../../src/transports/websocket.ts'
import { numbered, numberOf, record } from './link-recorder.ts'
import { cert, key } from './localhost-certificate.ts'
import { KIB, MIB, LOOPBACK, never, door, dial, applicationServer, portOf } from './websocket-rig.ts'

describe('a listener', () => {
  test('is at the path of its address, or at the one that is an option', async () => {
    const { listener } = await door({ path: '/peers' })
    expect(listener.address.pathname).toBe('/peers')
    await dial(listener)
    await expect(dial(new URL('/', listener.address).href)).rejects.toThrow(/404/)
    expect((await door({ path: '/peers' }, `${LOOPBACK}/others`)).listener.address.pathname).toBe('/others')
  })

  test('may be on a server of the application, and is gone from it when it is closed', async () => {
    const server = await applicationServer(createServer((_request, response) => response.end('the application')))
    const { listener, arrival } = await door({ server }, 'ws://example.invalid/peers')
    expect(listener.address.href).toBe(`ws://127.0.0.1:${portOf(server)}/peers`)
    const near = await dial(listener)
    const log = record(await arrival())
    const [response] = (await once(get(`http://127.0.0.1:${portOf(server)}/`), 'response')) as [IncomingMessage]
    expect(await response.setEncoding('utf8').toArray()).toEqual(['the application'])
    expect(server.listenerCount('upgrade')).toBe(1)
    await listener.close()
    expect([server.listenerCount('upgrade'), server.listening]).toEqual([0, true])
    near.send(numbered(1))
    await log.count(1)
  })

  test('shares a server with others, each at its path, and leaves other upgrades alone', async () => {
    const server = await applicationServer()
    const a = await door({ server }, 'ws://x/a')
    const b = await door({ server }, 'ws://x/b')
    await expect(websocket({ server }).listen!(new URL('ws://x/a'), { onLink() {} })).rejects.toMatchObject({ code: 'EADDRINUSE' })
    await Promise.all([dial(b.listener), b.arrival()])
    await a.listener.close()
    await expect(dial(a.listener)).rejects.toThrow(/404/)
    server.on('upgrade', (request, socket) => {
      if (request.url === '/theirs') socket.end('HTTP/1.1 418 I am a teapot\r\n\r\n')
    })
    await expect(dial(`ws://127.0.0.1:${portOf(server)}/theirs`)).rejects.toThrow(/418/)
    await Promise.all([dial(b.listener), b.arrival()])
  })

  test('takes its path of a server that does not listen yet, knows the port once it does, and leaves when it is closed', async () => {
    const server = createServer()
    const listener = await websocket({ server }).listen!(new URL('ws://x/'), { onLink() {} })
    expect(listener.address.port).toBe('0')
    await applicationServer(server)
    expect(listener.address.port).toBe(String(portOf(server)))
    await listener.close()
    expect(server.listenerCount('upgrade')).toBe(0)
  })

  test('asks the application who an arriving peer is, and whether it may come in', async () => {
    const told: Record<string, string | undefined> = { '/1': '10.0.0.7', '/2': '2001:db8::7', '/3': 'ws://10.0.0.7:99', '/4': undefined }
    const server = await applicationServer()
    const options: WebSocketOptions = {
      server,
      authorize: ({ headers }) => headers.origin !== 'https://evil.example',
      remoteAddress({ url = '' }) {
        if (url === '/5') throw new Error('planted')
        return told[url]
      },
    }
    const seen: string[] = []
    for (const path of Object.keys(told)) {
      const { listener, arrival } = await door(options, `ws://x${path}`)
      await dial(listener)
      seen.push((await arrival()).remoteAddress)
    }
    expect(seen).toEqual(['ws://10.0.0.7', 'ws://[2001:db8::7]', 'ws://10.0.0.7:99', expect.stringMatching(/^ws:\/\/127\.0\.0\.1:\d+$/)])
    const { listener, links } = await door(options, 'ws://x/5')
    await expect(dial(listener)).rejects.toThrow(/403 Forbidden/)
    await expect(
      dial(`ws://127.0.0.1:${portOf(server)}/1`, { headers: { origin: 'https://evil.example', cookie: 'a=b' } }),
    ).rejects.toThrow(/403/)
    expect(links).toEqual([])
  })

  test('asks the application which peer id a request proves, and refuses where it is at fault', async () => {
    const told: Record<string, unknown> = {
      '/1': { peerId: 'ann' },
      '/2': Promise.resolve({ peerId: 'ben' }),
      '/3': true,
      '/4': { peerId: '' },
      '/5': { peerId: 'inbound+ws://ann' },
      '/6': undefined,
      '/7': false,
    }
    const server = await applicationServer()
    const asked: string[] = []
    const errors: string[] = []
    const listeners: Listener[] = []
    const links: Link[] = []
    const options: WebSocketOptions = {
      server,
      authorize({ url = '' }) {
        asked.push(url)
        return told[url] as WebSocketAuthorization
      },
    }
    for (const path of Object.keys(told)) {
      listeners.push(
        await websocket(options).listen!(new URL(`ws://x${path}`), {
          onLink: (link) => void links.push(link),
          onError: (_thrown, callback) => void errors.push(callback),
        }),
      )
    }
    for (const listener of listeners.slice(0, 3)) await dial(listener)
    for (const listener of listeners.slice(3))
      await expect(dial(listener)).rejects.toMatchObject({ code: 'ERR_REJECTED_BY_PEER', remoteCode: 'ERR_DENIED' })
    expect(links.map(({ remotePeerId }) => remotePeerId)).toEqual(['ann', 'ben', undefined])
    expect(asked).toEqual(Object.keys(told))
    expect(errors).toEqual(['authorize', 'authorize', 'authorize'])
    for (const listener of listeners) void listener.close()
    for (const link of links) link.abort()
  })

  test('encrypts at wss:, on a server of its own or of the application, and a dialer proves whom it reached', async () => {
    const own = await door({ tls: { key, cert } }, 'wss://127.0.0.1:0')
    const theirs = await door({ server: await applicationServer(createSecureServer({ key, cert })) })
    for (const { listener, arrival } of [own, theirs]) {
      expect(listener.address.protocol).toBe('wss:')
      const near = await dial(listener, { tls: { ca: cert } })
      const far = await arrival()
      expect(far.remoteAddress).toMatch(/^wss:\/\/127\.0\.0\.1:\d+$/)
      const log = record(far)
      record(near)
      far.pause()
      let sent = 0
      // The system takes some of it away in each turn, until its buffers are full too.
      for (let turns = 0; turns < 10; turns++) {
        while (near.send(numbered(sent++, 64 * KIB))) turns = 0
        await new Promise(setImmediate)
      }
      expect(near.bufferedBytes).toBeGreaterThan(MIB)
      far.resume()
      expect(await near.ping!(never())).toBeGreaterThanOrEqual(0)
      await near.close()
      expect(await log.end()).toEqual({ kind: 'remote' })
      expect(log.messages.map(numberOf)).toEqual(Array.from({ length: sent }, (_, n) => n))
      await expect(dial(listener)).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
    }
    await expect(door({}, 'wss://127.0.0.1:0')).rejects.toThrow(/tls.cert/)
  })
})
