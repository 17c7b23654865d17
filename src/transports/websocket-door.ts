/** Keeps one thing true: a connection to a port of ours becomes a link in time, or is cut. */
import type { Socket } from 'node:net'
import type { Clock } from '../clock.ts'

interface Knock {
  readonly socket: Socket
  readonly onClose: () => void
  readonly deadline: unknown
}

/** The connections to one port that are no links yet. */
export class Door {
  readonly #knocks = new Map<string, Knock>()
  readonly #clock: Pick<Clock, 'setTimeout' | 'clearTimeout'>
  readonly #timeoutMs: number
  readonly #late: (socket: Socket) => void

  /** @param late told of a connection before it is cut */
  constructor(clock: Pick<Clock, 'setTimeout' | 'clearTimeout'>, timeoutMs: number, late: (socket: Socket) => void) {
    this.#clock = clock
    this.#timeoutMs = timeoutMs
    this.#late = late
  }

  /** A connection came, before any encryption. */
  knocked(socket: Socket): void {
    const name = nameOf(socket)
    const onClose = (): void => this.#forget(name, socket)
    const deadline = this.#clock.setTimeout(() => {
      this.#late(socket)
      socket.destroy()
    }, this.#timeoutMs)
    this.#knocks.set(name, { socket, onClose, deadline })
    socket.once('close', onClose)
  }

  /** It becomes a link. Under TLS `socket` is another object than the one that knocked, with the same addresses. */
  entered(socket: Socket): void {
    this.#forget(nameOf(socket))
  }

  /** Nobody comes in any more. */
  shut(): void {
    for (const { socket } of this.#knocks.values()) socket.destroy()
  }

  #forget(name: string, socket?: Socket): void {
    const knock = this.#knocks.get(name)
    // The same addresses may be another connection by now.
    if (knock === undefined || (socket !== undefined && knock.socket !== socket)) return
    this.#clock.clearTimeout(knock.deadline)
    knock.socket.off('close', knock.onClose)
    this.#knocks.delete(name)
  }
}

function nameOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`
}
