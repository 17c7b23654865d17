/** A scripted transport: every dial, link and listener is in the test's hand, and counted. */
import { assertKnown } from '../../machines/domain/options.ts'
import { type PeerId, unprovenPeerId } from '../../machines/domain/peer-id.ts'
import type { Arrival, DialOptions, Link, Listener, ListenOptions, Transport } from '../transports/transport.ts'
import { ConnectionError } from '../errors.ts'
import { LinkLedger } from './link-ledger.ts'
import type { LinkOwner, LinkScript } from './link-script.ts'
import { PingingScriptedLink } from './pinging-scripted-link.ts'
import { type DialOwner, type OpenOptions, ScriptedDial } from './scripted-dial.ts'
import { ScriptedLink } from './scripted-link.ts'
import { type ArriveOptions, KNOWN, type ScriptedOptions } from './scripted-options.ts'

/** A transport whose dials, links and listeners the test controls. @since 0.1.0 */
export class ScriptedTransport implements Transport, LinkOwner<ScriptedLink>, DialOwner {
  readonly schemes: readonly string[]
  declare readonly localPeerId?: PeerId
  /** How its links behave; may be changed at any time. */
  readonly script: LinkScript
  /** Opens every dial by itself. May be changed at any time. */
  autoOpen: boolean
  /** Fails every dial by itself with this error, before `autoOpen` is asked. May be changed at any time. */
  autoFail: Error | undefined
  /** What an aborted dial does. May be changed at any time. */
  onAbort: 'reject' | 'ignore'
  /** What is held at our own end. */
  readonly ledger: LinkLedger
  /** Every dial, in order, settled ones too; empty where it does not record, or where dials settle by themselves. */
  readonly dials: ScriptedDial[] = []
  /** Every link that is not over, offered and late ones too; empty where it does not record. */
  readonly links = new Set<ScriptedLink>()
  /** Places where it listens. */
  readonly listeners: readonly Listener[]
  /** Messages that were sent, ever. */
  sentMessages = 0
  /** Bytes that were sent, ever. */
  sentBytes = 0
  /** Pings that were sent, ever. */
  sentPings = 0
  readonly #listeners: { readonly listener: Listener; readonly options: ListenOptions }[] = []
  /** Who is told when an arriving link is over before it was admitted. */
  readonly #waiting = new Map<ScriptedLink, () => void>()
  readonly #unattached = new Map<ScriptedLink, ScriptedDial>()
  readonly #makeLink: typeof ScriptedLink
  readonly #proveIds: boolean
  #arrivals = 0
  #listenError: Error | undefined

  constructor(options: ScriptedOptions = {}) {
    assertKnown('', options, KNOWN)
    this.schemes = options.schemes ?? ['scripted']
    if (options.localPeerId !== undefined) this.localPeerId = options.localPeerId
    this.script = {
      autoClose: options.autoClose ?? false,
      tellLocalEnd: options.tellLocalEnd ?? 'sync',
      autoPing: options.autoPing,
      highWaterMark: options.highWaterMark ?? 65_536,
      maxFrameBytes: options.maxFrameBytes ?? Infinity,
      record: options.record ?? true,
    }
    this.autoOpen = options.autoOpen ?? false
    this.onAbort = options.onAbort ?? 'reject'
    this.ledger = new LinkLedger(this.script.record, options.watch)
    this.#makeLink = options.ping === true ? PingingScriptedLink : ScriptedLink
    this.#proveIds = options.proveIds ?? false
    this.listeners = []
  }

  // What the manager sees.

