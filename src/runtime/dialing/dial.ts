/** A dial of one peer: its addresses are tried in order, and it ends once, in a link, in an error, or in nothing when it is aborted. */
import { shownAddress, shownPeerId } from '../../../machines/domain/shown.ts'
import { isUnproven, type PeerId } from '../../../machines/domain/peer-id.ts'
import { dialOrder } from '../../../machines/policy/dial-order.ts'
import { ConnectionError } from '../../errors.ts'
import type { DialOptions, Link, LinkFence, Transport } from '../../transports/transport.ts'
import { faultOf } from '../errors/address-fault.ts'
import { isThenable } from '../callbacks/app-callback.ts'
import type { Deadline, DeadlineQueue } from '../time/deadline-queue.ts'
import { Attempt, isDenied } from './dial-attempt.ts'
import { namedIn, parsed } from './dial-addresses.ts'
import { DialErrors, type DialedPeer } from './dial-errors.ts'
import { isRejection } from '../errors/dial-failure.ts'
import { asError } from '../errors/failures.ts'
import { abortQuietly, faultOfLink } from '../callbacks/foreign-link.ts'
import type { Ended, Observers } from '../callbacks/observer.ts'
import { deniedError } from '../errors/refusals.ts'
import type { DialSettings } from '../options/resolved.ts'

/** Where a dial gets its time from. */
export interface DialTimer {
  readonly deadlines: DeadlineQueue
  /** Who observes its look-up and its attempts. */
  readonly observer?: Pick<Observers, 'resolving' | 'trying' | 'securing'> | undefined
  now(): number
}

/** Who waits for the outcome of a dial. */
export interface DialHost<P extends DialedPeer> {
  dialOpened(peer: P, dial: Dial<P>, link: Link): void
  dialFailed(peer: P, dial: Dial<P>, error: ConnectionError): void
}

/**
 * One dial of one peer. Its addresses are tried in order, each next one when the last has failed or has been under way
 * for `staggerMs`; the first that opens wins, and the others are aborted. After "Happy Eyeballs" (RFC 8305).
 */
export class Dial<P extends DialedPeer> extends DialErrors<P> {
  readonly #host: DialHost<P>
  readonly #timer: DialTimer
  /** When the next address is tried beside them. */
  #stagger: Deadline | undefined = undefined
  #over = false
  #next = 0
  /** The claim that it dials under. */
  #fence: LinkFence | undefined = undefined

  /** @param gate whether it may begin, where that is not known yet; it never rejects */
  constructor(peer: P, settings: DialSettings, host: DialHost<P>, timer: DialTimer, gate?: Promise<boolean>) {
    super(peer, settings, gate)
    this.#host = host
    this.#timer = timer
  }

