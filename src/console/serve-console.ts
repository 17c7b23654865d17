/** A console shows what it was told to show, to those who have its URL, until it is closed. */
import { once } from 'node:events'
import { createServer, STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { Socket, type AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { WebSocketServer } from 'ws'
import type { ConnectionManager } from '../connection-manager.ts'
import { ConnectionError } from '../errors.ts'
import { SilentSockets } from '../inspect/silent-sockets.ts'
import { isMissing } from '../transports/late-package.ts'
import { wsPackage } from '../transports/ws-package.ts'
import { Access, inUrl, type Refusal } from './access.ts'
import { Board } from './board.ts'
import { charts } from './charts.ts'
import { checkOptions, type ConsoleOptions } from './options.ts'
import { readPage, secure, type PageFile } from './page-files.ts'
import { managerSource, type ConsoleSource } from './source.ts'

/** The largest message that a page may send, in bytes. */
const MOST_SAID = 64 * 1024

/** How long a connection may take over a request, and stay without one, in milliseconds; looked after once a second. */
const PATIENCE = { headersTimeout: 5_000, requestTimeout: 10_000, keepAliveTimeout: 5_000, connectionsCheckingInterval: 1_000 }
/** How long a connection may take none of its answer, in milliseconds. */
const STALLED_MS = 10_000
/** Connections that are no pages yet. A browser opens six at a time. */
const SOCKETS = { silent: 64, silentOfHost: 32, heard: 64 }

/** A console that is served. @since 0.1.0 */
export interface Console extends AsyncDisposable {
  /** The URL to open, with its token. Anybody who has the URL may watch, and with `allowSend` send commands. */
  readonly url: string
  /** Closes the console: pages are disconnected, the port is free, and the manager runs on. Idempotent. */
  close(): Promise<void>
}

/**
 * Serves a page that shows a manager, or a recorded run, as it moves: both state machines with their counts and flows,
 * every peer, the metrics of the last ten minutes, and any one peer in full.
 *
 * When the manager stops, the pages are told; the console goes on answering until it is closed, but it never keeps a
 * process alive. It needs the package `ws`.
 *
 * Rejects with a TypeError or RangeError that names the option, with the ConnectionError `ERR_NO_TRANSPORT` where `ws` is
 * not installed, and with the platform's own error (`EADDRINUSE`) where it cannot listen.
 *
 * @since 0.1.0
 * @example
 * const console = await serveConsole(manager, { port: 7600 })
 * await console.close()
 */
export async function serveConsole(shown: ConnectionManager | ConsoleSource, options: ConsoleOptions = {}): Promise<Console> {
  const settings = checkOptions(options)
  const source = 'supervisor' in shown ? managerSource(shown) : shown
  const [Sockets, laidOut, files] = await Promise.all([loadSockets(), charts(), readPage()])
  const server = createServer(PATIENCE)
  // Workers of `node:cluster` would share the port, and a page would reach one of them by chance.
  server.listen({ port: settings.port, host: settings.host, exclusive: true })
  await once(server, 'listening')
  // An accept that fails, for want of file descriptors say, concerns one page: without a listener it would end the process.
  server.on('error', () => {})
  server.unref()
  const { port } = server.address() as AddressInfo
  const access = new Access(settings.token, settings.host, port)
  const board = new Board(source, settings, laidOut)
  const url = `http://${inUrl(reachable(settings.host))}:${port}/?token=${settings.token}`
  return new ConsoleServer(
    server,
    new Sockets({ noServer: true, maxPayload: MOST_SAID, perMessageDeflate: false, clientTracking: false }),
    {
      access,
      board,
      files,
      url,
    },
  )
}

/** What stands for every address is none to open in a browser. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  return host === '::' ? '::1' : host
}

async function loadSockets(): Promise<typeof WebSocketServer> {
  try {
    return (await wsPackage.load()).WebSocketServer
  } catch (cause) {
    if (!isMissing(cause)) throw cause
    const words = `the console needs the package 'ws', and it could not be loaded (${(cause as Error).message}); npm install ws`
    throw new ConnectionError('ERR_NO_TRANSPORT', words, { cause })
  }
}

interface Parts {
  readonly access: Access
  readonly board: Board
  readonly files: ReadonlyMap<string, PageFile>
  readonly url: string
}

class ConsoleServer implements Console {
  readonly url: string
  readonly #server: Server
  readonly #sockets: WebSocketServer
  readonly #parts: Parts
  readonly #waiting = new SilentSockets(SOCKETS)
  #closing: Promise<void> | undefined = undefined

  constructor(server: Server, sockets: WebSocketServer, parts: Parts) {
    this.url = parts.url
    this.#server = server
    this.#sockets = sockets
    this.#parts = parts
    server.on('connection', (socket) => {
      socket.unref()
      this.#waiting.came(socket)
    })
    server.setTimeout(STALLED_MS)
    server.on('request', (request, response) => {
      this.#waiting.spoke(request.socket)
      this.#answer(request, response)
    })
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => this.#upgrade(request, socket, head))
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#end())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #end(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    await this.#parts.board.close()
    this.#server.closeAllConnections()
    await closed
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { access, files } = this.#parts
    const url = urlOf(request)
    const refusal = access.judgeHost(request)
    secure(response, refusal === undefined ? request.headers.host! : 'localhost')
    if (refusal !== undefined) return say(response, refusal)
    if (request.method !== 'GET' && request.method !== 'HEAD') return say(response, { status: 405, words: 'Only GET.' })
    if (url === undefined) return say(response, { status: 400, words: 'That is no address.' })
    const isIndex = url.pathname === '/' || url.pathname === '/index.html'
    const stranger = isIndex ? access.judgeToken(url) : undefined
    if (stranger !== undefined) return say(response, stranger)
    const file = files.get(isIndex ? 'index.html' : url.pathname.slice(1))
    if (file === undefined) return say(response, { status: 404, words: 'There is nothing here.' })
    response.setHeader('cache-control', isIndex ? 'no-store' : 'no-cache')
    response.setHeader('content-type', file.type)
    response.setHeader('content-length', file.body.length)
    response.end(request.method === 'HEAD' ? undefined : file.body)
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { board } = this.#parts
    socket.on('error', () => socket.destroy())
    this.#waiting.left(request.socket)
    const refusal = this.#judgeUpgrade(request)
    if (refusal !== undefined) return turnAway(socket, refusal)
    this.#sockets.handleUpgrade(request, socket, head, (page) => board.add(page))
  }

  #judgeUpgrade(request: IncomingMessage): Refusal | undefined {
    const { access, board } = this.#parts
    const url = urlOf(request)
    if (url?.pathname !== '/socket') return { status: 404, words: 'There is nothing here.' }
    const stranger = access.judgeHost(request) ?? access.judgeOrigin(request) ?? access.judgeToken(url)
    if (stranger !== undefined) return stranger
    if (this.#closing !== undefined) return { status: 503, words: 'This console is being closed.' }
    return board.isFull ? { status: 503, words: 'Too many pages look at this console. Close one of them.' } : undefined
  }
}

function urlOf({ url = '/' }: IncomingMessage): URL | undefined {
  return URL.canParse(url, 'http://localhost') ? new URL(url, 'http://localhost') : undefined
}

function say(response: ServerResponse, { status, words }: Refusal): void {
  // Whoever is turned away holds no place until it asks again.
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store', connection: 'close' })
  response.end(`${words}\n`)
}

/** Refuses a WebSocket, in HTTP. */
function turnAway(socket: Duplex, { status, words }: Refusal): void {
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'connection: close',
    'content-type: text/plain; charset=utf-8',
    `content-length: ${Buffer.byteLength(words)}`,
    '',
    words,
  ]
  socket.once('finish', () => socket.destroy())
  // It may read nothing of this.
  if (socket instanceof Socket) socket.setTimeout(STALLED_MS, () => socket.destroy())
  socket.end(lines.join('\r\n'))
}