  dial(address: URL, options: DialOptions): Promise<Link> {
    const { peerId } = options
    this.ledger.dialBegan(peerId)
    // Who opens at once never looks at the signal; a manager makes it only for who does.
    const opensAtOnce = !this.script.record && this.autoOpen
    if (!opensAtOnce && options.signal.aborted) {
      this.ledger.dialEnded(peerId)
      return Promise.reject(options.signal.reason)
    }
    if (this.autoFail !== undefined) {
      this.ledger.dialEnded(peerId)
      return Promise.reject(this.autoFail)
    }
    if (opensAtOnce) {
      const { href } = address
      // The id is mostly the address itself: one string for both, where a crowd is measured.
      return Promise.resolve(this.#open(peerId, peerId === href ? peerId : href, this.#proveIds ? peerId : undefined))
    }
    const dial = new ScriptedDial(this, address, peerId, options.signal)
    if (this.script.record) this.dials.push(dial)
    if (this.autoOpen) dial.open()
    return dial.promise
  }

  listen(address: URL, options: ListenOptions): Promise<Listener> {
    const error = this.#listenError
    this.#listenError = undefined
    if (error !== undefined) return Promise.reject(error)
    const at = new URL(address)
    if (at.port === '0') at.port = String(1024 + this.#listeners.length)
    const listener: Listener = {
      address: at,
      close: () => {
        this.#forget(listener)
        return Promise.resolve()
      },
    }
    this.#listeners.push({ listener, options })
    ;(this.listeners as Listener[]).push(listener)
    return Promise.resolve(listener)
  }

  // What the test holds in its hand.

  /** The dials that wait for the test, oldest first. */
  get pendingDials(): readonly ScriptedDial[] {
    return this.dials.filter((dial) => dial.pending)
  }

  /** The newest dial of a peer, or of anybody. */
  lastDial(peerId?: PeerId): ScriptedDial | undefined {
    return this.dials.findLast((dial) => peerId === undefined || dial.peerId === peerId)
  }

  /** The newest link of a peer that is not over. */
  linkOf(peerId: PeerId): ScriptedLink | undefined {
    return [...this.links].findLast((link) => link.peerId === peerId)
  }

  /** A link arrives at the first listener. It is counted from the moment when somebody attaches to it. */
  arrive(options: ArriveOptions = {}): ScriptedLink {
    const place = this.#listeners[0]
    if (place === undefined) throw new Error('nothing listens: await manager.listen(…) first')
    const remoteAddress = options.remoteAddress ?? `scripted://arrival/${this.#arrivals++}`
    const peerId = options.remotePeerId ?? unprovenPeerId(remoteAddress)
    const link = new this.#makeLink(this, peerId, remoteAddress, options.remotePeerId, true)
    if (this.script.record) this.links.add(link)
    if (place.options.onArrival === undefined) place.options.onLink(link)
    else place.options.onArrival(this.#arrivalOf(link))
    return link
  }

  #arrivalOf(link: ScriptedLink): Arrival {
    const { remoteAddress, remotePeerId } = link
    return {
      remoteAddress,
      ...(remotePeerId === undefined ? {} : { remotePeerId }),
      admit: () => {
        this.#waiting.delete(link)
        if (link.state === 'over') throw new ConnectionError('ERR_NOT_CONNECTED', `${remoteAddress} left before it was admitted`)
        return link
      },
      refuse: () => {
        this.#waiting.delete(link)
        link.abort()
      },
      onGone: (f) => void this.#waiting.set(link, f),
    }
  }

  /** Makes the next `listen` reject. */
  failListen(error: Error): void {
    this.#listenError = error
  }

  // Between the transport, its dials and its links.

  /** @internal */
  get ignoresAbort(): boolean {
    return this.onAbort === 'ignore'
  }

  /** @internal */
  openLink(dial: ScriptedDial, options: OpenOptions): ScriptedLink {
    const proven = 'remotePeerId' in options ? options.remotePeerId : this.#proveIds ? dial.peerId : undefined
    const address = options.remoteAddress ?? dial.address.href
    if (!dial.aborted) {
      const link = this.#open(dial.peerId, address, proven)
      this.#unattached.set(link, dial)
      return link
    }
    const late = new this.#makeLink(this, dial.peerId, address, proven, false)
    this.links.add(late)
    return late
  }

  /** @internal */
  dialEnded(dial: ScriptedDial): void {
    this.ledger.dialEnded(dial.peerId)
  }

  /** @internal */
  linkUnwanted(link: ScriptedLink): void {
    this.#unattached.delete(link)
    this.#uncount(link)
  }

  /** @internal */
  linkAttached(link: ScriptedLink): void {
    this.#takeFromDial(link)
    if (link.counted) return
    link.setCounted(true)
    this.ledger.linkTaken(link.peerId)
  }

  /** @internal */
  linkOver(link: ScriptedLink): void {
    const gone = this.#waiting.get(link)
    this.#waiting.delete(link)
    gone?.()
    this.#takeFromDial(link)
    this.links.delete(link)
    this.#uncount(link)
  }

  /** @internal */
  messageSent(bytes: number): void {
    this.sentMessages++
    this.sentBytes += bytes
  }

  /** @internal */
  pingSent(): void {
    this.sentPings++
  }

  #open(peerId: PeerId, remoteAddress: string, remotePeerId: PeerId | undefined): ScriptedLink {
    const link = new this.#makeLink(this, peerId, remoteAddress, remotePeerId, false)
    if (this.script.record) this.links.add(link)
    link.setCounted(true)
    this.ledger.dialOpened(peerId)
    return link
  }

  #uncount(link: ScriptedLink): void {
    if (!link.counted) return
    link.setCounted(false)
    this.ledger.linkEnded(link.peerId)
  }

  #takeFromDial(link: ScriptedLink): void {
    const dial = this.#unattached.get(link)
    if (dial === undefined) return
    this.#unattached.delete(link)
    dial.release()
  }

  #forget(listener: Listener): void {
    const index = this.#listeners.findIndex((place) => place.listener === listener)
    if (index < 0) return
    this.#listeners.splice(index, 1)
    ;(this.listeners as Listener[]).splice(index, 1)
  }
}

/**
 * A transport whose dials, links and listeners the test controls: it opens, fails and closes each, and sees what was sent.
 *
 * @since 0.1.0
 * @example
 * const transport = scripted()
 * const manager = new ConnectionManager(10, { transport, clock: new VirtualClock() })
 * const connecting = manager.connect('scripted://peer')
 * const link = transport.lastDial()!.open()
 * const connection = await connecting
 */
export function scripted(options: ScriptedOptions = {}): ScriptedTransport {
  return new ScriptedTransport(options)
}
