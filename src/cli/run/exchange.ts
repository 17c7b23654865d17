/** Every message is counted, and none is sent faster than the other side reads. */
import type { ConnectionManager } from '../../connection-manager.ts'
import { ConnectionError } from '../../errors.ts'
import type { Connection } from '../../runtime/holds/connection.ts'
import { bytes } from '../quantities.ts'

/** What went one way. */
export interface Amount {
  readonly messages: number
  readonly bytes: number
}

/** What is said of one's own accord. */
export interface Refrain {
  readonly data: Uint8Array
  readonly everyMs: number
}

/** What an exchange does beside counting. */
export interface ExchangeOptions {
  /** Sends back whatever arrives. */
  readonly echo: boolean
  /** Is sent to each peer when it is connected, and then again and again. */
  readonly refrain?: Refrain
}

/** Reads what the peers of a manager send, and answers, until it is closed. */
export class Exchange {
  readonly #echo: boolean
  readonly #refrain: Refrain | undefined
  readonly #open = new Set<Connection>()
  /** Those that have not read yet what was sent last. */
  readonly #full = new Set<Connection>()
  readonly #timer: NodeJS.Timeout | undefined
  readonly #counts = { in: { messages: 0, bytes: 0 }, out: { messages: 0, bytes: 0 } }

  constructor(manager: ConnectionManager, { echo, refrain }: ExchangeOptions) {
    this.#echo = echo
    this.#refrain = refrain
    manager.connections$.subscribe((connection) => {
      void this.#read(connection)
      if (refrain !== undefined) this.#begin(connection)
    })
    if (refrain !== undefined) this.#timer = setInterval(() => this.#sayToAll(), refrain.everyMs)
  }

  get received(): Amount {
    return { ...this.#counts.in }
  }

  get sent(): Amount {
    return { ...this.#counts.out }
  }

  /** Says nothing more. What arrives is still read. */
  close(): void {
    clearInterval(this.#timer)
  }

  async #read(connection: Connection): Promise<void> {
    try {
      for await (const data of connection) {
        count(this.#counts.in, data)
        if (this.#echo && !this.#send(connection, data)) await connection.drained()
      }
    } catch (error) {
      passOver(error)
    }
  }

  #begin(connection: Connection): void {
    this.#open.add(connection)
    void connection.closed.then(() => this.#open.delete(connection))
    this.#say(connection)
  }

  #sayToAll(): void {
    for (const connection of this.#open) this.#say(connection)
  }

  /** One that does not keep up is passed over until it has. */
  #say(connection: Connection): void {
    if (this.#refrain === undefined || this.#full.has(connection)) return
    try {
      if (this.#send(connection, this.#refrain.data)) return
    } catch (error) {
      return passOver(error)
    }
    const settled = (): void => void this.#full.delete(connection)
    this.#full.add(connection)
    connection.drained().then(settled, settled)
  }

  #send(connection: Connection, data: Uint8Array): boolean {
    const mayGoOn = connection.send(data)
    count(this.#counts.out, data)
    return mayGoOn
  }
}

/** `12 messages (1.2 KiB)`. */
export function inWords(amount: Amount): string {
  return `${amount.messages.toLocaleString('en-US')} ${amount.messages === 1 ? 'message' : 'messages'} (${bytes(amount.bytes)})`
}

function count(total: { messages: number; bytes: number }, { byteLength }: Uint8Array): void {
  total.messages++
  total.bytes += byteLength
}

/** That a link is over while something is sent over it, its peer's transition says better. */
function passOver(error: unknown): void {
  if (!ConnectionError.is(error)) throw error
}
