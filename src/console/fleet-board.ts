/** What pages are told of a fleet: small, redacted, and only when it is news. */
import type { ConsoleSource } from './source.ts'
import { redacted, type Redactor } from './redactor.ts'
import type { FleetView } from './wire.ts'

const MOST_NODES = 100

/** How a manager stands in its fleet, as pages are told. */
export class FleetBoard {
  readonly #source: ConsoleSource
  readonly #redact: Redactor
  #told = ''

  constructor(source: ConsoleSource, redact: Redactor) {
    this.#source = source
    this.#redact = redact
  }

  /** As of now; undefined: it has none, or nothing of it is shown. */
  get view(): FleetView | undefined {
    const standing = this.#source.fleet?.()
    if (standing === undefined) return undefined
    const shown = redacted({ ...standing, living: standing.living.slice(0, MOST_NODES) }, this.#redact, ['fleet'])
    return typeof shown === 'object' && shown !== null ? shown : undefined
  }

  /** As of now, where that is not what was told last. */
  get news(): FleetView | undefined {
    const { view } = this
    const text = JSON.stringify(view) ?? ''
    if (text === this.#told) return undefined
    this.#told = text
    return view
  }
}
