/** A log of plain lines tells what went wrong and never floods, however much goes wrong at once. */
import type { Subscription } from 'rxjs'
import type { Transition } from '../../machines/domain/transition.ts'
import { SAFETY_WORDS, safetyOf } from '../transports/link-safety.ts'
import type { ConsoleOutput } from './console-output.ts'
import { LimitWatch } from './limit-watch.ts'
import { metricsLine, noteworthy, plainLine, transitionLine } from './plain-lines.ts'
import type { Report, Watched } from './report.ts'

/** Of one kind, so many lines are told between two lines of metrics; the others are counted. */
const MOST = { transitions: 4, mentions: 8 }

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
  readonly #told = new Map<string, { count: number; readonly most: number }>()
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
    if (this.#mayTell(label, MOST.mentions)) this.note(label, text)
  }

  close(): void {
    clearInterval(this.#timer)
    this.#subscription.unsubscribe()
  }

  #tell(transition: Transition): void {
    const { manager } = this.#watched
    if (this.#limit.look(manager.metrics) && this.#mayTell('limit', MOST.transitions)) {
      this.note('limit', `reached: all ${manager.metrics.limit} links are taken`)
    }
    const kind = this.#kindOf(transition)
    if (kind === undefined || !this.#mayTell(kind, MOST.transitions)) return
    this.#output.print(
      transitionLine(kind, { transition, name: this.#watched.nameOf(transition.peerId), safety: this.#safetyOf(transition) }),
    )
  }

  #safetyOf({ peerId, to }: Transition): string {
    if (to !== 'Connected') return ''
    const { security, remoteAddress = '' } = this.#watched.manager.explain(peerId) ?? {}
    return SAFETY_WORDS[safetyOf(security, remoteAddress)]
  }

  #mayTell(kind: string, most: number): boolean {
    const told = this.#told.get(kind) ?? { count: 0, most }
    told.count++
    this.#told.set(kind, told)
    return told.count <= most
  }

  readonly #tellMetrics = (): void => {
    for (const [kind, { count, most }] of this.#told) if (count > most) this.note(kind, `… and ${count - most} more`)
    this.#told.clear()
    const { manager, refused } = this.#watched
    this.#output.print(metricsLine(manager.metrics, refused))
  }
}
