/** Whoever has a link and has said a name is in the room, and nobody else. */
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { build } from 'esbuild'
import { type Connection, ConnectionManager } from 'qudag-connections'
import { websocket } from 'qudag-connections/transports/websocket'
import { decodeFromPage, encode, type FromPage, type FromServer } from './words.ts'

/** A chat that runs. */
export interface Chat {
  /** Where its page is. */
  readonly url: string
  readonly manager: ConnectionManager
  /** Closes every link in order, and the port. */
  stop(): Promise<void>
}

/** Starts a chat on a port of this machine; 0: any that is free. */
export async function startChat(port: number): Promise<Chat> {
  const http = createServer(await servePage())
  await once(http.listen(port, '127.0.0.1'), 'listening')
  const { port: found } = http.address() as AddressInfo

  const manager = new ConnectionManager(100, {
    transport: websocket({ server: http, authorize: isOwnPage, maxFrameBytes: 64 * 1024 }),
  })
  // A guest's link lasts until one of us ends it, whoever holds it: giving back a hold would not do.
  const room = new Room(({ peerId }) => void manager.disconnect(peerId, { pool: false }))
  manager.connections$.subscribe((connection) => room.enter(connection))
  await manager.listen(`ws://127.0.0.1:${found}/chat`)
  return { url: `http://127.0.0.1:${found}/`, manager, stop: () => stop(manager, http) }
}

async function stop(manager: ConnectionManager, http: Server): Promise<void> {
  await manager.shutdown()
  const closed = once(http, 'close')
  http.close()
  http.closeAllConnections()
  await closed
}

/** Who has said a name, and the link to each. */
class Room {
  readonly #names = new Map<Connection, string>()
  readonly #showOut: (connection: Connection) => void

  constructor(showOut: (connection: Connection) => void) {
    this.#showOut = showOut
  }

  enter(connection: Connection): void {
    connection.messages$.subscribe({
      next: (data) => {
        const word = decodeFromPage(data)
        // Who does not speak our language is not listened to any longer.
        if (word === undefined) this.#showOut(connection)
        else this.#heard(connection, word)
      },
      complete: () => this.#leave(connection),
    })
  }

  #heard(connection: Connection, word: FromPage): void {
    const name = this.#names.get(connection)
    if (word.type === 'say') {
      if (name !== undefined) this.#tellAll({ type: 'said', name, text: word.text })
    } else if (name === undefined) {
      this.#names.set(connection, word.name)
      this.#tellAll({ type: 'came', name: word.name })
      this.#tellAll({ type: 'here', names: [...this.#names.values()] })
    }
  }

  #leave(connection: Connection): void {
    const name = this.#names.get(connection)
    if (name === undefined) return
    this.#names.delete(connection)
    this.#tellAll({ type: 'left', name })
    this.#tellAll({ type: 'here', names: [...this.#names.values()] })
  }

  #tellAll(word: FromServer): void {
    const data = encode(word)
    for (const connection of this.#names.keys()) {
      try {
        // Who reads so slowly that a megabyte waits is not waited for.
        if (!connection.send(data)) this.#showOut(connection)
      } catch {
        // It ends in this very moment; its `complete` comes.
      }
    }
  }
}

/** A page of another site must not talk in the name of whoever looks at it. What is no browser has no origin. */
function isOwnPage({ headers: { origin, host } }: IncomingMessage): boolean {
  return origin === undefined || (URL.canParse(origin) && new URL(origin).host === host)
}

/** The page and what it needs. The same package that runs here is bundled for the browser. */
async function servePage(): Promise<(request: IncomingMessage, response: ServerResponse) => void> {
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
  const files = new Map([
    ['/', { type: 'text/html', body: await readFile(join(import.meta.dirname, 'page.html')) }],
    ['/page.css', { type: 'text/css', body: await readFile(join(import.meta.dirname, 'page.css')) }],
    ['/page.js', { type: 'text/javascript', body: outputFiles[0]!.contents }],
  ])
  return ({ url }, response) => {
    const file = files.get(url ?? '')
    if (file === undefined) return void response.writeHead(404).end()
    response.setHeader('content-type', `${file.type}; charset=utf-8`)
    response.setHeader('content-security-policy', "default-src 'self'; img-src data:")
    response.end(file.body)
  }
}
