/** Keeps one thing true: a log of plain lines tells what went wrong and never floods, however much goes wrong at once. */
import type { Subscription } from 'rxjs'
import type { Transition } from '../../machines/domain/transition.ts'
import type { ConsoleOutput } from './console-output.ts'
import { LimitWatch } from './limit-watch.ts'
import { metricsLine, noteworthy, plainLine, transitionLine } from './plain-lines.ts'
import type { Report, Watched } from './report.ts'

const METRICS_MS = 1_000
/** Of one kind, so many transitions are told between two lines of metrics; the others are counted. */
const MOST_OF_A_KIND = 4

/** Lines: the metrics once a second, and what is out of the ordinary when it happens. */
export class PlainReport implements Report {
  readonly #watched: Watched
  readonly #output: ConsoleOutput
  readonly #limit = new LimitWatch()
  readonly #told = new Map<string, number>()
  readonly #timer: NodeJS.Timeout
  readonly #subscription: Subscription

  constructor(watched: Watched, output: ConsoleOutput) {
    this.#watched = watched
    this.#output = output
    this.note('begin', watched.title)
    this.#subscription = watched.manager.transitions$.subscribe((transition) => this.#tell(transition))
    this.#timer = setInterval(this.#tellMetrics, METRICS_MS)
  }

  note(label: string, text: string): void {
    this.#output.print(plainLine(Date.now(), label, text))
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
    const kind = noteworthy(transition)
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
