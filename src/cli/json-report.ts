/** Each line is one JSON object whose `type` says what the others of its fields are. */
import type { Transition } from '../../machines/domain/transition.ts'
import { shownJson } from './shown-json.ts'
import type { ConsoleOutput } from './console-output.ts'
import type { Report, Watched } from './report.ts'

/** What a JSON report tells beside transitions, and how often. */
export interface JsonReportOptions {
  /** How often the metrics are told, in milliseconds. */
  readonly metricsMs: number
  /** What stands beside the metrics. */
  readonly totals: () => Readonly<Record<string, unknown>>
}

/**
 * Lines for programs: `begin`, then every `transition` until the manager's last one, `metrics` now and then and once more
 * when it is closed, and each note with its label as type. Every line has `at`, in milliseconds since the epoch.
 */
export class JsonReport implements Report {
  readonly #watched: Watched
  readonly #output: ConsoleOutput
  readonly #totals: JsonReportOptions['totals']
  readonly #timer: NodeJS.Timeout
  #isOpen = true

  constructor(watched: Watched, output: ConsoleOutput, { metricsMs, totals }: JsonReportOptions) {
    this.#watched = watched
    this.#output = output
    this.#totals = totals
    const { title, manager } = watched
    this.note('begin', title, { title, pid: process.pid, limit: manager.metrics.limit })
    manager.transitions$.subscribe((transition) => this.#tell(transition))
    this.#timer = setInterval(this.#tellMetrics, metricsMs)
  }

  note(label: string, _text: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.#print(label, { at: Date.now(), ...fields })
  }

  mention(label: string, text: string, fields: Readonly<Record<string, unknown>>): void {
    this.note(label, text, fields)
  }

  /** The transitions go on until the manager is shut down, which ends the subscription: who reads them wants the last ones too. */
  close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    clearInterval(this.#timer)
    this.#tellMetrics()
  }

  #tell(transition: Transition): void {
    this.#print('transition', transitionFields(transition))
  }

  readonly #tellMetrics = (): void => {
    const { manager, refused } = this.#watched
    this.#print('metrics', { ...manager.metrics, refused, ...this.#totals() })
  }

  #print(type: string, fields: Readonly<Record<string, unknown>>): void {
    this.#output.print(shownJson({ type, ...fields }))
  }
}

/** What a line says of a transition. JSON has no undefined: whoever was not known before, or is forgotten, is null. */
export function transitionFields(transition: Omit<Transition, 'reason'> & { readonly reason: string }): Readonly<Record<string, unknown>> {
  const { at, seq, peerId, from, to, fromState, toState, reason, failure, remoteReason } = transition
  const states = { from: from ?? null, to: to ?? null, fromState: fromState ?? null, toState: toState ?? null }
  return { at, seq, peerId, ...states, reason, ...(failure && { failure }), ...(remoteReason && { remoteReason }) }
}
