/** Over one port to another thread, frame or page, any number of links is dialled by name, or refused. */
import type { DialOptions, Link, Listener, ListenOptions, Transport } from 'qudag-connections'
import { type Frame, type PortLinkOptions, PortLink } from './port-link.ts'

/** What can be set of {@link messagePort}. */
export interface MessagePortOptions extends Partial<PortLinkOptions> {
  /** A port whose other end was given to the other side, which makes a transport of it too. Whoever made it closes it. */
  readonly port: MessagePort
}

/** What goes over the port that both sides share: a dial, with the port of its own that the link will have. */
interface Knock {
  readonly dial: string
  readonly port: MessagePort
}

/** The first word on a link's own port. */
type Answer = 'welcome' | 'refused'

/**
 * Links to whoever holds the other end of a `MessagePort`: `message-port://lobby` is the place of that name over there.
 * Each link has a port of its own. Listening at `message-port:` finds a name that is free.
 */
export function messagePort({ port, maxFrameBytes = 16 * 1024 * 1024, highWaterMark = 1024 * 1024 }: MessagePortOptions): Transport {
  return new Switchboard(port, { maxFrameBytes, highWaterMark })
}

class Switchboard implements Transport {
  readonly schemes = ['message-port']
  readonly #port: MessagePort
  readonly #options: PortLinkOptions
  readonly #places = new Map<string, (link: Link) => void>()
  readonly #over = new AbortController()
  #lastNumber = 0

  constructor(port: MessagePort, options: PortLinkOptions) {
    this.#port = port
    this.#options = options
    port.addEventListener('message', ({ data }: MessageEvent<Knock>) => this.#answer(data))
    // Closed here or over there, or the thread over there has ended.
    port.addEventListener('close', () => this.#over.abort(refusal('ECONNRESET', 'the port to the other side is closed')))
    port.start()
  }

  dial(address: URL, { signal }: DialOptions): Promise<Link> {
    const ended = AbortSignal.any([signal, this.#over.signal])
    return new Promise((resolve, reject) => {
      ended.throwIfAborted()
      const { port1, port2 } = new MessageChannel()
      const fail = (error: unknown): void => {
        ended.removeEventListener('abort', onAbort)
        // A browser does not tell a port that was still under way that its other end is closed.
        const last: Frame = 'goodbye'
        port1.postMessage(last)
        port1.close()
        reject(error)
      }
      const onAbort = (): void => fail(ended.reason)
      ended.addEventListener('abort', onAbort)
      const onAnswer = ({ data }: MessageEvent<Answer>): void => {
        if (data === 'refused') return fail(refusal('ECONNREFUSED', `nobody listens at ${address.href} over there`))
        ended.removeEventListener('abort', onAbort)
        resolve(new PortLink(port1, address.href, this.#options))
      }
      port1.addEventListener('message', onAnswer, { once: true })
      port1.start()
      const knock: Knock = { dial: nameOf(address), port: port2 }
      this.#port.postMessage(knock, [port2])
    })
  }

  async listen(address: URL, { onLink }: ListenOptions): Promise<Listener> {
    const name = nameOf(address) || `place-${++this.#lastNumber}`
    if (this.#places.has(name)) throw refusal('EADDRINUSE', `somebody listens at message-port://${name} already`)
    this.#places.set(name, onLink)
    return {
      address: new URL(`message-port://${name}`),
      close: async () => {
        if (this.#places.get(name) === onLink) this.#places.delete(name)
      },
    }
  }

  #answer({ dial, port }: Knock): void {
    const onLink = this.#places.get(dial)
    const answer: Answer = onLink === undefined ? 'refused' : 'welcome'
    port.postMessage(answer)
    if (onLink === undefined) port.close()
    else onLink(new PortLink(port, `message-port://dialer-${++this.#lastNumber}`, this.#options))
  }
}

/** `message-port://lobby` and `message-port:lobby` name the same place. */
function nameOf(address: URL): string {
  return address.host + address.pathname
}

function refusal(code: string, message: string): Error {
  return Object.assign(new Error(message), { code })
}
