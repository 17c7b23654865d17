/** Every place that listens is known, and none outlives its supervisor. */
import { isUrl } from '../../../machines/domain/realm.ts'
import { shownAddress } from '../../../machines/domain/shown.ts'
import { ConnectionError } from '../../errors.ts'
import type { AcceptVerdict, Arrival, HandshakeTally, Link, Listener, ListenOptions, Transport } from '../../transports/transport.ts'
import { faultOf } from '../errors/address-fault.ts'
import type { AsyncContexts } from '../callbacks/async-context.ts'
import { asError, shownError } from '../errors/failures.ts'
import { checkListener, closing } from '../callbacks/foreign-link.ts'

/** Who is given the links that arrive. */
export interface ListenersHost {
  readonly contexts: AsyncContexts | undefined
  isStopped(): boolean
  /** @param wasAsked whether {@link ListenersHost.admits} was asked of it */
  accept(link: Link, transport: Transport, wasAsked: boolean): void
  /** The same of one that waits to be admitted. */
  arrived(arrival: Arrival, transport: Transport, wasAsked: boolean): void
  /** Whether a connection may go on that has come and proven nothing yet. */
  admits(remoteAddress: string): AcceptVerdict
  readonly handshakes: HandshakeTally
  /** A function of the app's that the transport asked was at fault. */
  failed(thrown: unknown, callback: string): void
  /** The last of the places that were being closed is closed. */
  settled(): void
}

/** The places where one supervisor listens. */
export class Listeners {
  readonly #transports: ReadonlyMap<string, Transport>
  readonly #host: ListenersHost
  readonly #open = new Set<Listener>()
  #closing = 0
  /** How many places are being bound. */
  #binding = 0
  #abandoned = false

  constructor(transports: ReadonlyMap<string, Transport>, host: ListenersHost) {
    this.#transports = transports
    this.#host = host
  }

  /** Whether some place is still being closed, or is still to be: it is not bound yet. */
  get isClosing(): boolean {
    return !this.#abandoned && this.#closing + this.#binding > 0
  }

  /**
   * Listens at an address.
   *
   * @throws TypeError when it is no URL; ConnectionError `ERR_NO_TRANSPORT`, `ERR_LISTEN_FAILED`, `ERR_STOPPED`
   */
  async listen(given: string | URL): Promise<Listener> {
    const address = parse(given)
    if (this.#host.isStopped()) throw stopped(address)
    const transport = this.#transports.get(address.protocol)
    if (transport?.listen === undefined) {
      const able = [...this.#transports].filter(([, { listen }]) => listen !== undefined).map(([protocol]) => protocol)
      throw new ConnectionError(
        'ERR_NO_TRANSPORT',
        `no transport listens at ${address.protocol} (${shownAddress(address.href)}); ${able.length === 0 ? 'none does' : `there is ${able.join(' ')}`}; add one to the option transport`,
        { address: shownAddress(address.href) },
      )
    }
    this.#binding++
    try {
      return await this.#bind(address, transport, transport.listen.bind(transport))
    } finally {
      this.#binding--
      // A shutdown waits for what is being bound, so that its port is free afterwards.
      if (this.#host.isStopped()) this.#host.settled()
    }
  }

  async #bind(address: URL, transport: Transport, listen: NonNullable<Transport['listen']>): Promise<Listener> {
    let listener: Listener
    try {
      const { contexts } = this.#host
      const arrivals = arrivalsOf(transport, this.#host)
      // What arrives has nothing of the context of whoever listens.
      listener = checkListener(await (contexts === undefined ? listen(address, arrivals) : contexts.outside(listen, address, arrivals)))
    } catch (error) {
      if (ConnectionError.is(error)) throw shownError(error, [address.href])
      const cause = shownError(asError(error), [address.href])
      const { message } = cause
      throw new ConnectionError('ERR_LISTEN_FAILED', `cannot listen at ${shownAddress(address.href)}: ${message}`, {
        address: shownAddress(address.href),
        cause,
      })
    }
    if (this.#host.isStopped()) {
      await closing(listener)
      throw stopped(address)
    }
    this.#open.add(listener)
    return new OpenListener(listener, () => this.#close(listener))
  }

  /** Closes one place; a shutdown meanwhile waits for it. */
  async #close(listener: Listener): Promise<void> {
    this.#open.delete(listener)
    this.#closing++
    try {
      await closing(listener)
    } finally {
      this.#closed()
    }
  }

  #closed(): void {
    if (this.#abandoned) return
    this.#closing--
    this.#host.settled()
  }

  /** Closes every place, in parallel; the host is told when the last one is closed. */
  closeAll(): void {
    for (const listener of this.#open) {
      this.#closing++
      const closed = (): void => this.#closed()
      try {
        closing(listener).then(closed, closed)
      } catch {
        closed()
      }
    }
    this.#open.clear()
  }

  /** Waits no longer for places that do not close. */
  abandon(): void {
    this.#abandoned = true
    this.#closing = 0
  }
}

class OpenListener implements Listener {
  readonly #listener: Listener
  readonly #end: () => Promise<void>
  #closed: Promise<void> | undefined

  constructor(listener: Listener, end: () => Promise<void>) {
    this.#listener = listener
    this.#end = end
  }

  get address(): URL {
    return this.#listener.address
  }

  close(): Promise<void> {
    this.#closed ??= this.#end()
    return this.#closed
  }
}

/** What a transport is handed to listen with. */
function arrivalsOf(transport: Transport, host: ListenersHost): ListenOptions {
  // A transport asks of every connection, or of none.
  let asks = false
  return {
    onLink: (link) => host.accept(link, transport, asks),
    onArrival: (arrival) => host.arrived(arrival, transport, asks),
    onError: (thrown, callback) => host.failed(thrown, callback),
    handshakes: host.handshakes,
    admits(remoteAddress) {
      asks = true
      return host.admits(remoteAddress)
    },
  }
}

function parse(address: unknown): URL {
  if (isUrl(address)) return new URL(address.href)
  if (typeof address !== 'string')
    throw new TypeError(`address must be a string or a URL, got ${address === null ? 'null' : typeof address}`)
  if (!URL.canParse(address)) throw new TypeError(`address must be a URL, got '${shownAddress(address)}': ${faultOf(address)}`)
  return new URL(address)
}

function stopped(address: URL): ConnectionError {
  return new ConnectionError('ERR_STOPPED', `cannot listen at ${shownAddress(address.href)}: the manager is shut down`, {
    address: shownAddress(address.href),
  })
}
