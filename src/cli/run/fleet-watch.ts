/** A watch on a node of a fleet: a line whenever its state is another one, and while it joins what it waits for. */
import type { Fleet } from '../../fleet/fleet.ts'
import type { FleetExplanation } from '../../runtime/options/fleet-gate.ts'
import type { Report } from '../report.ts'

/** How often a state is looked at, in milliseconds: it changes by leases, which are seconds long. */
const LOOK_MS = 250

/** Until it is closed, a report is told how a node stands in its fleet. */
export class FleetWatch {
  readonly #node: Fleet
  readonly #report: Report
  readonly #timer: NodeJS.Timeout
  #told = ''

  constructor(node: Fleet, report: Report) {
    this.#node = node
    this.#report = report
    this.#timer = setInterval(() => this.#look(), LOOK_MS)
    this.#look()
  }

  close(): void {
    clearInterval(this.#timer)
  }

  #look(): void {
    const now = this.#node.explain()
    const text = fleetInWords(now)
    if (text === this.#told) return
    this.#told = text
    const { fleet, node, state, store } = now
    const why = whyOf(now)
    this.#report.note('fleet', text, { fleet, node, state, store, ...(why === '' ? {} : { why }) })
  }
}

/** How a node stands in its fleet, and why it stands no better. */
export function fleetInWords(now: FleetExplanation): string {
  const why = whyOf(now)
  return `${now.node} in '${now.fleet}' at ${now.store}: ${now.state}${why === '' ? '' : `; ${why}`}`
}

function whyOf({ leaseUntil, state, storeError }: FleetExplanation): string {
  if (storeError !== undefined) return storeError
  // It has registered, and yet nothing is granted.
  if (state !== 'joining' || leaseUntil === undefined) return ''
  return 'the store is new or has lost its data, so nothing is granted for one lease and the lock-delay'
}
