/** Keeps one thing true: a log of plain lines tells what went wrong and never floods, however much goes wrong at once. */
import type { Subscription } from 'rxjs'
import type { Transition } from '../../machines/domain/transition.ts'
import type { ConsoleOutput } from './console-output.ts'
import { LimitWatch } from './limit-watch.ts'
import { metricsLine, noteworthy, plainLine, transitionLine } from './plain-lines.ts'
import type { Report, Watched } from './report.ts'

/** Of one kind, so many lines are told between two lines of metrics; the others are counted. */
const MOST_OF_A_KIND = 4

/** What a plain report tells, and how often. */
export interface PlainReportOptions {
  /** How often the metrics are told, in milliseconds. @default 1_000 */
  readonly metricsMs?: number
  /** What a transition that is worth a line is called; undefined: it is none. @default failures and evictions */
  readonly kindOf?: (transition: Transition) => string | undefined
}

/** Lines: the metrics now and then, and what is out of the ordinary when it happens. */
export class PlainReport implements Report {
  readonly #watched: Watched
  readonly #output: ConsoleOutput
  readonly #limit = new LimitWatch()
  readonly #told = new Map<string, number>()
  readonly #timer: NodeJS.Timeout
  readonly #subscription: Subscription
  readonly #kindOf: (transition: Transition) => string | undefined

  constructor(watched: Watched, output: ConsoleOutput, { metricsMs = 1_000, kindOf = noteworthy }: PlainReportOptions = {}) {
    this.#watched = watched
    this.#output = output
    this.#kindOf = kindOf
    this.note('begin', watched.title)
    this.#subscription = watched.manager.transitions$.subscribe((transition) => this.#tell(transition))
    this.#timer = setInterval(this.#tellMetrics, metricsMs)
  }

  note(label: string, text: string): void {
    this.#output.print(plainLine(Date.now(), label, text))
  }

  mention(label: string, text: string): void {
    if (this.#count(label) <= MOST_OF_A_KIND) this.note(label, text)
  }

  close(): void {
    clearInterval(this.#timer)
    this.#subscription.unsubscribe()
  }

  #tell(transition: Transition): void {
    const { manager } = this.#watched
    if (this.#limit.look(manager.metrics) && this.#count('limit') === 1) {
      this.note('limit', `reached: all ${manager.metrics.limit} links are taken`)
    }
    const kind = this.#kindOf(transition)
    if (kind === undefined || this.#count(kind) > MOST_OF_A_KIND) return
    this.#output.print(transitionLine(kind, { transition, name: this.#watched.nameOf(transition.peerId) }))
  }

  #count(kind: string): number {
    const told = (this.#told.get(kind) ?? 0) + 1
    this.#told.set(kind, told)
    return told
  }

  readonly #tellMetrics = (): void => {
    for (const [kind, told] of this.#told) if (told > MOST_OF_A_KIND) this.note(kind, `… and ${told - MOST_OF_A_KIND} more`)
    this.#told.clear()
    const { manager, refused } = this.#watched
    this.#output.print(metricsLine(manager.metrics, refused))
  }
}
