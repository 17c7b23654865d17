/** A test talks to a console as a page would, over real sockets, and awaits what it says. */
import { once } from 'node:events'
import { request, type IncomingHttpHeaders } from 'node:http'
import { onTestFinished } from 'vitest'
import { WebSocket, type ClientOptions } from 'ws'
import { WIRE_VERSION, type Batch, type Hello, type PageMessage, type ServerMessage } from '../../src/console/wire.ts'

type Said<T extends ServerMessage['type']> = Extract<ServerMessage, { type: T }>

/** One page. It is closed when its test is over. */
export class Page {
  readonly socket: WebSocket
  /** All that the server has said and nobody has taken yet. */
  readonly #heard: ServerMessage[] = []
  readonly #opened: Promise<void>
  #wake: () => void = () => {}

  constructor(url: string, options: ClientOptions = {}) {
    this.socket = new WebSocket(socketUrl(url), { origin: new URL(url).origin, ...options })
    this.socket.on('error', () => {})
    this.socket.on('message', (data: Buffer) => {
      this.#heard.push(JSON.parse(data.toString()) as ServerMessage)
      this.#wake()
    })
    this.#opened = new Promise((resolve) => this.socket.once('open', () => resolve()))
    onTestFinished(() => this.socket.terminate())
  }

  say(message: PageMessage): void {
    this.socket.send(JSON.stringify(message))
  }

  /** The next message of a type that fits; those before it of that type are dropped. */
  async next<T extends ServerMessage['type']>(type: T, fits: (message: Said<T>) => boolean = () => true): Promise<Said<T>> {
    for (;;) {
      const index = this.#heard.findIndex((message) => message.type === type)
      if (index < 0) await new Promise<void>((resolve) => (this.#wake = resolve))
      else {
        const [message] = this.#heard.splice(index, 1) as [Said<T>]
        if (fits(message)) return message
      }
    }
  }

  /** Says hello, and hears what there is. */
  async open(): Promise<{ readonly hello: Hello; readonly batch: Batch }> {
    await this.#opened
    this.say({ type: 'hello', version: WIRE_VERSION })
    return { hello: await this.next('hello'), batch: await this.next('batch') }
  }

  /** Closes, as when a page is left. */
  async leave(): Promise<void> {
    this.socket.close()
    await once(this.socket, 'close')
  }

  /** With what code and words the server hung up. */
  async ended(): Promise<readonly [code: number, reason: string]> {
    const [code, reason] = (await once(this.socket, 'close')) as [number, Buffer]
    return [code, reason.toString()]
  }

  /** The status with which the server refused. */
  async refused(): Promise<number> {
    const [, response] = (await once(this.socket, 'unexpected-response')) as [unknown, { statusCode: number; destroy(): void }]
    response.destroy()
    return response.statusCode
  }
}

function socketUrl(url: string): string {
  const socket = new URL(url)
  socket.protocol = 'ws:'
  socket.pathname = '/socket'
  return socket.href
}

/** One answer. */
export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** Asks as a browser does, or as somebody who pretends to be one. */
export function ask(url: string | URL, headers: Readonly<Record<string, string>> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asking = request(url, { method, headers, agent: false }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (text: string) => (body += text))
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body }))
    })
    asking.on('error', reject).end()
  })
}
