/** How often each reason, code and refusal came up is counted, and one that never did is named. */
import type { ConnectionErrorCode } from 'qudag-connections'
import { TRANSITION_REASONS } from '../../machines/domain/transition.ts'
import type { WarmUpSkip } from '../../machines/policy/warm-up.ts'
import type { ArrivalRefusal } from '../../src/runtime/admission/door.ts'

/** Every code of a ConnectionError. A new one is missed here by the type. */
const CODES: { readonly [C in ConnectionErrorCode]: true } = {
  ERR_MAX_CONNECTIONS: true,
  ERR_CONNECT_TIMEOUT: true,
  ERR_DIAL_FAILED: true,
  ERR_NO_ADDRESS: true,
  ERR_NO_TRANSPORT: true,
  ERR_LISTEN_FAILED: true,
  ERR_NOT_CONNECTED: true,
  ERR_DISCONNECTED: true,
  ERR_INVALID_TRANSITION: true,
  ERR_STOPPED: true,
  ERR_CIRCUIT_OPEN: true,
  ERR_QUEUE_FULL: true,
  ERR_DENIED: true,
  ERR_RATE_LIMITED: true,
  ERR_FRAME_TOO_LARGE: true,
  ERR_BUFFER_FULL: true,
  ERR_IDENTITY_MISMATCH: true,
  ERR_SELF_DIAL: true,
  ERR_REJECTED_BY_PEER: true,
  ERR_STORE: true,
  ERR_OWNED_ELSEWHERE: true,
}

/** What cannot come up here, and why. */
const IMPOSSIBLE: Readonly<Record<string, string>> = {
  'code ERR_RATE_LIMITED': 'nothing throws it: it is reserved',
  'code ERR_REJECTED_BY_PEER': 'the other side of these links is the test, and turns nobody away',
  'code ERR_STORE': 'these managers are of no fleet',
  'code ERR_OWNED_ELSEWHERE': 'these managers are of no fleet',
  'arrival owned-elsewhere': 'these managers are of no fleet',
  'arrival fleet-limit': 'these managers are of no fleet',
  'arrival fleet-away': 'these managers are of no fleet',
  'arrival older-fence': 'these managers ask for no fence',
  'code ERR_BUFFER_FULL': 'nothing waits to be sent on these links',
}

/** What the option `admission` can refuse with, and the wait that a timeout speaks of. */
const DETAILS = [
  'reason eviction-exhausted',
  'reason rejected by the option admission',
  'reason not today',
  'reason the option admission threw: broken',
  `reason the option admission must return 'admit', 'queue', 'evict' or 'reject'`,
  'waited for a slot',
  'waited for a turn',
  'waited for the gate',
  'waited for addresses',
  'waited for a dial',
  'failure ERR_CRASHED',
] as const

const SKIPS: { readonly [S in WarmUpSkip]: true } = {
  held: true,
  'no-pool': true,
  'circuit-open': true,
  'no-slot': true,
  'pool-full': true,
}

const ARRIVALS: { readonly [R in ArrivalRefusal]: true } = {
  stopped: true,
  'invalid-id': true,
  denied: true,
  'host-rate': true,
  'total-rate': true,
  'host-limit': true,
  'subnet-limit': true,
  'pending-limit': true,
  gate: true,
  'gate-timeout': true,
  gone: true,
  self: true,
  superseded: true,
  duplicate: true,
  'inbound-limit': true,
  'max-connections': true,
  'owned-elsewhere': true,
  'fleet-limit': true,
  'fleet-away': true,
  'older-fence': true,
}

/** What came up, how often. */
export class Tally {
  sequences = 0
  steps = 0
  readonly #counts = new Map<string, number>()

  add(what: string, times = 1): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + times)
  }

  /** What never came up, and could have. */
  get missing(): readonly string[] {
    return this.#expected().filter((what) => !this.#counts.has(what) && !(what in IMPOSSIBLE))
  }

  /** What came up although it cannot. */
  get surprises(): readonly string[] {
    return Object.keys(IMPOSSIBLE).filter((what) => this.#counts.has(what))
  }

  /** The counts as a table, in three columns. */
  get table(): string {
    const names = [...new Set([...this.#expected(), ...[...this.#counts.keys()].toSorted()])]
    const cells = names.map(
      (what) =>
        `${String(this.#counts.get(what) ?? 0).padStart(9)}  ${(what in IMPOSSIBLE ? `${what} (${IMPOSSIBLE[what]})` : what).padEnd(38)}`,
    )
    const height = Math.ceil(cells.length / 3)
    const lines = Array.from({ length: height }, (_, row) => [row, row + height, row + 2 * height].map((i) => cells[i] ?? '').join(''))
    return [`${this.sequences} sequences, ${this.steps} steps`, ...lines.map((line) => line.trimEnd())].join('\n')
  }

  #expected(): readonly string[] {
    return [
      ...TRANSITION_REASONS.map((reason) => `move ${reason}`),
      ...Object.keys(CODES).map((code) => `code ${code}`),
      ...Object.keys(ARRIVALS).map((reason) => `arrival ${reason}`),
      ...Object.keys(SKIPS).map((reason) => `warm-up ${reason}`),
      ...DETAILS,
    ]
  }
}
