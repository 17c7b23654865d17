/** The flows of the supervisor: which transition its machine takes is found as the machine finds it, by its own guards. */
import { supervisorMachine, type SupervisorContext, type SupervisorEvent } from '../../machines/supervisor-machine.ts'
import { supervisorOutline } from './outline.ts'
import { placesOf } from './peer-flows.ts'

/** Where the supervisor's flows are kept: all transitions of its outline, in one row. */
export const SUPERVISOR_PLACES = placesOf(supervisorOutline)

interface Candidate {
  readonly place: number
  takes(context: SupervisorContext, event: SupervisorEvent): boolean
}

const guards = supervisorMachine.implementations.guards as Readonly<Record<string, unknown>>
const candidates = new Map<string, Candidate[]>()
SUPERVISOR_PLACES.forEach(([edge, index], place) => {
  const { source, transitions } = supervisorOutline.edges[edge]!
  const { event, guard } = transitions[index]!
  const holds = guard === undefined ? undefined : (guards[guard] as (args: object, params: unknown) => boolean)
  const key = `${source} ${event}`
  const row = candidates.get(key) ?? []
  candidates.set(key, row)
  row.push({ place, takes: holds === undefined ? () => true : (context, taken) => holds({ context, event: taken }, undefined) })
})

/** The place of the transition that an event takes in a state, among {@link SUPERVISOR_PLACES}; -1: none. */
export function supervisorFlowOf(state: string, context: SupervisorContext, event: SupervisorEvent): number {
  return candidates.get(`${state} ${event.type}`)?.find((candidate) => candidate.takes(context, event))?.place ?? -1
}
