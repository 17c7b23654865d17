/** One side of a row owns what it opens, says what it waits for, and leaves nothing when it is released. */
import type { Arrival, Link, Listener, ListenOptions, Transport } from '../../transports/transport.ts'
import { flush } from '../flush.ts'
import { Door } from './door.ts'
import { LinkRecord } from './link-record.ts'

/** Which side of the transport somebody is on. */
export type SideName = 'dialer' | 'listener'

/** What not every link can do. */
export type Ability =
  /** Stops its source. */
  | 'pause'
  /** Measures a round trip. */
  | 'ping'
  /** As a listener: hands over connections that wait to be admitted, where `onArrival` is given. */
  | 'admit'
  /** Tells the other side why it closes, and tells what that says of why. */
  | 'reasons'

/** What can be told from one side to the other, which may be another process. */
export type Plain = string | number | boolean | null | readonly Plain[]

/** What both sides know of the transport under test. */
export interface Facts {
  /** Where to listen. */
  readonly address: string
  /** The largest message, in bytes. */
  readonly maxFrameBytes: number
  /** How many bytes a writer may get rid of while its reader has stopped. */
  readonly mostBuffered: number
  /** How many links at once. */
  readonly links: number
  /** Whether both sides' links can stop their source. */
  readonly bothPause: boolean
}

/** What {@link Party.wait} ends with when the row is cut short. */
export class Stopped extends Error {}

/** What a listener is told that hands over links where it was asked for arrivals. */
const NO_ADMISSION =
  "the listener handed over a link although it was given onArrival: give what arrives to that, or say cannot: { listener: ['admit'] }"

const never = (): AbortSignal => new AbortController().signal

/** One side of one row. */
export class Party {
  readonly side: SideName
  readonly facts: Facts
  readonly transport: Transport
  readonly #post: (word: string, value: Plain) => void
  readonly #mail = new Map<string, Plain[]>()
  readonly #hearers = new Map<string, (value: Plain) => void>()
  readonly #waits = new Set<string | (() => string)>()
  readonly #stops = new Set<(error: Stopped) => void>()
  readonly #links: Link[] = []
  readonly #listeners: Listener[] = []
  #stopped: Stopped | undefined
  readonly #arrived: Link[] = []
  readonly #awaiting: ((link: Link) => void)[] = []
  #place: Promise<string> | undefined
  /** Takes what arrives before it is admitted; undefined: links alone. */
  #door: Door | undefined

  /** @param post tells the other side */
  constructor(side: SideName, transport: Transport, facts: Facts, post: (word: string, value: Plain) => void) {
    this.side = side
    this.facts = facts
    this.transport = transport
    this.#post = post
  }

  /** Tells the other side. */
  tell(word: string, value: Plain = null): void {
    this.#post(word, value)
  }

