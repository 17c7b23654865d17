/** Every mutant there is, with whether the tables of `test/machines` notice it. */
import { peerMachine } from '../../machines/peer-machine.ts'
import { supervisorMachine } from '../../machines/supervisor-machine.ts'
import { CELLS } from '../machines/peer-cases.ts'
import { comparePeer, type PeerMachine } from '../machines/peer-steps.ts'
import { compareSupervisor, STATES, type SupervisorMachine } from '../machines/supervisor-table.ts'
import { build, type Mutant, mutantsOf } from './mutants.ts'

/** A mutant, judged by the tables alone. */
export interface Judged extends Mutant {
  readonly byTable: boolean
}

/** Judges them all. Throws where the drawn machines themselves are not as the tables say. */
export function judgeAll(): Judged[] {
  if (!peerIsAsWritten(peerMachine) || !supervisorIsAsWritten(supervisorMachine)) {
    throw new Error('the machines are not as their tables say: mend that first (npx vitest run test/machines)')
  }
  return [
    ...mutantsOf('peer', peerMachine).map((mutant) => ({ ...mutant, byTable: !peerIsAsWritten(build(peerMachine, mutant.index)) })),
    ...mutantsOf('supervisor', supervisorMachine).map((mutant) => ({
      ...mutant,
      byTable: !supervisorIsAsWritten(build(supervisorMachine, mutant.index)),
    })),
  ]
}

function peerIsAsWritten(machine: PeerMachine): boolean {
  return CELLS.every(({ state, owner }) => isSame(comparePeer(machine, state, owner)))
}

function supervisorIsAsWritten(machine: SupervisorMachine): boolean {
  return STATES.every((state) => isSame(compareSupervisor(machine, state)))
}

function isSame({ actual, written }: Record<'actual' | 'written', Record<string, string>>): boolean {
  return Object.keys(written).every((name) => actual[name] === written[name])
}
