/** Who has not the URL, or sits at another site, sees nothing; and who misbehaves costs nothing. */
import { once } from 'node:events'
import { connect, type AddressInfo } from 'node:net'
import { createServer } from 'node:http'
import { ConnectionManager } from 'qudag-connections'
import { serveConsole, type ConsoleOptions } from 'qudag-connections/console'
import { scripted } from 'qudag-connections/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { redacted, redactDefault } from '../../src/console/redactor.ts'
import { ask, Page } from './page.ts'

async function served(options: ConsoleOptions = {}) {
  const manager = new ConnectionManager(100, { transport: scripted({ autoOpen: true, autoClose: 'sync' }) })
  const console = await serveConsole(manager, options)
  onTestFinished(async () => {
    await console.close()
    await manager.shutdown()
  })
  const { host, origin } = new URL(console.url)
  return { manager, console, host, origin, port: Number(new URL(console.url).port) }
}

describe('over HTTP', () => {
  test('the page is for who has the token; its policy lets it talk to this server alone', async () => {
    const { console, origin, host } = await served()
    const right = await ask(console.url)

    expect(right.status).toBe(200)
    expect(right.headers['content-security-policy']).toBe(
      `default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' ws://${host}; img-src 'self' data:; ` +
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    )
    expect(right.headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    })
    for (const path of ['/', '/?token=', '/?token=wrong', new URL(console.url).search.slice(0, -1), '/index.html']) {
      const wrong = await ask(new URL(path, origin))
      expect([path, wrong.status]).toEqual([path, 403])
      expect(wrong.body).toContain('Open the URL that its server printed')
    }
  })

  test('nothing else is there, and nothing else can be done', async () => {
    const { console, origin } = await served()
    for (const path of [
      '/socket',
      '/../package.json',
      '/%2e%2e/package.json',
      '//evil.example/x',
      '/assets',
      '/assets/..%2f..%2fcharts.json',
    ]) {
      expect([path, (await ask(origin + path)).status]).toEqual([path, 404])
    }
    expect((await ask(console.url, {}, 'POST')).status).toBe(405)
    expect(await ask(console.url, {}, 'HEAD')).toMatchObject({ status: 200, body: '' })
  })

  test('another host name leads nowhere, so that no other site can rename itself to us', async () => {
    const { console, port } = await served()
    for (const host of ['evil.example', `evil.example:${port}`, '127.0.0.1', `127.0.0.1:${port + 1}`, `127.0.0.1.evil.example:${port}`]) {
      expect([host, (await ask(console.url, { host })).status]).toEqual([host, 403])
    }
    for (const host of [`localhost:${port}`, `LOCALHOST:${port}`, `[::1]:${port}`]) {
      expect([host, (await ask(console.url, { host })).status]).toEqual([host, 200])
    }
  })
})

