/** The snapshot of a compiled machine's actor shows what the machine's own would show, in fewer bytes. */
import type { AnyMachineSnapshot, AnyStateMachine, AnyStateNode, EventObject, MachineContext, SnapshotStatus, StateValue } from 'xstate'
import { matchesState } from 'xstate'
import { choose } from './choose.ts'
import type { State, Table } from './table.ts'

const EMPTY = Object.freeze({})
const tagsByNodes = new WeakMap<readonly AnyStateNode[], Set<string>>()

/** A machine's snapshot of fixed shape. All that the state alone decides is worked out when it is asked for. */
export class CompiledSnapshot {
  // Own and enumerable: where an actor fails, XState spreads its snapshot, and of a class only these survive.
  readonly status: SnapshotStatus
  readonly output: unknown
  readonly error: unknown
  readonly value: StateValue
  readonly context: MachineContext
  readonly #state: State

  constructor(state: State, status: SnapshotStatus, context: MachineContext, output: unknown, error: unknown) {
    this.status = status
    this.output = output
    this.error = error
    this.value = state.value
    this.context = context
    this.#state = state
  }

  /** Whether a snapshot was made for this table. */
  static isOf(snapshot: object, table: Table): snapshot is CompiledSnapshot {
    return #state in snapshot && (snapshot.#state.table === table || snapshot.#state.table === table.slow)
  }

  /** Where in its table the snapshot is. */
  get state(): State {
    return this.#state
  }

  /** The same, with another status. */
  withStatus(status: SnapshotStatus, error: unknown): CompiledSnapshot {
    return new CompiledSnapshot(this.#state, status, this.context, this.output, error)
  }

  get machine(): AnyStateMachine {
    return this.#state.table.machine
  }

  get children(): object {
    return EMPTY
  }

  get historyValue(): object {
    return EMPTY
  }

  /** The active states, outermost first. */
  get _nodes(): readonly AnyStateNode[] {
    return this.#state.nodes
  }

  get tags(): Set<string> {
    const { _nodes } = this
    const tags = tagsByNodes.get(_nodes) ?? new Set(_nodes.flatMap((node) => node.tags))
    tagsByNodes.set(_nodes, tags)
    return tags
  }

  matches(value: StateValue): boolean {
    return matchesState(value, this.value)
  }

  hasTag(tag: string): boolean {
    return this.tags.has(tag)
  }

  can(event: EventObject): boolean {
    const snapshot = this as unknown as AnyMachineSnapshot
    if (#state in this) return choose(this.#state, snapshot, event)?.isEffective ?? false
    // An exposed snapshot, after XState has spread it.
    const transitions = (snapshot.machine as AnyStateMachine).getTransitionData(snapshot, event)
    return transitions.some(({ target, actions }) => target !== undefined || actions.length > 0)
  }

  getMeta(): Record<string, unknown> {
    const { _nodes: nodes } = this
    return Object.fromEntries(nodes.filter(({ meta }) => meta !== undefined).map(({ id, meta }) => [id, meta]))
  }

  toJSON(): object {
    const { status, output, error, context, value, children, historyValue, tags } = this
    return { status, output, error, context, value, children, historyValue, tags: [...tags] }
  }

  /** Makes the snapshot's own whatever its class gives it: an actor that fails spreads its snapshot. */
  expose(): void {
    const { machine, children, historyValue, _nodes, tags, matches, hasTag, can, getMeta, toJSON } = this
    const own = { machine, children, historyValue, _nodes, tags, matches, hasTag, can, getMeta, toJSON }
    for (const [key, value] of Object.entries(own)) {
      Object.defineProperty(this, key, { value, enumerable: true, configurable: true, writable: true })
    }
  }
}
