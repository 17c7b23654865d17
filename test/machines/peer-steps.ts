/** A peer machine can be put into any state, and held against its table there. */
import { initialTransition, transition } from 'xstate'
import type { Failure } from '../../machines/domain/failure.ts'
import { type PeerState, spellState } from '../../machines/domain/peer-state.ts'
import { type PeerContext, type PeerEvent, peerMachine } from '../../machines/peer-machine.ts'
import type { Owner } from '../../machines/policy/report.ts'
import { spellChanges, spellStep } from './effects.ts'
import { CASES, contextOf } from './peer-cases.ts'
import { peerTable } from './peer-table.ts'

/** The peer machine, or a mutant of it. */
export type PeerMachine = typeof peerMachine

/** Where an actor of the machine begins. */
export function fresh() {
  return initialTransition(peerMachine, { peerId: 'peer' })[0]
}

/** What an event does in a state, as a line of text. */
export function peerStep(machine: PeerMachine, state: PeerState, owner: Owner, event: PeerEvent): string {
  const before = snapshotOf(machine, state, contextOf(owner))
  const [after, actions] = transition(machine, before, event)
  const changes = spellChanges(before.context, after.context, spellValue)
  return spellStep(before, after, { state: spellState, actions, changes })
}

/** What every case does in a state, and what the table says that it does. */
export function comparePeer(machine: PeerMachine, state: PeerState, owner: Owner): Record<'actual' | 'written', Record<string, string>> {
  const table = peerTable(state, owner)
  return {
    actual: Object.fromEntries(Object.entries(CASES).map(([name, event]) => [name, peerStep(machine, state, owner, event)])),
    written: Object.fromEntries(Object.keys(CASES).map((name) => [name, withoutWhatIsSo(table[name] ?? '', owner)])),
  }
}

function snapshotOf(machine: PeerMachine, state: PeerState, context: PeerContext) {
  const [status, substate] = state.split('.') as [string, string | undefined]
  const value = (substate === undefined ? status : { [status]: substate }) as ReturnType<typeof fresh>['value']
  return machine.resolveState({ value, context })
}

/** A cell of the table, but for the changes that change nothing. */
function withoutWhatIsSo(cell: string, owner: Owner): string {
  const [does, changes = ''] = cell.split('; ')
  const real = changes.split(', ').filter((change) => change !== '' && change !== `owner=${owner}`)
  return real.length === 0 ? (does ?? '') : `${does}; ${real.join(', ')}`
}

function spellValue(value: unknown): string {
  if (value === undefined) return 'none'
  return typeof value === 'object' ? (value as Failure).code.replace('ERR_', '').toLowerCase() : `${value as string | number}`
}
