/** The gateway lets in who may come, carries what they ask to backends that go and come back, and ends in order. */
import { ConnectionManager } from 'qudag-connections'
import { websocket } from 'qudag-connections/transports/websocket'
import { firstValueFrom } from 'rxjs'
import { expect, onTestFinished, test } from 'vitest'
import { usePages } from '../setup/chromium.ts'
import { Program } from './program.ts'

const open = usePages()

interface Running {
  readonly url: string
  readonly gateway: Program
  readonly backend: Program
  readonly backendAddress: string
}

async function start(env: Readonly<Record<string, string>> = {}): Promise<Running> {
  const backend = new Program(['gateway', 'backend'], { ADDRESS: 'tcp://127.0.0.1:0' })
  const backendAddress = await backend.match(/^the backend is at (\S+)/)
  const gateway = new Program(['gateway'], { PORT: '0', BACKENDS: JSON.stringify({ echo: backendAddress }), GRACE_MS: '500', ...env })
  const url = await gateway.match(/^the gateway is at (\S+)/)
  await gateway.match(/^(backend:echo): Connected/)
  return { url, gateway, backend, backendAddress }
}

const logIn = async (url: string, name: string): Promise<string> => {
  const { status, headers } = await fetch(`${url}/session`, { method: 'POST', body: name })
  expect(status).toBe(204)
  return headers.get('set-cookie')!.split(';')[0]!
}

/** A client in Node, with the headers that a browser and a proxy would send. */
async function client(url: string, headers: Readonly<Record<string, string>>) {
  const manager = new ConnectionManager(1, { transport: websocket({ headers }) })
  onTestFinished(async () => void (await manager.shutdown()))
  const connection = await manager.connect(`${url.replace('http', 'ws')}/peers`)
  return {
    connection,
    async ask(to: string, text: string): Promise<unknown> {
      const told = firstValueFrom(connection.messages$)
      connection.send(new TextEncoder().encode(JSON.stringify({ to, text })))
      return JSON.parse(new TextDecoder().decode(await told))
    },
  }
}

const health = async (url: string): Promise<{ status: number; body: { connections: number; backends: unknown } }> => {
  const response = await fetch(`${url}/health`)
  return { status: response.status, body: (await response.json()) as { connections: number; backends: unknown } }
}

test('who is logged in asks a backend, which goes and comes back, and all are told why when the gateway ends', async () => {
  const { url, gateway, backend, backendAddress } = await start()
  const ann = await client(url, { cookie: await logIn(url, 'ann') })
  expect(await ann.ask('echo', 'hello')).toEqual({ from: 'echo', text: 'HELLO' })
  expect(await ann.ask('nobody', 'hello')).toEqual({ from: 'nobody', error: 'unknown' })
  expect(await health(url)).toMatchObject({ status: 200, body: { connections: 2, backends: { echo: 'Connected' } } })

  const before = gateway.lines.length
  expect(await backend.end('SIGKILL')).toEqual([null, 'SIGKILL'])
  await gateway.until((lines) => lines.slice(before).some((line) => line.startsWith('backend:echo: Failed')))
  expect(await ann.ask('echo', 'hello')).toEqual({ from: 'echo', error: 'away' })
  expect((await health(url)).status).toBe(503)

  const again = new Program(['gateway', 'backend'], { ADDRESS: backendAddress })
  await gateway.until((lines) => lines.slice(before).some((line) => line.startsWith('backend:echo: Connected')))
  expect(await ann.ask('echo', 'again')).toEqual({ from: 'echo', text: 'AGAIN' })

  const ended = gateway.end()
  expect(await ann.connection.closed).toMatchObject({ kind: 'remote', reason: 'shutdown' })
  expect(await ended).toEqual([0, null])
  expect(await again.end()).toEqual([0, null])
})

test('a client without a session, from a denied or a crowded host, or that speaks no words of ours, is turned away and told why', async () => {
  const { url } = await start({ TRUST_PROXY: '1', DENY: '198.51.100.0/24' })
  const denied = { code: 'ERR_REJECTED_BY_PEER', remoteCode: 'ERR_DENIED' }
  await expect(client(url, {})).rejects.toMatchObject(denied)
  await expect(client(url, { cookie: 'session=guessed' })).rejects.toMatchObject(denied)
  const cookies = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((name) => logIn(url, name)))
  const from = (index: number, host: string) => client(url, { cookie: cookies[index]!, 'x-forwarded-for': host })
  await expect(client(url, { cookie: cookies[0]!, origin: 'https://evil.example' })).rejects.toMatchObject(denied)
  await expect(from(0, '198.51.100.7')).rejects.toMatchObject(denied)

  const clients = []
  for (const index of [0, 1, 2, 3]) clients.push(await from(index, '203.0.113.7'))
  await expect(from(4, '203.0.113.7')).rejects.toMatchObject({ remoteCode: 'ERR_MAX_CONNECTIONS', reason: 'host-limit' })
  for (let rejected: unknown; ;) {
    rejected = await from(4, '203.0.113.7').catch((error: unknown) => error)
    if ((rejected as { remoteCode?: string }).remoteCode === 'ERR_MAX_CONNECTIONS') continue
    expect(rejected).toMatchObject({ remoteCode: 'ERR_RATE_LIMITED', retryAfterMs: expect.any(Number) as number })
    break
  }
  const elsewhere = await from(4, '203.0.113.8')
  expect(await elsewhere.ask('echo', 'hello')).toEqual({ from: 'echo', text: 'HELLO' })

  const [rude] = clients
  rude!.connection.send(new TextEncoder().encode('hello'))
  expect(await rude!.connection.closed).toEqual({ kind: 'remote', reason: 'disconnected' })
})

test('one user in two places is one peer: the newer link stays, and the older is told', async () => {
  const { url } = await start()
  const cookie = await logIn(url, 'ann')
  const older = await client(url, { cookie })
  const newer = await client(url, { cookie })
  expect(await older.connection.closed).toEqual({ kind: 'remote', reason: 'replaced' })
  expect(await newer.ask('echo', 'hello')).toEqual({ from: 'echo', text: 'HELLO' })
})

test('a real page of the gateway’s site logs in and opens a WebSocket with its cookie', async () => {
  const { url } = await start()
  const page = await open(url)
  const protocol = await page.evaluate(async () => {
    await fetch('/session', { method: 'POST', body: 'ann' })
    const socket = new WebSocket(`${location.origin.replace('http', 'ws')}/peers`, 'qudag-connections.v2')
    await new Promise((resolve) => socket.addEventListener('message', resolve))
    socket.close()
    return socket.protocol
  })
  expect(protocol).toBe('qudag-connections.v2')
})
