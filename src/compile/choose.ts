/** The choice of a transition: of all that an event might take, the one that XState would take is taken. */
import type { AnyMachineSnapshot, EventObject } from 'xstate'
import { type Candidate, matches, type State } from './table.ts'

/** The transition that an event takes in a state; undefined: nothing here handles it. Throws where a guard does. */
export function choose(state: State, snapshot: AnyMachineSnapshot, event: EventObject): Candidate | undefined {
  const named = state.candidates.get(event.type)
  if (named !== undefined) return firstOf(named, snapshot, event)
  // Nothing is kept of a type that nobody names: there may be any number of them.
  for (const { prefix, candidates } of state.wildcards) {
    if (!matches(event.type, prefix)) continue
    const found = firstOf(candidates, snapshot, event)
    if (found !== undefined) return found
  }
  return undefined
}

function firstOf(candidates: readonly Candidate[], snapshot: AnyMachineSnapshot, event: EventObject): Candidate | undefined {
  for (let index = 0; index < candidates.length; index++) {
    const candidate = candidates[index]!
    if (candidate.guard === undefined || passes(candidate, snapshot, event)) return candidate
  }
  return undefined
}

/** Whether the guard of a candidate lets an event pass. */
export function passes(candidate: Candidate, snapshot: AnyMachineSnapshot, event: EventObject): boolean {
  try {
    return candidate.guard!(snapshot, event)
  } catch (error) {
    throw guardFailed(candidate, event, error)
  }
}

/** The error of a guard that threw, in XState's words. It reads the message of whatever was thrown, and so do we. */
export function guardFailed({ guardName, transitions }: Candidate, event: EventObject, error: unknown): Error {
  const which = guardName ? `'${guardName}' ` : ''
  const where = `in transition for event '${event.type}' in state node '${transitions[0].source.id}'`
  return new Error(`Unable to evaluate guard ${which}${where}:\n${(error as Error).message}`, { cause: error })
}
