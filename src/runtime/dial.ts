/** Keeps one thing true: one dial ends once: in a link, in an error that says what was tried, or in nothing when it is aborted. */
import { isUnproven, type PeerId } from '../../machines/domain/peer-id.ts'
import { ipOfAddress } from '../../machines/domain/ip.ts'
import { accessOf, type AccessRules } from '../../machines/policy/access.ts'
import { dialOrder } from '../../machines/policy/dial-order.ts'
import { ConnectionError, type ConnectionErrorCode } from '../errors.ts'
import type { DialOptions, Link, Transport } from '../transports/transport.ts'
import { asError } from './failures.ts'
import { deniedError } from './refusals.ts'

/** The addresses of a peer, best first. */
export type Resolved = string | URL | readonly (string | URL)[]

/** What a dial needs to know. */
export interface DialSettings {
  readonly transports: ReadonlyMap<string, Transport>
  readonly resolve: (peerId: PeerId) => Resolved | Promise<Resolved>
  readonly connectTimeoutMs: number
  /** Whom not to dial, by whatever name. */
  readonly door: { readonly access: AccessRules }
}

/** Who is dialled. */
export interface DialedPeer {
  readonly peerId: PeerId
}

/** Who waits for the outcome of a dial. */
export interface DialHost<P extends DialedPeer> {
  dialOpened(peer: P, dial: Dial<P>, link: Link): void
  dialFailed(peer: P, dial: Dial<P>, error: ConnectionError): void
}

/** The peer id itself, where it is a URL. */
export function resolveByName(peerId: PeerId): Resolved {
  return URL.canParse(peerId) ? peerId : []
}

/** One attempt to reach one peer, all its addresses in order. */
export class Dial<P extends DialedPeer> implements DialOptions {
  readonly #peer: P
  readonly #settings: DialSettings
  readonly #host: DialHost<P>
  #abort: AbortController | undefined = undefined
  #gate: Promise<boolean> | undefined
  #over = false
  #addresses: readonly string[] = []
  #next = 0
  #attempts = 0
  #address: string | undefined = undefined
  readonly #errors: Error[] = []

  /** @param gate whether it may begin, where that is not known yet; it never rejects */
  constructor(peer: P, settings: DialSettings, host: DialHost<P>, gate?: Promise<boolean>) {
    this.#peer = peer
    this.#settings = settings
    this.#host = host
    this.#gate = gate
  }

  get peerId(): PeerId {
    return this.#peer.peerId
  }

