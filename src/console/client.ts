/** A page that does not read is sent nothing, and one that talks nonsense is hung up on. */
import type { RawData, WebSocket } from 'ws'
import { printable } from '../../machines/domain/plain-text.ts'
import { shownWords } from '../../machines/domain/shown.ts'
import { isError } from '../../machines/domain/realm.ts'
import type { Clock } from '../clock.ts'
import type { Reader } from '../inspect/index.ts'
import { Look, type LookOptions } from './look.ts'
import { readPageMessage } from './page-message.ts'
import { ENDED_CODE, WIRE_VERSION, type ConsoleCommand, type PageMessage, type PeerDetail, type ServerMessage } from './wire.ts'

/** With more than so many bytes unsent a page gets nothing new. */
const MOST_BUFFERED = 1 << 20
/** How long a page may read nothing before it is hung up on, in milliseconds. */
const STALLED_MS = 30_000
/** How long a page may take to say hello, in milliseconds. */
const GREETING_MS = 10_000
/** How often a page is asked whether it is still there, in milliseconds. */
const PING_MS = 15_000
/** Commands of one page that are under way. */
const MOST_COMMANDS = 32
/** Close codes: of RFC 6455 that what was said breaks the rules, and one of our own that the page is of another version. */
const POLICY_VIOLATION = 1008
const OTHER_VERSION = 4001

/** What a client asks of its server. */
export interface ClientHost {
  readonly clock: Clock
  readonly look: Omit<LookOptions, 'show' | 'clock'>
  /** What a page is told first. */
  hello(): ServerMessage
  /** A reader for a page of its own. */
  reader(): Reader
  /** What was read, as it is sent. */
  batch(reader: Reader): string | undefined
  /** Carries out a command; rejects where it cannot or may not. */
  command(command: ConsoleCommand): Promise<void>
  replay(request: Extract<PageMessage, { type: 'replay' }>): void
  /** Has everybody look again shortly. */
  nudge(): void
  /** A page has said hello: it may have to be told that all is over. */
  greeted(client: Client): void
  gone(client: Client): void
}

/** One page. */
export class Client {
  readonly #socket: WebSocket
  readonly #host: ClientHost
  readonly #greeting: unknown
  #reader: Reader | undefined = undefined
  #look: Look | undefined = undefined
  #stalledAt: number | undefined = undefined
  #pingedAt: number
  #isAnswered = true
  #commands = 0

  constructor(socket: WebSocket, host: ClientHost) {
    this.#socket = socket
    this.#host = host
    this.#pingedAt = host.clock.now()
    this.#greeting = host.clock.setTimeout(() => this.#hangUp('a page must say hello'), GREETING_MS)
    socket.on('message', (data, isBinary) => this.#hear(data, isBinary))
    socket.on('pong', () => (this.#isAnswered = true))
    socket.on('error', () => socket.terminate())
    socket.on('close', () => {
      host.clock.clearTimeout(this.#greeting)
      this.#look?.close()
      this.#look = undefined
      host.gone(this)
    })
  }

  /** Sends what is new, if the page reads. */
  update(): void {
    if (this.#reader === undefined) return
    if (this.#isStalled()) return this.#host.nudge()
    const batch = this.#host.batch(this.#reader)
    if (batch !== undefined) this.#socket.send(batch)
  }

  /** Sends something that a page can do without, unless it does not read. */
  tell(message: string): void {
    if (this.#reader !== undefined && !this.#isStalled()) this.#socket.send(message)
  }

  /** Asks now and then whether the page is still there. */
  checkUp(): void {
    const now = this.#host.clock.now()
    if (now - this.#pingedAt < PING_MS) return
    if (!this.#isAnswered) return this.#socket.terminate()
    this.#pingedAt = now
    this.#isAnswered = false
    this.#socket.ping()
  }

  /** Says goodbye, and whether there is nothing left to be shown; {@link terminate} ends what does not answer. */
  close(hasEnded: boolean): void {
    if (hasEnded) this.#socket.close(ENDED_CODE, 'what was shown has ended')
    else this.#socket.close(1001, 'the console was closed')
  }

  terminate(): void {
    this.#socket.terminate()
  }

  /** While a page does not read, nothing is read of it either: what it might ask would have to be answered. */
  #isStalled(): boolean {
    const { clock } = this.#host
    if (this.#socket.bufferedAmount <= MOST_BUFFERED) {
      if (this.#stalledAt !== undefined) this.#socket.resume()
      this.#stalledAt = undefined
      return false
    }
    if (this.#stalledAt === undefined) {
      this.#stalledAt = clock.now()
      this.#socket.pause()
    } else if (clock.now() - this.#stalledAt > STALLED_MS) {
      this.#socket.terminate()
    }
    return true
  }

  #hear(data: RawData, isBinary: boolean): void {
    try {
      if (isBinary) throw new Error('a message must be text')
      this.#obey(readPageMessage((data as Buffer).toString('utf8')))
    } catch (error) {
      this.#hangUp((error as Error).message)
    }
  }

  #obey(said: PageMessage): void {
    if (said.type === 'hello') return this.#greet(said.version)
    if (this.#reader === undefined) throw new Error('a page must say hello first')
    if (said.type === 'look') this.#lookAt(said.peerId)
    else if (said.type === 'replay') this.#host.replay(said)
    else void this.#command(said.id, said.command)
  }

  #greet(version: number): void {
    if (this.#reader !== undefined) throw new Error('a page says hello once')
    this.#host.clock.clearTimeout(this.#greeting)
    if (version !== WIRE_VERSION) return this.#socket.close(OTHER_VERSION, 'the console is of another version: reload the page')
    this.#reader = this.#host.reader()
    this.#send(this.#host.hello())
    this.update()
    this.#host.greeted(this)
  }

  #lookAt(peerId: string | null): void {
    this.#look?.close()
    const show = (peer: PeerDetail): void => this.tell(JSON.stringify({ type: 'peer', peer } satisfies ServerMessage))
    this.#look = peerId === null ? undefined : new Look(peerId, { ...this.#host.look, clock: this.#host.clock, show })
  }

  async #command(id: number, command: ConsoleCommand): Promise<void> {
    if (this.#commands >= MOST_COMMANDS) {
      return this.#send({ type: 'answer', id, error: `at most ${MOST_COMMANDS} commands at a time: wait for their answers` })
    }
    this.#commands++
    try {
      await this.#host.command(command)
      this.#send({ type: 'answer', id })
    } catch (error) {
      this.#send({ type: 'answer', id, error: printable(shownWords(isError(error) ? error.message : String(error))) })
    }
    this.#commands--
  }

  #send(message: ServerMessage): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(JSON.stringify(message))
  }

  /** The reason of a close is at most 123 bytes. */
  #hangUp(reason: string): void {
    this.#look?.close()
    this.#look = undefined
    this.#socket.close(
      POLICY_VIOLATION,
      Buffer.from(reason)
        .subarray(0, 120)
        .toString('utf8')
        .replace(/\uFFFD+$/, ''),
    )
  }
}
