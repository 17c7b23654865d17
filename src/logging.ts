/** The log of a manager: a line for what an operator should know, at the level of its meaning, and never so many that they fill a disk. */
import { shownPeerId, shownWords } from '../machines/domain/shown.ts'
import type { Move } from '../machines/domain/transition.ts'
import type { Logger } from './runtime/options/logger.ts'
import type { Supervisor } from './runtime/supervisor/supervisor.ts'

type Level = 'debug' | 'info' | 'warn' | 'error'

/** So many lines a second, and so many at once; debug lines have as many of their own. */
const PER_SECOND = 10
const BURST = 100
/** A limit that goes on being reached is told once in so many milliseconds, with how often. */
const LIMIT_EACH_MS = 60_000

/** Links that ended so are nobody's wish. */
const LOST: ReadonlySet<string> = new Set(['link-error', 'heartbeat-lost', 'evicted'])

/** Refusals that speak of a limit: our own connects by their codes, arriving links by their reasons. */
const LIMITS: ReadonlySet<string> = new Set([
  'ERR_MAX_CONNECTIONS',
  'ERR_QUEUE_FULL',
  'max-connections',
  'inbound-limit',
  'pending-limit',
  'host-limit',
  'subnet-limit',
  'host-rate',
  'total-rate',
])

/** Logs what happens to a supervisor, until it ends. */
export function logTo(logger: Logger, { world }: Supervisor): void {
  const lines = new Lines(logger, () => world.now())
  const limits = new LimitWatch(lines)
  world.streams.moves.observable.subscribe((move) => lines.write(levelOf(move), () => fieldsOf(move), wordsOf(move)))
  world.observe({
    refused: ({ code }) => limits.reached(code, world.now()),
    turnedAway: (reason) => limits.reached(reason, world.now()),
  })
}

function levelOf({ to, reason }: Move): Level {
  if (reason === 'crashed') return 'error'
  return to === 'Failed' || LOST.has(reason) ? 'info' : 'debug'
}

function fieldsOf({ peerId, from, to, reason, failure, remoteReason }: Move): object {
  return {
    peerId: shownPeerId(peerId),
    from,
    to,
    reason,
    ...(failure === undefined ? {} : { code: failure.code, failure: shownWords(failure.message) }),
    ...(remoteReason === undefined ? {} : { remoteReason }),
  }
}

function wordsOf({ to, reason }: Move): string {
  return `peer ${to === undefined ? 'forgotten' : to.toLowerCase()}: ${reason}`
}

/** The lines of one log. */
class Lines {
  readonly #logger: Logger
  readonly #now: () => number
  readonly #left = { usual: BURST, debug: BURST }
  #at: number
  #suppressed = 0

  constructor(logger: Logger, now: () => number) {
    this.#logger = logger
    this.#now = now
    this.#at = now()
  }

  write(level: Level, fields: () => object, message: string): void {
    if (this.#logger.isLevelEnabled?.(level) === false) return
    this.#refill()
    const purse = level === 'debug' ? 'debug' : 'usual'
    if (this.#left[purse] < 1) return void this.#suppressed++
    this.#left[purse]--
    if (this.#suppressed > 0) {
      this.#logger.warn({ suppressed: this.#suppressed }, 'lines were left out: there were too many')
      this.#suppressed = 0
    }
    this.#logger[level](fields(), message)
  }

  #refill(): void {
    const at = this.#now()
    const more = ((at - this.#at) / 1_000) * PER_SECOND
    this.#at = at
    this.#left.usual = Math.min(BURST, this.#left.usual + more)
    this.#left.debug = Math.min(BURST, this.#left.debug + more)
  }
}

/** Limits that are reached, told at first and then once a minute each, with how often. */
class LimitWatch {
  readonly #lines: Lines
  readonly #reached = new Map<string, { count: number; dueAt: number }>()

  constructor(lines: Lines) {
    this.#lines = lines
  }

  reached(limit: string, at: number): void {
    if (!LIMITS.has(limit)) return
    const one = this.#reached.get(limit) ?? { count: 0, dueAt: 0 }
    this.#reached.set(limit, one)
    one.count++
    if (at < one.dueAt) return
    const { count } = one
    this.#lines.write('warn', () => ({ reason: limit, count }), 'limit reached')
    one.count = 0
    one.dueAt = at + LIMIT_EACH_MS
  }
}
