/** The app's server: its page, and a WebSocket for each visitor, who is the same one in every tab of a browser. */
import { createHash, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { build } from 'esbuild'
import { type Connection, ConnectionManager } from 'qudag-connections'
import { websocket, type WebSocketAuthorization } from 'qudag-connections/transports/websocket'

/** An app that runs. */
export interface App {
  readonly url: string
  readonly manager: ConnectionManager
  stop(): Promise<void>
}

/** Starts the app on a port of this machine; 0: any that is free. */
export async function startApp(port: number): Promise<App> {
  const http = createServer(await servePage())
  const manager = new ConnectionManager(1_000, {
    transport: websocket({ server: http, authorize, maxFrameBytes: 64 * 1024 }),
  })
  manager.connections$.subscribe((connection) => void answer(connection))
  await manager.listen('ws://app/peers')
  await once(http.listen(port, '127.0.0.1'), 'listening')

  async function stop(): Promise<void> {
    const closed = once(http, 'close')
    http.close()
    await manager.shutdown()
    http.closeAllConnections()
    await closed
  }
  return { url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/`, manager, stop }
}

/** Answers each text, no faster than the page takes it. */
async function answer(connection: Connection): Promise<void> {
  try {
    for await (const data of connection) {
      const text = new TextDecoder().decode(data)
      if (!connection.send(new TextEncoder().encode(`the server got: ${text}`))) await connection.drained()
    }
  } catch (error) {
    console.error(error)
  }
}

/** Whoever comes from a page of ours is the visitor of its cookie; without one, nobody in particular. */
function authorize(request: IncomingMessage): WebSocketAuthorization {
  const peerId = visitorOf(request)
  return isOwnPage(request) && (peerId === undefined || { peerId })
}

/** Whose request it is, by a cookie that nobody else can know; undefined: it has none yet. */
function visitorOf({ headers }: IncomingMessage): string | undefined {
  const [, secret] = /(?:^|; )visitor=([\w-]{36})/.exec(headers.cookie ?? '') ?? []
  return secret === undefined ? undefined : `visitor:${createHash('sha256').update(secret).digest('base64url')}`
}

/** A page of another site must not talk in the name of whoever looks at it. What is no browser has no origin. */
function isOwnPage({ headers: { origin, host } }: IncomingMessage): boolean {
  return origin === undefined || (URL.canParse(origin) && new URL(origin).host === host)
}

/** The page and its program, bundled for browsers. */
async function servePage(): Promise<RequestListener> {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, 'page.ts')],
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2023',
    conditions: ['source', 'module'],
    write: false,
    logLevel: 'error',
  })
  const page = await readFile(join(import.meta.dirname, 'page.html'))
  return (request, response) => {
    if (request.url === '/page.js') return void response.setHeader('content-type', 'text/javascript').end(outputFiles[0]!.contents)
    if (request.url !== '/') return void response.writeHead(404).end()
    if (visitorOf(request) === undefined) response.setHeader('set-cookie', `visitor=${randomUUID()}; HttpOnly; SameSite=Strict; Path=/`)
    response.setHeader('content-type', 'text/html; charset=utf-8').end(page)
  }
}
