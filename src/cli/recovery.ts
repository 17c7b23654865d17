/** Keeps one thing true: who is dialled again, whose breaker trips and who had to yield is told when it happens, and why. */
import type { Subscription } from 'rxjs'
import type { PeerId } from '../../machines/domain/peer-id.ts'
import type { Transition } from '../../machines/domain/transition.ts'
import type { ConnectionManager } from '../connection-manager.ts'
import type { Explanation } from '../runtime/explanation.ts'
import { BreakerWatch } from './breaker-watch.ts'
import { heldLinks } from './limit-watch.ts'
import { inSeconds } from './quantities.ts'
import type { Fact, Report } from './report.ts'

/** A look is taken so long after an attempt was due, in milliseconds: it may have been refused, which no transition tells. */
const LOOK_AFTER_MS = 20
/** The longest that a timer can take. */
const LONGEST_MS = 2_147_483_647
/** Attempts that were put off by less are not told again. */
const WORTH_TELLING_MS = 50
/** More are counted. */
const MOST_NAMED = 3

const WHY: Readonly<Record<string, string>> = {
  'remote-closed': 'the other side closed the link',
  evicted: 'it yielded its slot',
}

interface Wait {
  readonly since: number
  /** When it is due; `Infinity`: it is under way. */
  readonly until: number
  readonly attempt: number
}

/** What is counted. */
export interface RecoveryCounts {
  readonly retries: number
  readonly reconnected: number
  readonly givenUp: number
  readonly breakersOpened: number
  readonly breakersClosed: number
  readonly evicted: number
}

/** Watches how a manager recovers, from when it has somebody to tell until it is closed. */
export class Recovery {
  readonly #manager: ConnectionManager
  readonly #nameOf: (peerId: PeerId) => string
  readonly #breakers = new BreakerWatch()
  readonly #waits = new Map<PeerId, Wait>()
  readonly #counts = { retries: 0, reconnected: 0, givenUp: 0, evicted: 0 }
  #subscription: Subscription | undefined
  #report: Report | undefined
  #timer: NodeJS.Timeout | undefined
  #refused = 0
  #lastEviction = ''

  constructor(manager: ConnectionManager, nameOf: (peerId: PeerId) => string) {
    this.#manager = manager
    this.#nameOf = nameOf
  }

  /** Attempts to reconnect that got no slot. */
  get refused(): number {
    return this.#refused
  }

  get counts(): RecoveryCounts {
    return { ...this.#counts, breakersOpened: this.#breakers.opened, breakersClosed: this.#breakers.closed }
  }

  /** What there is to be seen of it; nothing where nothing has happened. */
  get facts(): readonly Fact[] {
    const { retries, reconnected, givenUp, evicted } = this.#counts
    const gone = givenUp === 0 ? [] : [`${givenUp} given up`]
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
    clearTimeout(this.#timer)
    this.#subscription?.unsubscribe()
  }

  #follow({ peerId, to, reason, failure }: Transition): void {
    const known = this.#manager.explain(peerId)
    if (reason === 'evicted') this.#evicted(peerId, known)
    const trip = this.#breakers.look(peerId, known, to)
    if (trip !== undefined) this.#report?.mention('breaker', `${this.#nameOf(peerId)} ${trip.text}`, { peerId, ...trip.fields })
    if (to === 'Failed' || to === 'Disconnected')
      this.#lost(peerId, known, failure?.code ?? reason, failure?.message ?? WHY[reason] ?? reason)
    else if (to === 'Connected') this.#back(peerId)
    else if (to === undefined) this.#waits.delete(peerId)
  }

  #lost(peerId: PeerId, known: Explanation | undefined, code: string, message: string): void {
    const before = this.#waits.get(peerId)
    const until = nextTry(known)
    if (until !== undefined) {
      return this.#wait(peerId, { since: before?.since ?? Date.now(), until, attempt: known?.attempts ?? 0 }, code, message)
    }
    if (before === undefined) return
    const { attempt } = before
    this.#waits.delete(peerId)
    this.#counts.givenUp++
    this.#report?.mention('abandoned', `${this.#nameOf(peerId)} after ${attempts(attempt)}`, { peerId, attempts: attempt, code, message })
  }

