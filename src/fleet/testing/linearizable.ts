/** The search of Wing and Gong: whether a history of calls that overlapped is one that a single key could have had, one call after the other. */

/** A call on one key, whose every written value is written once, so that a value stands for its revision. */
export interface KeyCall {
  /** When it was made, and when it was answered, in any unit that orders them; Infinity: it never was, and may have been done at any time after, or never. */
  readonly madeAt: number
  readonly answeredAt: number
  /** `cas`: it expects a value (undefined: absence) and writes another (undefined: deletes). */
  readonly call:
    | { readonly type: 'read' }
    | { readonly type: 'cas'; readonly expected: string | undefined; readonly next: string | undefined }
  /** What was answered; undefined: nothing. `value`: what a read, or a `cas` that was refused, has found. */
  readonly answer:
    | { readonly done: true; readonly revision: number }
    | { readonly done: false; readonly value: string | undefined }
    | undefined
}

interface State {
  readonly value: string | undefined
  /** The highest revision that an answer has told. */
  readonly revision: number
}

/**
 * Whether there is an order of the calls that keeps every call that was answered before another was made ahead of it, and in which
 * each answer is right: each `cas` is done exactly when its expectation holds, with revisions that grow, and each read sees the
 * last value. From: J. M. Wing and C. Gong, Testing and Verifying Concurrent Objects, 1993; states that were tried are remembered,
 * as G. Lowe does.
 */
export function isLinearizable(history: readonly KeyCall[]): boolean {
  const calls = history.toSorted((a, b) => a.madeAt - b.madeAt)
  const tried = new Set<string>()
  const search = (placed: readonly boolean[], state: State): boolean => {
    if (calls.every(({ answer }, index) => placed[index] === true || answer === undefined)) return true
    const name = `${placed.map(Number).join('')} ${state.revision} ${state.value ?? '-'}`
    if (tried.has(name)) return false
    tried.add(name)
    // Whoever was made after another was answered comes after it.
    const firstAnswer = Math.min(...calls.map(({ answeredAt }, index) => (placed[index] === true ? Infinity : answeredAt)))
    return calls.some((call, index) => {
      if (placed[index] === true || call.madeAt > firstAnswer) return false
      const next = after(call, state)
      return next !== undefined && search(placed.with(index, true), next)
    })
  }
  return search(
    calls.map(() => false),
    { value: undefined, revision: 0 },
  )
}

/** The state after a call; undefined: its answer is wrong here. */
function after({ call, answer }: KeyCall, state: State): State | undefined {
  if (call.type === 'read') return answer === undefined || (!answer.done && answer.value === state.value) ? state : undefined
  const holds = call.expected === state.value
  // One without an answer that is never done needs no place in the order.
  if (answer === undefined) return holds ? { ...state, value: call.next } : undefined
  if (!answer.done) return !holds && answer.value === state.value ? state : undefined
  return holds && answer.revision > state.revision ? { value: call.next, revision: answer.revision } : undefined
}