  /** Made when a transport first asks for it: an AbortController costs more than the rest of a dial. */
  get signal(): AbortSignal {
    this.#abort ??= new AbortController()
    if (this.#over) this.#abort.abort(this.#aborted())
    return this.#abort.signal
  }

  /** Begins. */
  start(): void {
    if (this.#over) return
    if (isUnproven(this.peerId)) return this.#fail(this.#noAddress('it came from there and proved no id, so it cannot be dialled back'))
    if (this.#gate === undefined) return this.#resolve()
    void this.#gate.then((passes) => {
      this.#gate = undefined
      if (this.#over) return
      if (passes) this.#resolve()
      else this.#fail(deniedError(this.peerId, 'gate'))
    })
  }

  #resolve(): void {
    let resolved: Resolved | Promise<Resolved>
    try {
      resolved = this.#settings.resolve(this.peerId)
    } catch (error) {
      return this.#unresolved(error)
    }
    if (isThenable(resolved)) {
      resolved.then(
        (addresses) => this.#begin(addresses),
        (error: unknown) => this.#unresolved(error),
      )
    } else {
      this.#begin(resolved)
    }
  }

  /** Ends it with nothing: the transport's attempt is aborted, and a link that still arrives is aborted too. */
  abort(): void {
    if (this.#over) return
    this.#over = true
    this.#abort?.abort(this.#aborted())
  }

  /** The error of a dial that took too long. It carries what had gone wrong so far. */
  timedOut(): ConnectionError {
    const { connectTimeoutMs } = this.#settings
    const before = this.#gate === undefined ? 'while its addresses were looked up' : 'while the gate was asked'
    const where = this.#address === undefined ? before : `while dialing ${this.#address}`
    return this.#error(
      'ERR_CONNECT_TIMEOUT',
      `connecting to '${this.peerId}' took longer than ${connectTimeoutMs} ms, ${where}; is it reachable, or is connectTimeoutMs too short?`,
    )
  }

  #begin(resolved: Resolved): void {
    if (this.#over) return
    const listed: readonly unknown[] = Array.isArray(resolved) ? resolved : [resolved]
    const named = listed.filter((address) => address !== undefined && address !== null && address !== '')
    this.#addresses = dialOrder(named.map(String))
    if (this.#addresses.length === 0)
      return this.#fail(this.#noAddress('nothing resolves it; use its URL as peer id, or the option resolve'))
    this.#dialNext()
  }

  #dialNext(): void {
    for (;;) {
      const text = this.#addresses[this.#next++]
      if (text === undefined) return this.#fail(this.#failed())
      const address = this.#parse(text)
      const transport = address === undefined ? undefined : this.#settings.transports.get(address.protocol)
      if (address === undefined || transport === undefined) continue
      this.#address = text
      this.#attempts++
      let dialing: Promise<Link>
      try {
        dialing = Promise.resolve(transport.dial(address, this))
      } catch (error) {
        this.#errors.push(asError(error))
        continue
      }
      dialing.then(
        (link) => this.#opened(link, text),
        (error: unknown) => this.#refused(asError(error)),
      )
      return
    }
  }

  #parse(text: string): URL | undefined {
    if (!URL.canParse(text)) {
      this.#errors.push(this.#error('ERR_NO_ADDRESS', `'${text}' is not a URL`, text))
      return undefined
    }
    const address = new URL(text)
    // As the parser spells it: `ws://0x7f.1` is 127.0.0.1.
    if (this.#isDenied(undefined, address.href)) {
      this.#errors.push(this.#error('ERR_DENIED', `the option deny names ${text}; change that rule if it is wanted`, text))
      return undefined
    }
    if (!this.#settings.transports.has(address.protocol)) {
      const schemes = [...this.#settings.transports.keys()].join(' ')
      this.#errors.push(
        this.#error(
          'ERR_NO_TRANSPORT',
          `no transport dials ${address.protocol} (${text}); there is ${schemes || 'none'}; add one to the option transport`,
          text,
        ),
      )
    }
    return address
  }

  #opened(link: Link, address: string): void {
    if (this.#over) return discard(link)
    if (typeof link?.attach !== 'function') return this.#refused(new TypeError('the transport gave no link'))
    const proven = link.remotePeerId
    if (proven !== undefined && proven !== this.peerId && this.peerId !== address) {
      discard(link)
      return this.#refused(this.#error('ERR_IDENTITY_MISMATCH', `${address} is '${proven}', not '${this.peerId}'`))
    }
    // Only now is it known where a host name led, and who answered there.
    if (this.#isDenied(proven, link.remoteAddress)) {
      discard(link)
      return this.#refused(this.#error('ERR_DENIED', `the option deny names ${link.remoteAddress}, or who answered there`))
    }
    this.#over = true
    this.#host.dialOpened(this.#peer, this, link)
  }

  #refused(error: Error): void {
    if (this.#over) return
    this.#errors.push(error)
    this.#dialNext()
  }

  #unresolved(error: unknown): void {
    if (this.#over) return
    this.#errors.push(asError(error))
    this.#fail(this.#noAddress(`resolve failed: ${asError(error).message}`))
  }

  #fail(error: ConnectionError): void {
    this.#over = true
    this.#host.dialFailed(this.#peer, this, error)
  }

  #failed(): ConnectionError {
    const [first] = this.#errors
    if (this.#errors.length === 1 && ConnectionError.is(first) && first.peerId === this.peerId) return first
    if (this.#errors.every((error) => ConnectionError.is(error) && error.code === 'ERR_DENIED')) {
      return this.#error('ERR_DENIED', `'${this.peerId}' is not dialled: ${this.#errors.map((error) => error.message).join('; ')}`)
    }
    if (this.#attempts === 0 && this.#errors.every(ConnectionError.is)) {
      const code = this.#errors.some((error) => error.code === 'ERR_NO_TRANSPORT') ? 'ERR_NO_TRANSPORT' : 'ERR_NO_ADDRESS'
      return this.#error(code, `cannot dial '${this.peerId}': ${this.#errors.map((error) => error.message).join('; ')}`)
    }
    const causes = this.#errors.map((error) => error.message || error.name).join('; ')
    return this.#error(
      'ERR_DIAL_FAILED',
      `could not connect to '${this.peerId}' at ${this.#address ?? 'any address'}: ${causes}; is it running and reachable?`,
    )
  }

  #isDenied(proven: PeerId | undefined, address: string): boolean {
    return accessOf(this.#settings.door.access, proven, ipOfAddress(address)) === 'denied'
  }

  #noAddress(why: string): ConnectionError {
    return this.#error('ERR_NO_ADDRESS', `no address for '${this.peerId}': ${why}`)
  }

  #aborted(): ConnectionError {
    return new ConnectionError('ERR_DISCONNECTED', `nobody waits for the dial of '${this.peerId}' any more`, { peerId: this.peerId })
  }

  #error(code: ConnectionErrorCode, message: string, address: string | undefined = this.#address): ConnectionError {
    const [first] = this.#errors
    const cause = this.#errors.length > 1 ? new AggregateError(this.#errors, `all addresses of '${this.peerId}' failed`) : first
    return new ConnectionError(code, message, {
      peerId: this.peerId,
      attempts: this.#attempts,
      ...(cause === undefined ? {} : { cause }),
      ...(address === undefined ? {} : { address }),
    })
  }
}

function isThenable<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof (value as { then?: unknown } | undefined)?.then === 'function'
}

/** Aborts a link that nobody wants. What it throws concerns nobody either. */
function discard(link: Link): void {
  try {
    link?.abort?.()
  } catch {
    // It came too late, and there is no one left to tell.
  }
}
