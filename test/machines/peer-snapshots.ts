/** Keeps one thing true: a test can put the peer machine into any state, whether or not events would bring it there. */
import { initialTransition } from 'xstate'
import type { PeerState } from '../../machines/domain/peer-state.ts'
import { type PeerContext, peerMachine } from '../../machines/peer-machine.ts'

/** Where an actor of the machine begins. */
export function fresh() {
  return initialTransition(peerMachine, { peerId: 'peer' })[0]
}

/** The machine in a state. */
export function snapshotOf(state: PeerState, context: PeerContext) {
  const [status, substate] = state.split('.') as [string, string | undefined]
  const value = (substate === undefined ? status : { [status]: substate }) as ReturnType<typeof fresh>['value']
  return peerMachine.resolveState({ value, context })
}
