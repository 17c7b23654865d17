/** Recovery on the terminal: each redial, each breaker that trips and each eviction is told when it happens, and why. */
import type { Subscription } from 'rxjs'
import type { PeerId } from '../../machines/domain/peer-id.ts'
import type { Transition } from '../../machines/domain/transition.ts'
import type { ConnectionManager } from '../connection-manager.ts'
import type { Explanation } from '../runtime/supervisor/explanation.ts'
import { BreakerWatch } from './breaker-watch.ts'
import { inSeconds } from './quantities.ts'
import type { Fact, Report } from './report.ts'
import { RetryWatch, type Cause, type Wait } from './retry-watch.ts'

/** More are counted. */
const MOST_NAMED = 3

const WHY: Readonly<Record<string, string>> = {
  'remote-closed': 'the other side closed the link',
  evicted: 'it yielded its slot',
}

/** What is counted. */
export interface RecoveryCounts {
  /** Pauses before an attempt to reconnect. */
  readonly retries: number
  readonly reconnected: number
  readonly abandoned: number
  /** Attempts to reconnect that got no slot. */
  readonly refused: number
  readonly breakersOpened: number
  readonly breakersClosed: number
  readonly evicted: number
}

/** Watches how a manager recovers, from when it has somebody to tell until it is closed. */
export class Recovery {
  readonly #manager: ConnectionManager
  readonly #nameOf: (peerId: PeerId) => string
  readonly #breakers = new BreakerWatch()
  readonly #retries: RetryWatch
  readonly #counts = { retries: 0, reconnected: 0, abandoned: 0, refused: 0, evicted: 0 }
  #subscription: Subscription | undefined
  #report: Report | undefined
  #lastEviction = ''

  constructor(manager: ConnectionManager, nameOf: (peerId: PeerId) => string) {
    this.#manager = manager
    this.#nameOf = nameOf
    this.#retries = new RetryWatch(manager, (peerId, wait, cause) => this.#refused(peerId, wait, cause))
  }

  get counts(): RecoveryCounts {
    return { ...this.#counts, breakersOpened: this.#breakers.opened, breakersClosed: this.#breakers.closed }
  }

  /** What there is to be seen of it; nothing where nothing has happened. */
  get facts(): readonly Fact[] {
    const { retries, reconnected, abandoned, evicted } = this.#counts
    const gone = abandoned === 0 ? [] : [`${abandoned} abandoned`]
    const reconnecting: Fact = ['Reconnecting', [...this.#waiting(), `${reconnected} reconnected`, ...gone]]
    const evictions: Fact = ['Evictions', [String(evicted), this.#lastEviction]]
    return [...(retries === 0 ? [] : [reconnecting]), ...this.#breakers.facts(this.#nameOf), ...(evicted === 0 ? [] : [evictions])]
  }

  /** Tells of it from here on: of each transition after the report itself has. */
  tell(report: Report): void {
    this.#report = report
    this.#subscription = this.#manager.transitions$.subscribe((transition) => this.#follow(transition))
  }

  close(): void {
    this.#retries.close()
    this.#subscription?.unsubscribe()
  }

  #follow(transition: Transition): void {
    const { peerId, to, reason, failure, remoteReason } = transition
    const known = this.#manager.explain(peerId)
    if (reason === 'evicted') this.#evicted(transition)
    const trip = this.#breakers.look(peerId, known, to)
    if (trip !== undefined) this.#report?.mention('breaker', `${this.#nameOf(peerId)} ${trip.text}`, { peerId, ...trip.fields })
    if (to === 'Connected') this.#back(peerId)
    else if (to === undefined) this.#retries.over(peerId)
    else if (to !== 'Connecting')
      this.#lost(peerId, known, { code: failure?.code ?? reason, message: failure?.message ?? whyOf(reason, remoteReason) })
  }

  #lost(peerId: PeerId, known: Explanation | undefined, cause: Cause): void {
    const before = this.#retries.of(peerId)
    const wait = this.#retries.lost(peerId, known)
    if (wait !== undefined) return this.#retry(peerId, wait, cause, '')
    if (before === undefined) return
    this.#counts.abandoned++
    const { attempt } = before
    this.#report?.mention('abandoned', `${this.#nameOf(peerId)} after ${attempts(attempt)}`, { peerId, attempts: attempt, ...cause })
  }

  #refused(peerId: PeerId, wait: Wait, cause: Cause): void {
    const isFull = cause.code === 'ERR_MAX_CONNECTIONS'
    this.#counts.refused += Number(isFull)
    // Its breaker has had lines of its own.
    this.#retry(peerId, wait, cause, isFull ? `: ${cause.message}` : '')
  }

  #retry(peerId: PeerId, { until, attempt }: Wait, cause: Cause, why: string): void {
    this.#counts.retries++
    const inMs = Math.max(0, Math.round(until - Date.now()))
    const text = `${this.#nameOf(peerId)} reconnecting in ${inSeconds(inMs)} (attempt ${attempt})${why}`
    this.#report?.mention('retry', text, { peerId, attempt, inMs, ...cause })
  }

  #back(peerId: PeerId): void {
    const wait = this.#retries.of(peerId)
    if (wait === undefined) return
    this.#retries.over(peerId)
    this.#counts.reconnected++
    const downMs = Math.round(Date.now() - wait.since)
    const text = `${this.#nameOf(peerId)} after ${attempts(wait.attempt)} in ${inSeconds(downMs)}`
    this.#report?.mention('recovered', text, { peerId, attempts: wait.attempt, downMs })
  }

  #evicted({ peerId, eviction }: Transition): void {
    this.#counts.evicted++
    if (eviction === undefined) return
    const { by, score, newcomerScore } = eviction
    const text = `${this.#nameOf(peerId)} (worth ${score}) for ${this.#nameOf(by)} (worth ${newcomerScore})`
    this.#lastEviction = `last ${text}`
    this.#report?.mention('evicted', text, { peerId, by, score, newcomerScore })
  }

  #waiting(): readonly string[] {
    const now = Date.now()
    const { next } = this.#retries
    const named = next.slice(0, MOST_NAMED).map(([peerId, { until, attempt }]) => {
      return `${this.#nameOf(peerId)} in ${inSeconds(Math.max(0, until - now))} (attempt ${attempt})`
    })
    return next.length > MOST_NAMED ? [...named, `and ${next.length - MOST_NAMED} more`] : named
  }
}

function whyOf(reason: string, remoteReason: string | undefined): string {
  const why = WHY[reason] ?? reason
  return remoteReason === undefined ? why : `${why} (${remoteReason})`
}

function attempts(count: number): string {
  return `${count} ${count === 1 ? 'attempt' : 'attempts'}`
}