  /** Begins. */
  start(): void {
    if (this.#over) return
    if (isUnproven(this.peerId)) return this.#fail(this.noAddress('it came from there and proved no id, so it cannot be dialled back'))
    if (this.gate === undefined) return this.#claim()
    void this.gate.then((passes) => this.#answered(passes))
  }

  #answered(passes: boolean): void {
    this.gate = undefined
    if (this.#over) return
    if (passes) this.#claim()
    else this.#fail(this.error('ERR_DENIED', deniedError(this.peerId, 'gate').message))
  }

  /** A node of a fleet dials nobody whom another node owns. */
  #claim(): void {
    const { fleet } = this.settings
    const claimed = fleet?.claim(this.peerId)
    if (claimed === undefined) return this.#resolve()
    if (!(claimed instanceof Promise)) return this.#claimed(claimed)
    claimed.then(
      (fence) => this.#claimed(fence),
      (error: unknown) => {
        if (!this.#over) this.#fail(ConnectionError.is(error) ? error : this.error('ERR_STORE', asError(error).message))
      },
    )
  }

  #claimed(fence: LinkFence): void {
    if (this.#over) return
    this.#fence = fence
    this.#resolve()
  }

  #resolve(): void {
    let resolved: unknown
    try {
      resolved = this.settings.resolve(this.peerId)
      if (isThenable(resolved)) {
        const ended = this.#timer.observer?.resolving(this.peerId)
        Promise.resolve(resolved).then(
          (addresses) => this.#begin(addresses, ended),
          (error: unknown) => this.#unresolved(error, ended),
        )
        return
      }
    } catch (error) {
      return this.#unresolved(error)
    }
    this.#begin(resolved)
  }

  /** Ends it with nothing: the transport's attempts are aborted, and a link that still arrives is aborted too. */
  abort(): void {
    if (this.#over) return
    this.#end(undefined)
  }

  /** The peer has more addresses now: those not tried yet are tried in their turn. */
  extend(): void {
    if (this.#over || this.racing === undefined) return
    this.addresses = dialOrder([...this.addresses, ...(this.peer.addresses ?? [])])
    this.#arm()
  }

  #begin(resolved: unknown, ended?: Ended): void {
    ended?.(undefined)
    if (this.#over) return
    let named: string[]
    try {
      named = namedIn(resolved)
    } catch (error) {
      return this.#unresolved(error)
    }
    const { addresses } = this.peer
    this.addresses = dialOrder(addresses === undefined ? named : [...named, ...addresses])
    if (this.addresses.length === 0) return this.#fail(this.noAddress('nothing resolves it; use its URL as peer id, or the option resolve'))
    this.racing = []
    this.#dialNext()
  }

  /** Tries the next address; those that cannot be tried at all are passed over. */
  #dialNext(): void {
    // What a transport does in its `dial` may end this one.
    while (!this.#over) {
      const racing = (this.racing ??= [])
      const text = this.addresses[this.#next]
      if (text === undefined) return racing.length === 0 ? this.#fail(this.failed()) : undefined
      this.#next++
      const address = this.#parse(text)
      const transport = address === undefined ? undefined : this.settings.transports.get(address.protocol)
      if (address === undefined || transport === undefined) continue
      this.address = shownAddress(text)
      if (transport.localPeerId === this.peerId) {
        this.errors.push(this.selfDial(this.address))
        continue
      }
      this.attempts++
      const attempt = new Attempt(this.peerId, text, transport.localPeerId, this.settings.door.access, this.#timer.observer)
      if (this.#fence !== undefined) attempt.fence = this.#fence
      racing.push(attempt)
      attempt.ended = this.#timer.observer?.trying(this.peerId, attempt.address)
      let dialing: Promise<Link>
      try {
        const { contexts } = this.settings
        // A link is for all who share it: it has nothing of the context of whoever asked first.
        const link = contexts === undefined ? transport.dial(address, attempt) : contexts.outside(dialBy(transport), address, attempt)
        dialing = Promise.resolve(link)
      } catch (error) {
        racing.splice(racing.indexOf(attempt), 1)
        const told = this.told(asError(error))
        this.errors.push(told)
        attempt.ended?.(told)
        continue
      }
      dialing.then(
        (link) => this.#opened(attempt, link),
        (error: unknown) => this.#refused(attempt, this.told(asError(error))),
      )
      return this.#arm()
    }
  }

  /** Sets when the next address is tried beside those under way, where there is one. */
  #arm(): void {
    if (this.#over || this.#next >= this.addresses.length) return
    this.#stagger ??= { at: 0, order: 0, index: -1, due: () => this.#dialNext() }
    if (this.#stagger.index < 0) this.#timer.deadlines.set(this.#stagger, this.#timer.now() + this.settings.staggerMs)
  }

  /** Ends the dial: all attempts but the winner's are aborted. */
  #end(winner: Attempt | undefined): void {
    this.#over = true
    if (this.#stagger !== undefined) this.#timer.deadlines.clear(this.#stagger)
    const racing = this.racing
    this.racing = undefined
    if (racing === undefined) return
    for (const attempt of racing) if (attempt !== winner) attempt.abort(this.aborted())
  }

  #parse(text: string): URL | undefined {
    const address = parsed(text)
    if (address === undefined) {
      this.errors.push(this.error('ERR_NO_ADDRESS', `'${shownAddress(text)}' is not a URL: ${faultOf(text)}`, shownAddress(text)))
      return undefined
    }
    // As the parser spells it: `ws://0x7f.1` is 127.0.0.1.
    if (this.#isDenied(undefined, address.href)) {
      this.errors.push(
        this.error('ERR_DENIED', `the option deny names ${shownAddress(text)}; change that rule if it is wanted`, shownAddress(text)),
      )
      return undefined
    }
    if (!this.settings.transports.has(address.protocol)) {
      const schemes = [...this.settings.transports.keys()].join(' ')
      this.errors.push(
        this.error(
          'ERR_NO_TRANSPORT',
          `no transport dials ${address.protocol} (${shownAddress(text)}); there is ${schemes || 'none'}; add one to the option transport`,
          shownAddress(text),
        ),
      )
    }
    return address
  }

  #opened(attempt: Attempt, link: Link): void {
    if (this.#over) return abortQuietly(link, undefined, 'disconnected')
    const fault = faultOfLink(link)
    if (fault !== undefined) {
      abortQuietly(link, undefined, 'disconnected')
      return this.#refused(attempt, fault)
    }
    const { address } = attempt
    const proven = link.remotePeerId
    if (proven !== undefined && proven === attempt.localPeerId) {
      abortQuietly(link, undefined, 'disconnected')
      return this.#refused(attempt, this.selfDial(address))
    }
    if (proven !== undefined && proven !== this.peerId && !attempt.isNamed) {
      abortQuietly(link, undefined, 'disconnected')
      return this.#refused(
        attempt,
        this.error('ERR_IDENTITY_MISMATCH', `${address} is '${shownPeerId(proven)}', not '${shownPeerId(this.peerId)}'`, address),
      )
    }
    // Only now is it known where a host name led, and who answered there.
    if (this.#isDenied(proven, link.remoteAddress)) {
      abortQuietly(link, undefined, 'disconnected')
      const error = this.error('ERR_DENIED', `the option deny names ${shownAddress(link.remoteAddress)}, or who answered there`, address)
      return this.#refused(attempt, error)
    }
    attempt.ended?.(undefined)
    this.#end(attempt)
    this.#host.dialOpened(this.peer, this, link)
  }

  #refused(attempt: Attempt, error: Error): void {
    if (this.#over) return
    const isSelf = attempt.localPeerId !== undefined && isRejection(error) && error.remoteCode === 'ERR_SELF_DIAL'
    this.errors.push(isSelf ? this.selfDial(attempt.address) : error)
    attempt.ended?.(error)
    const racing = this.racing ?? []
    racing.splice(racing.indexOf(attempt), 1)
    if (this.#stagger !== undefined) this.#timer.deadlines.clear(this.#stagger)
    this.#dialNext()
  }

  #unresolved(error: unknown, ended?: Ended): void {
    ended?.(error)
    if (this.#over) return
    const told = this.told(asError(error))
    this.errors.push(told)
    if (this.peer.addresses !== undefined) return this.#begin([])
    this.#fail(this.noAddress(`resolve failed: ${told.message}`))
  }

  #fail(error: ConnectionError): void {
    this.#end(undefined)
    this.#host.dialFailed(this.peer, this, error)
  }

  #isDenied(proven: PeerId | undefined, address: string): boolean {
    return isDenied(this.settings.door.access, proven, address)
  }
}

function dialBy(transport: Transport): (address: URL, options: DialOptions) => Promise<Link> {
  return (address, options) => transport.dial(address, options)
}
