/** Whoever runs a manager can have every promise of its design watched, at each transition and at the end. */
import type { ConnectionManager, Link, PeerView, Transition, Transport } from 'qudag-connections'
import { assertLegalStream } from '../properties/legal-transitions.ts'

/** What a witness has seen; plain data. */
export interface Testimony {
  /** What was wrong, the first few. */
  readonly violations: readonly string[]
  readonly transitions: number
  /** How many transitions there were for each reason. */
  readonly reasons: Readonly<Record<string, number>>
  /** The most dials and links at one time. */
  readonly peak: number
  /** What was left after the shutdown. */
  readonly left: { readonly links: number; readonly peers: number; readonly pending: number }
}

/** Counts dials and links at our own end, from outside the manager. */
export class CountedTransport implements Transport {
  readonly schemes: readonly string[]
  held = 0
  peak = 0
  readonly #transport: Transport
  readonly #isCounting: (link: 'dialled' | 'arrived') => boolean

  /** @param arrivals whether links that arrive are counted: those that are refused live for a moment past the limit */
  constructor(transport: Transport, arrivals: boolean) {
    this.schemes = transport.schemes
    this.#transport = transport
    this.#isCounting = (link) => arrivals || link === 'dialled'
  }

  async dial(...args: Parameters<Transport['dial']>): Promise<Link> {
    this.#take()
    try {
      return this.#counted(await this.#transport.dial(...args))
    } catch (error) {
      this.held--
      throw error
    }
  }

  listen(...[address, { onLink }]: Parameters<NonNullable<Transport['listen']>>) {
    return this.#transport.listen!(address, {
      onLink: (link) => {
        if (!this.#isCounting('arrived')) return onLink(link)
        this.#take()
        onLink(this.#counted(link))
      },
    })
  }

  #take(): void {
    this.held++
    this.peak = Math.max(this.peak, this.held)
  }

  /** The link itself, which gives its place back once, however it ends. */
  #counted(link: Link): Link {
    let isHeld = true
    const giveBack = (): void => {
      if (isHeld) this.held--
      isHeld = false
    }
    const attach = link.attach.bind(link)
    const abort = link.abort.bind(link)
    link.attach = (handler) =>
      attach({
        message: (data) => handler.message(data),
        drain: () => handler.drain(),
        closed(reason) {
          giveBack()
          handler.closed(reason)
        },
      })
    link.abort = (cause) => {
      giveBack()
      abort(cause)
    }
    return link
  }
}

/** Watches one manager. */
export class Witness {
  readonly #manager: ConnectionManager
  readonly #transport: CountedTransport
  readonly #limit: number
  readonly #transitions: Transition[] = []
  readonly #violations: string[] = []
  #pending = 0

  constructor(manager: ConnectionManager, transport: CountedTransport, limit: number) {
    this.#manager = manager
    this.#transport = transport
    this.#limit = limit
    manager.transitions$.subscribe((transition) => {
      this.#transitions.push(transition)
      this.recount(`after ${transition.peerId} ${transition.reason}`)
    })
  }

  /** The transitions so far. */
  get transitions(): readonly Transition[] {
    return this.#transitions
  }

  /** How many promises have not settled. */
  get pending(): number {
    return this.#pending
  }

  /** Counts a promise until it settles; what it rejects with is the caller's to look at. */
  track<T>(promise: Promise<T>): Promise<T> {
    this.#pending++
    const settled = (): void => void this.#pending--
    promise.then(settled, settled)
    return promise
  }

  /** Notes what is wrong. */
  check(holds: boolean, what: string): void {
    if (!holds && this.#violations.length < 10) this.#violations.push(what)
  }

  /** Compares every gauge with a count of the peers, and both with the limit. */
  recount(when: string): void {
    const count = { Connecting: 0, Connected: 0, Disconnected: 0, Failed: 0 }
    const states: Record<string, number> = {}
    for (const { status, state } of this.#manager.peers() as Iterable<PeerView>) {
      count[status]++
      states[state] = (states[state] ?? 0) + 1
    }
    const { byStatus, connections, pooled, closing, dialing, pool } = this.#manager.metrics
    const of = (state: string): number => states[`Disconnected.${state}`] ?? 0
    const counted = JSON.stringify([count, count.Connected, of('pooled'), of('pooled'), of('closing'), states['Connecting.dialing'] ?? 0])
    const gauges = JSON.stringify([byStatus, connections, pooled, pool.size, closing, dialing])
    this.check(counted === gauges, `${when}: the gauges say ${gauges}, a recount says ${counted}`)
    const { held } = this.#transport
    this.check(held <= this.#limit, `${when}: ${held} dials and links are held past the limit of ${this.#limit}`)
  }

  /** What was seen; asked after the shutdown. */
  testify(): Testimony {
    try {
      assertLegalStream(this.#transitions)
    } catch (error) {
      this.#violations.push((error as Error).message)
    }
    const reasons: Record<string, number> = {}
    for (const { reason } of this.#transitions) reasons[reason] = (reasons[reason] ?? 0) + 1
    this.recount('at the end')
    this.check(this.#transport.peak <= this.#limit, `${this.#transport.peak} dials and links were held at once, past ${this.#limit}`)
    return {
      violations: this.#violations,
      transitions: this.#transitions.length,
      reasons,
      peak: this.#transport.peak,
      left: { links: this.#transport.held, peers: [...this.#manager.peers()].length, pending: this.#pending },
    }
  }
}