describe('over WebSocket', () => {
  test.each([
    ['a wrong token', (url: string) => new Page(url.replace(/token=.*/, 'token=wrong-but-long-enough'))],
    ['no token', (url: string) => new Page(url.replace(/\?.*/, ''))],
    ['a foreign origin', (url: string) => new Page(url, { origin: 'https://evil.example' })],
    ['an origin of another port', (url: string) => new Page(url, { origin: 'http://127.0.0.1:1' })],
    ['no origin', (url: string) => new Page(url, { origin: '' })],
    ['a foreign host', (url: string) => new Page(url, { headers: { host: 'evil.example' }, origin: 'http://evil.example' })],
  ])('%s is refused', async (_, open) => {
    const { console } = await served()
    expect(await open(console.url).refused()).toBe(403)
  })

  test('one page more than may be is refused, until one of them has left', async () => {
    const { console } = await served({ maxClients: 2 })
    const first = new Page(console.url)
    await first.open()
    await new Page(console.url).open()
    expect(await new Page(console.url).refused()).toBe(503)
    await first.leave()
    const { hello } = await new Page(console.url).open()
    expect(hello.type).toBe('hello')
  })

  test.each([
    ['more than 64 KiB', 'x'.repeat(65 * 1024), 1009, ''],
    ['what is no JSON', '{', 1008, 'a message must be JSON'],
    ['what is no object', '[]', 1008, 'a message must be an object'],
    ['what is unknown', '{"type":"eval"}', 1008, 'unknown type of message'],
    ['an unknown command', '{"type":"command","id":1,"command":{"type":"limits.set","peerId":"a"}}', 1008, 'unknown command'],
    ['a peer id that is none', '{"type":"look","peerId":7}', 1008, 'peerId must be a peer id'],
    ['hello twice', '{"type":"hello","version":2}', 1008, 'a page says hello once'],
    ['bytes', Buffer.from([1, 2, 3]), 1008, 'a message must be text'],
  ])('a page that says %s is hung up on, and the others are not', async (_, said, code, reason) => {
    const { console, manager } = await served()
    const [bad, good] = [new Page(console.url), new Page(console.url)]
    await bad.open()
    await good.open()
    bad.socket.send(said)
    expect(await bad.ended()).toEqual([code, reason])
    await manager.connect('scripted://a')
    expect((await good.next('batch')).names).toEqual([[0, 'scripted://a']])
  })

  test('a page of another version is told to reload', async () => {
    const { console } = await served()
    const page = new Page(console.url)
    await once(page.socket, 'open')
    page.say({ type: 'hello', version: 0 })
    expect(await page.ended()).toEqual([4001, 'the console is of another version: reload the page'])
  })

  test('a page that says anything before hello is hung up on', async () => {
    const { console } = await served()
    const page = new Page(console.url)
    await once(page.socket, 'open')
    page.say({ type: 'look', peerId: 'a' })
    expect(await page.ended()).toEqual([1008, 'a page must say hello first'])
  })

  test('who may only look cannot command', async () => {
    const { console, manager } = await served()
    const page = new Page(console.url)
    await page.open()
    page.say({ type: 'command', id: 7, command: { type: 'peer.connect', peerId: 'scripted://a' } })
    expect(await page.next('answer')).toEqual({
      type: 'answer',
      id: 7,
      error: 'this console is read-only: serve it with allowSend to command peers',
    })
    expect([...manager.peers()]).toEqual([])
  })

  test('a page that does not read costs a bounded buffer, and has the latest states when it reads again', async () => {
    const { console, manager } = await served()
    manager.setLimits({ maxConnections: 20_000 })
    const [page, other] = [new Page(console.url), new Page(console.url)]
    await page.open()
    await other.open()
    const { _socket: socket } = page.socket as unknown as { _socket: { pause(): void; resume(): void; bytesRead: number } }
    socket.pause()
    let sent = 0
    other.socket.on('message', (data: Buffer) => (sent += data.length))
    for (let round = 0; round < 24; round++) {
      const ids = Array.from({ length: 2_000 }, (_, i) => `${round}-${i}-${'x'.repeat(480)}`)
      await manager.updateStatuses(ids.map((peerId) => [peerId, 'Connected']))
      await other.next('batch', ({ counts }) => counts.includes(2_000))
      await Promise.all(ids.map((peerId) => manager.disconnect(peerId)))
      await other.next('batch', ({ counts }) => !counts.includes(2_000))
    }
    await manager.connect('scripted://last')
    await other.next('batch', ({ names }) => names.some(([, name]) => name === 'scripted://last'))
    let got = 0
    page.socket.on('message', (data: Buffer) => (got += data.length))
    socket.resume()
    await page.next('batch', ({ names }) => names.some(([, name]) => name === 'scripted://last'))

    // What the system's own socket buffers hold is not ours to bound.
    expect(got).toBeLessThan(sent / 2)
  })
})

test('it listens on this machine alone unless told otherwise, and says where when its port is taken', async () => {
  const { console, port } = await served()
  const other = connect({ host: '127.0.0.2', port })
  const [refusal] = (await once(other, 'error')) as [NodeJS.ErrnoException]
  expect(refusal.code).toBe('ECONNREFUSED')
  expect(console.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{43}$/)

  const taken = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void taken.close())
  await once(taken, 'listening')
  const manager = new ConnectionManager(1, { transport: scripted() })
  await expect(serveConsole(manager, { port: (taken.address() as AddressInfo).port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  await manager.shutdown()
})

describe('what leaves', () => {
  test('has passed the redactor, contexts, explanations and addresses alike', async () => {
    const redact = (value: unknown, path: readonly string[]): unknown => {
      if (path.at(-1) === 'owner') return undefined
      return path.at(-1) === 'remoteAddress' ? 'hidden' : value
    }
    const { console, manager } = await served({ redact })
    await manager.connect('scripted://a')
    const page = new Page(console.url)
    const { batch } = await page.open()
    page.say({ type: 'look', peerId: 'scripted://a' })
    const { peer } = await page.next('peer')

    expect(batch.facts.map(([, address]) => address)).toEqual(['hidden'])
    expect(peer.context).not.toHaveProperty('owner')
    expect(peer.explanation).toMatchObject({ remoteAddress: 'hidden' })
  })

  test('is cut, stripped of bytes and of the passwords of URLs, and bounded in depth, unless told otherwise', () => {
    const deep: Record<string, unknown> = {}
    deep['deep'] = deep
    const shown = redacted(
      {
        long: 'x'.repeat(5_000),
        bytes: new Uint8Array(9),
        url: 'failed at wss://me:secret@host/path and ws://token@other',
        mail: 'a@b.example',
        big: 7n,
        call: () => {},
        error: new Error('broken'),
        list: Array.from({ length: 1_000 }, (_, i) => i),
        deep,
      },
      redactDefault,
    ) as Record<string, unknown>

    expect((shown['long'] as string).length).toBe(1_025)
    expect(shown).toMatchObject({
      bytes: '[9 bytes]',
      url: 'failed at wss://…@host/path and ws://…@other',
      mail: 'a@b.example',
      big: '7',
      error: { name: 'Error', message: 'broken' },
    })
    expect(shown).not.toHaveProperty('call')
    expect(shown['list']).toHaveLength(256)
    expect(JSON.stringify(shown).length).toBeLessThan(5_000)
  })

  test('is never the value where the redactor throws', () => {
    const redact = (value: unknown): unknown => {
      if (value === 'secret') throw new Error('no')
      return value
    }
    expect(redacted({ a: 'secret' }, redact)).toEqual({ a: '[redact failed: no]' })
  })
})
