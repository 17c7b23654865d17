/** The error of a machine that cannot be compiled says what it uses, and where. */

/** One thing that a machine uses and a table cannot hold. @since 0.1.0 */
export interface Refusal {
  /** What it is, as XState spells it: `invoke`, `always`, `raise`. */
  readonly feature: string
  /** The id of the state that uses it: `peer.Connecting.dialing`. */
  readonly state: string
}

/**
 * The machine uses what cannot be compiled. Run it with XState's interpreter, or express it otherwise.
 *
 * Thrown by `compile`; and by the actor's step, where a `context` or an `assign` calls `spawn`.
 *
 * @since 0.1.0
 */
export class UncompilableError extends Error {
  override readonly name = 'UncompilableError'
  /** The id of the machine. */
  readonly machine: string
  /** All that it uses and must not, in the order of its states. */
  readonly refusals: readonly Refusal[]

  constructor(machine: string, refusals: readonly Refusal[]) {
    const list = refusals.map(({ feature, state }) => `${feature} (at '#${state}')`).join(', ')
    super(`The machine '${machine}' cannot be compiled, it uses ${list}. Run it with createActor(machine), or do without.`)
    this.machine = machine
    this.refusals = refusals
  }
}
