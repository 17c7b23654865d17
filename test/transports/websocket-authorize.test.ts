/** The application says by the request who an arriving peer is, in time and of few at once; a dialer shows each peer its own token. */
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import type { Link, Listener } from '../../src/transports/transport.ts'
import { websocket as browserWebsocket } from '../../src/transports/websocket-browser.ts'
import { SUBPROTOCOL } from '../../src/transports/websocket-protocol.ts'
import { websocket, type WebSocketAuthorization, type WebSocketOptions } from '../../src/transports/websocket.ts'

/** Timers that fire by hand, and how long each would take. */
class HandClock {
  readonly timers = new Map<number, { readonly f: () => void; readonly ms: number }>()
  #last = 0
  setTimeout = (f: () => void, ms: number): number => {
    this.timers.set(++this.#last, { f, ms })
    return this.#last
  }
  clearTimeout = (id: unknown): void => void this.timers.delete(id as number)
}

const never = (): AbortSignal => new AbortController().signal

async function listen(options: WebSocketOptions) {
  const links: Link[] = []
  const errors: string[] = []
  let told = (): void => {}
  const listener = await websocket(options).listen!(new URL('ws://127.0.0.1:0'), {
    onLink(link) {
      onTestFinished(() => link.abort())
      links.push(link)
      told()
    },
    onError: (_thrown, callback) => void errors.push(callback),
  })
  onTestFinished(() => listener.close())
  async function next(): Promise<Link> {
    while (links.length === 0) await new Promise<void>((resolve) => (told = resolve))
    return links.shift()!
  }
  return { listener, links, errors, next }
}

async function dial({ address }: Pick<Listener, 'address'>, options: WebSocketOptions = {}, peerId = 'hub'): Promise<Link> {
  const link = await websocket(options).dial(address, { peerId, signal: never() })
  onTestFinished(() => link.abort())
  return link
}

/** A request for a link that says nothing more, and what it hears. */
function knock({ address }: Pick<Listener, 'address'>, ...more: string[]): { readonly socket: Socket; readonly heard: Promise<string> } {
  const socket = connect(Number(address.port), '127.0.0.1').on('error', () => {})
  onTestFinished(() => void socket.destroy())
  const lines = ['GET / HTTP/1.1', 'Host: x', 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', ...more]
  lines.push('Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==', `Sec-WebSocket-Protocol: ${SUBPROTOCOL}`)
  socket.write(`${lines.join('\r\n')}\r\n\r\n`)
  let text = ''
  socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  const heard = new Promise<string>((resolve) => socket.on('close', () => resolve(text)))
  return { socket, heard }
}

/** An app that answers when it is told to, and says whom it is asked about. */
function asked() {
  const answers: ((said: WebSocketAuthorization) => void)[] = []
  let told = (): void => {}
  const authorize = (): Promise<WebSocketAuthorization> =>
    new Promise((resolve) => {
      answers.push(resolve)
      told()
    })
  async function count(n: number): Promise<void> {
    while (answers.length < n) await new Promise<void>((resolve) => (told = resolve))
  }
  return { authorize, answers, count }
}

describe('an arriving peer that may not come in', () => {
  test('hears 401 and how to come in where it shows no credentials, and 403 where they are not enough', async () => {
    const { listener, links } = await listen({ authorize: () => false })
    const bare = await knock(listener).heard
    expect(bare).toMatch(/^HTTP\/1\.1 401 Unauthorized\r\n/)
    expect(bare).toMatch(/\r\nwww-authenticate: Bearer\r\n/)
    for (const credentials of ['Authorization: Bearer wrong', 'Cookie: session=wrong', 'Sec-WebSocket-Protocol: token.wrong'])
      expect(await knock(listener, credentials).heard).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n/)
    await expect(dial(listener)).rejects.toMatchObject({ code: 'ERR_REJECTED_BY_PEER', remoteCode: 'ERR_DENIED', reason: 'unauthorized' })
    await expect(dial(listener, { headers: { cookie: 'a=b' } })).rejects.toMatchObject({ reason: 'denied' })
    expect(links).toEqual([])
  })

  test('hears 403 where the application is at fault, which is told so', async () => {
    const { listener, errors } = await listen({
      authorize: () => {
        throw new Error('planted')
      },
    })
    expect(await knock(listener).heard).toMatch(/^HTTP\/1\.1 403 /)
    expect(errors).toEqual(['authorize'])
  })

  test('is not asked about where a rule turns it away before', async () => {
    const { authorize, answers } = asked()
    const listener = await websocket({ authorize }).listen!(new URL('ws://127.0.0.1:0'), {
      onLink: () => expect.unreachable(),
      admits: () => ({ code: 'ERR_DENIED', reason: 'denied' }),
    })
    onTestFinished(() => listener.close())
    await expect(dial(listener)).rejects.toMatchObject({ code: 'ERR_REJECTED_BY_PEER', reason: 'denied' })
    expect(answers).toEqual([])
  })
})

describe('a peer about which the application thinks', () => {
  test('has the time of the application, not that of the handshake, and then hears 408', async () => {
    const clock = new HandClock()
    const { authorize, count } = asked()
    const { listener } = await listen({ authorize, clock, authorizeTimeoutMs: 777 })
    const { heard } = knock(listener)
    await count(1)
    expect([...clock.timers.values()].map(({ ms }) => ms)).toEqual([777])
    for (const { f } of clock.timers.values()) f()
    expect(await heard).toMatch(/^HTTP\/1\.1 408 .*the application did not answer in 777 ms/s)
    expect(clock.timers.size).toBe(0)
  })

  test('is forgotten when it leaves: a late answer lets nobody in', async () => {
    const { authorize, answers, count } = asked()
    const { listener, links, next } = await listen({ authorize })
    const { socket, heard } = knock(listener)
    await count(1)
    socket.end()
    await heard
    answers[0]!({ peerId: 'ann' })
    const dialling = dial(listener)
    await count(2)
    answers[1]!({ peerId: 'ben' })
    await dialling
    expect((await next()).remotePeerId).toBe('ben')
    expect(links).toEqual([])
  })

  test.each(['a port of its own', 'the server of the application'])(
    'counts among the half-open at %s, of which the oldest yields',
    async (where) => {
      const { authorize, answers, count } = asked()
      const server = createServer()
      onTestFinished(() => void server.close())
      const isOwn = where === 'a port of its own'
      if (!isOwn) await once(server.listen(0, '127.0.0.1'), 'listening')
      const { listener, next } = await listen({ authorize, maxHandshakes: 2, ...(isOwn ? {} : { server }) })
      const place = isOwn ? listener : { address: new URL(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`) }
      const first = knock(place)
      await count(1)
      knock(place)
      await count(2)
      const dialling = dial(place)
      await count(3)
      expect(await first.heard).toBe('')
      answers[2]!(true)
      await dialling
      expect((await next()).remotePeerId).toBeUndefined()
    },
  )
})

describe('a dialer', () => {
  const tokens = (request: IncomingMessage): WebSocketAuthorization => {
    const said = request.headers.authorization ?? /token\.([\w-]+)/.exec(request.headers['sec-websocket-protocol'] ?? '')?.[1]
    return said !== undefined && { peerId: said }
  }

  test('shows each peer headers of its own, made when it is dialled', async () => {
    const { listener, next } = await listen({ authorize: tokens })
    const headers = async (peerId: string, { port }: URL): Promise<Record<string, string>> => ({ authorization: `${peerId} ${port}` })
    await dial(listener, { headers }, 'ann')
    await dial(listener, { headers: (peerId) => ({ authorization: peerId }) }, 'ben')
    expect([(await next()).remotePeerId, (await next()).remotePeerId]).toEqual([`ann ${listener.address.port}`, 'ben'])
  })

  test('shows a token as a sub-protocol, in a page too, and no URL has it', async () => {
    const urls: (string | undefined)[] = []
    const { listener, next } = await listen({ authorize: (request) => (urls.push(request.url), tokens(request)) })
    const protocols = async (peerId: string): Promise<string[]> => [`token.${peerId}`]
    await dial(listener, { protocols }, 'ann')
    const page = browserWebsocket({ protocols, WebSocket: WebSocket as unknown as typeof globalThis.WebSocket })
    const link = await page.dial(listener.address, { peerId: 'ben', signal: never() })
    onTestFinished(() => link.abort())
    expect([(await next()).remotePeerId, (await next()).remotePeerId]).toEqual(['ann', 'ben'])
    expect(urls).toEqual(['/', '/'])
  })

  test('fails with what the function throws, and with what it should have given, without saying what it gave', async () => {
    const { listener } = await listen({})
    const boom = new Error('no token today')
    await expect(dial(listener, { headers: () => Promise.reject(boom) })).rejects.toBe(boom)
    await expect(dial(listener, { headers: () => 'secret' as never })).rejects.toThrow(/^headers must return an object of texts$/)
    const wrong = await dial(listener, { protocols: () => ['my secret'] }).catch((error: unknown) => String(error))
    expect(wrong).toMatch(/^TypeError: protocols must be a list of sub-protocols/)
    expect(wrong).not.toContain('my secret')
  })

  test('that nobody wants any more does not wait for the application', async () => {
    const { listener } = await listen({})
    const { signal, abort } = { signal: new AbortController(), abort: new Error('enough') }
    const dialling = websocket({ headers: () => new Promise(() => {}) }).dial(listener.address, { peerId: 'hub', signal: signal.signal })
    signal.abort(abort)
    await expect(dialling).rejects.toBe(abort)
  })
})