  #wait(peerId: PeerId, wait: Wait, code: string, message: string, why = ''): void {
    this.#waits.set(peerId, wait)
    this.#counts.retries++
    this.#watch()
    const inMs = Math.max(0, Math.round(wait.until - Date.now()))
    const text = `${this.#nameOf(peerId)} reconnecting in ${inSeconds(inMs)} (attempt ${wait.attempt})${why}`
    this.#report?.mention('retry', text, { peerId, attempt: wait.attempt, inMs, code, message })
  }

  #back(peerId: PeerId): void {
    const wait = this.#waits.get(peerId)
    if (wait === undefined) return
    this.#waits.delete(peerId)
    this.#counts.reconnected++
    const downMs = Date.now() - wait.since
    const text = `${this.#nameOf(peerId)} after ${attempts(wait.attempt)} in ${inSeconds(downMs)}`
    this.#report?.mention('recovered', text, { peerId, attempts: wait.attempt, downMs })
  }

  #evicted(peerId: PeerId, known: Explanation | undefined): void {
    this.#counts.evicted++
    const eviction = known?.eviction
    if (eviction === undefined) return
    const { by, score, newcomerScore } = eviction
    const text = `${this.#nameOf(peerId)} (worth ${score}) for ${this.#nameOf(by)} (worth ${newcomerScore})`
    this.#lastEviction = `last ${text}`
    this.#report?.mention('evicted', text, { peerId, by, score, newcomerScore })
  }

  /** Looks again when the first of the attempts to come was due. */
  #watch(): void {
    clearTimeout(this.#timer)
    const first = Math.min(...Array.from(this.#waits.values(), ({ until }) => until))
    if (first === Infinity) return
    this.#timer = setTimeout(this.#look, Math.min(LONGEST_MS, Math.max(0, first - Date.now()) + LOOK_AFTER_MS))
  }

  readonly #look = (): void => {
    const now = Date.now()
    for (const [peerId, wait] of this.#waits) {
      if (wait.until > now) continue
      const known = this.#manager.explain(peerId)
      const until = nextTry(known)
      if (until === undefined || until - wait.until < WORTH_TELLING_MS) {
        this.#waits.set(peerId, { ...wait, until: until === undefined ? Infinity : Math.max(until, now) })
      } else if (known?.breaker.state !== 'closed') {
        this.#wait(peerId, { ...wait, until }, 'ERR_CIRCUIT_OPEN', 'its breaker was open')
      } else {
        this.#refused++
        const message = `no slot for '${peerId}'${this.#full}`
        this.#wait(peerId, { ...wait, until }, 'ERR_MAX_CONNECTIONS', message, `: ${message}`)
      }
    }
    this.#watch()
  }

  /** How full it is; nothing where a slot has become free since. */
  get #full(): string {
    const { metrics } = this.#manager
    const held = heldLinks(metrics)
    return held < metrics.limit ? '' : `: ${held} of ${metrics.limit} connections are held`
  }

  /** The next to be dialled again first. */
  #waiting(): readonly string[] {
    const now = Date.now()
    const next = [...this.#waits].filter(([, { until }]) => until !== Infinity).toSorted(([, a], [, b]) => a.until - b.until)
    const named = next.slice(0, MOST_NAMED).map(([peerId, { until, attempt }]) => {
      return `${this.#nameOf(peerId)} in ${inSeconds(Math.max(0, until - now))} (attempt ${attempt})`
    })
    return next.length > MOST_NAMED ? [...named, `and ${next.length - MOST_NAMED} more`] : named
  }
}

/** When a peer is dialled again, in milliseconds since the epoch: an open breaker refuses what comes earlier. */
function nextTry(known: Explanation | undefined): number | undefined {
  const { waiting, breaker } = known ?? {}
  if (waiting?.for === 'free dial') return Date.now()
  if (waiting?.for !== 'backoff') return undefined
  return Math.max(waiting.until ?? 0, breaker?.state === 'open' ? (breaker.until ?? 0) : 0)
}

function attempts(count: number): string {
  return `${count} ${count === 1 ? 'attempt' : 'attempts'}`
}
