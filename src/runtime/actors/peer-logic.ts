/** A peer's actor is the machine as drawn, with its effects behind it and its every step noted. */
import type { AnyActorRef } from 'xstate'
import { codeOfValue } from '../../../machines/domain/peer-state.ts'
import { peerMachine } from '../../../machines/peer-machine.ts'
import { compile } from '../../compile/index.ts'
import { code } from './generated/peer-code.ts'
import * as effects from './peer-effects.ts'
import type { PeerRecord } from '../peers/peer-record.ts'
import type { PeerLogic, World } from '../world/world.ts'

/** The peer whose machine is moving, and its world. Machines of one world do not move within each other's moves: effects wait until they are over. */
let current: PeerRecord | undefined
let currentWorld: World | undefined

function act(effect: (world: World, peer: PeerRecord) => void): () => void {
  return () => {
    if (current !== undefined && currentWorld !== undefined) effect(currentWorld, current)
  }
}

/** One for all managers: which of them moves is said before each move. */
const machine = peerMachine.provide({
  actions: {
    tell: (_, { reason }) => {
      if (current !== undefined) current.told = reason
    },
    forget: (_, { reason }) => {
      if (current !== undefined) current.forgotten = reason
    },
    startDeadline: (_, params) => {
      if (current !== undefined && currentWorld !== undefined) effects.startDeadline(currentWorld, current, params)
    },
    refuseCallers: (_, { refusal }) => {
      if (current !== undefined && currentWorld !== undefined) effects.refuseCallers(currentWorld, current, refusal)
    },
    startDial: act(effects.startDial),
    abortDial: act(effects.abortDial),
    clearDeadline: act(effects.clearDeadline),
    adoptLink: act(effects.adoptLink),
    closeLink: act(effects.closeLink),
    abortLink: act(effects.abortLink),
    dropLink: act(effects.dropLink),
    serveCallers: act(effects.serveCallers),
    endHolds: act(effects.endHolds),
    settleClose: act(effects.settleClose),
  },
})
let compiled: ReturnType<typeof compile<typeof machine>> | undefined

/** The logic of every peer's actor in one world. */
export function createPeerLogic(world: World): PeerLogic {
  const { getInitialSnapshot, getPersistedSnapshot, restoreSnapshot, transition } = (compiled ??= compile(machine, code))
  const peerOf = (self: AnyActorRef): PeerRecord | undefined => {
    if (world.addressee?.ref === self) return world.addressee
    const peer = world.peers.get(self.id)
    return peer?.ref === self ? peer : undefined
  }
  return {
    config: machine.config,
    getInitialSnapshot,
    getPersistedSnapshot,
    restoreSnapshot,
    transition(snapshot, event, scope) {
      const peer = peerOf(scope.self)
      if (peer === undefined) return transition(snapshot, event, scope)
      // Sent by somebody else than the runtime: then this is a command of its own.
      const isOutermost = !world.isBusy
      const outer = current
      const outerWorld = currentWorld
      if (isOutermost) world.enter()
      try {
        world.taps.all?.(peer.peerId, event)
        current = peer
        currentWorld = world
        const next = transition(snapshot, event, scope)
        current = outer
        currentWorld = outerWorld
        world.moves.moved(peer, codeOfValue(next.value), event.at, next.context.failure)
        if (isOutermost) scope.defer(world.leave)
        return next
      } catch (error) {
        current = outer
        currentWorld = outerWorld
        if (isOutermost) world.giveUp()
        throw error
      }
    },
  }
}