  /** Waits until the other side tells this word, and gives what came with it. */
  hear(word: string): Promise<Plain> {
    const [value] = this.#mail.get(word)?.splice(0, 1) ?? []
    if (value !== undefined) return Promise.resolve(value)
    return this.wait(`the other side to say "${word}"`, new Promise((resolve) => this.#hearers.set(word, resolve)))
  }

  /** @internal The other side has told something. */
  told(word: string, value: Plain): void {
    const hearer = this.#hearers.get(word)
    if (hearer !== undefined) {
      this.#hearers.delete(word)
      hearer(value)
      return
    }
    const mail = this.#mail.get(word)
    if (mail === undefined) this.#mail.set(word, [value])
    else mail.push(value)
  }

  /** Waits for what may never come: when the row is cut short, `what` says what was missing. */
  readonly wait = <T>(what: string | (() => string), promise: Promise<T>): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      const leave = (): void => {
        this.#waits.delete(what)
        this.#stops.delete(stop)
      }
      const stop = (error: Stopped): void => {
        leave()
        reject(error)
      }
      if (this.#stopped !== undefined) return reject(this.#stopped)
      this.#waits.add(what)
      this.#stops.add(stop)
      promise.finally(leave).then(resolve, reject)
    })

  /** One turn of the event loop, for what a wire takes and brings in its own time. */
  async turn(count = 1): Promise<void> {
    for (let i = 0; i < count; i++) {
      if (this.#stopped !== undefined) throw this.#stopped
      await flush()
    }
  }

  /** Waits, turn by turn, until it holds. */
  async becomes(what: () => string, holds: () => boolean): Promise<void> {
    this.#waits.add(what)
    while (!holds()) await this.turn()
    this.#waits.delete(what)
  }

  /** A new link to the other side, which asks for one too. Nobody has attached to it. */
  link(): Promise<Link> {
    return this.side === 'dialer' ? this.dial() : this.arrival()
  }

  /** A new link to the other side, on record; `onMessage` is what else to do with a message. */
  async open(onMessage?: (log: LinkRecord, data: Uint8Array) => void): Promise<LinkRecord> {
    const log = this.record(await this.link())
    // Not by the caller: a message may come before it goes on.
    if (onMessage !== undefined) log.onMessage = (data) => onMessage(log, data)
    return log
  }

  /** Attaches to a link, and writes down what happens to it. */
  record(link: Link): LinkRecord {
    const record = new LinkRecord(link, this.wait)
    link.attach(record)
    return record
  }

  /** Dials the other side; the link is aborted at the end of the row. */
  async dial(signal: AbortSignal = never()): Promise<Link> {
    const address = await this.where()
    return this.keep(await this.wait(`a link to ${address}`, this.dialAt(address, signal)))
  }

  /** Dials, and leaves the link to the caller. */
  dialAt(address: string, signal: AbortSignal = never()): Promise<Link> {
    return this.transport.dial(new URL(address), { peerId: 'peer', signal })
  }

  /** Where the other side listens. */
  where(): Promise<string> {
    this.#place ??= this.hear('listening') as Promise<string>
    return this.#place
  }

  /** The next link that arrives here. */
  async arrival(): Promise<Link> {
    await this.listening()
    const link = this.#arrived.shift()
    return link ?? this.wait('a link to arrive', new Promise((resolve) => this.#awaiting.push(resolve)))
  }

  /** From the next `listen` on, what arrives waits to be admitted: see {@link knock}. */
  takeArrivals(): void {
    this.#door ??= new Door()
  }

  /** The next connection that waits to be admitted. */
  async knock(): Promise<Arrival> {
    await this.listening()
    if (this.#arrived.length > 0) throw new Error(NO_ADMISSION)
    return this.wait('a connection that waits to be admitted', this.#door!.next())
  }

  /** Listens, where it does not yet, and tells the other side where. */
  listening(): Promise<string> {
    this.#place ??= this.listen().then(({ address }) => {
      this.tell('listening', address.href)
      return address.href
    })
    return this.#place
  }

  /** Listens at `address`; what arrives is for {@link arrival}. */
  async listen(address: string = this.facts.address): Promise<Listener> {
    const { transport } = this
    if (transport.listen === undefined) throw new Error('the listening side has a transport that cannot listen')
    const door = this.#door
    const onLink = (link: Link): void => {
      this.keep(link)
      door?.fail(new Error(NO_ADMISSION))
      const next = this.#awaiting.shift()
      if (next === undefined) this.#arrived.push(link)
      else next(link)
    }
    const options: ListenOptions = door === undefined ? { onLink } : { onLink, onArrival: (arrival) => door.arrived(arrival) }
    const listener = await this.wait(`listen at ${address}`, transport.listen(new URL(address), options))
    this.#listeners.push(listener)
    return listener
  }

  /** The link is aborted at the end of the row. */
  keep(link: Link): Link {
    this.#links.push(link)
    return link
  }

  /** Cuts the row short: every wait ends. */
  stop(): void {
    if (this.#stopped !== undefined) return
    const waits = [...this.#waits].map((what) => (typeof what === 'string' ? what : what()))
    this.#stopped = new Stopped(waits.length === 0 ? 'was busy' : `waited for ${[...new Set(waits)].join(', and for ')}`)
    for (const stop of this.#stops) stop(this.#stopped)
  }

  /** Gives back whatever this side has opened. */
  async release(): Promise<void> {
    this.stop()
    for (const link of this.#links) link.abort()
    this.#door?.shut()
    await this.closeListeners()
  }

  /** Listens no more. */
  async closeListeners(): Promise<void> {
    await Promise.all(this.#listeners.map((listener) => listener.close()))
  }
}
