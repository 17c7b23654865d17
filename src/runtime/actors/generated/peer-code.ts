/** The code of the machine 'peer': emitted from its definition, not written. */
import type { CodeKit, MachineCode, Made, Take } from '../../../compile/index.ts'

type Context = { readonly peerId: unknown; readonly owner: unknown; readonly pooledAt: unknown; readonly failure: unknown }

/** peer.Connecting.waiting: turn.granted */
function peerConnectingWaitingOnTurnGrantedOf(kit: CodeKit): Take {
  const { goOn, inspects, landed } = kit
  const [to0] = kit.candidates('peer.Connecting.waiting', 'turn.granted')
  const { exec: clearDeadline0_0, params: clearDeadline0_0Params } = kit.call(to0, 0)
  const { exec: tell0_1, params: tell0_1Params } = kit.call(to0, 1)
  const { exec: startDial0_2, params: startDial0_2Params } = kit.call(to0, 2)
  const { exec: startDeadline0_3, params: startDeadline0_3Params } = kit.call(to0, 3)
  return (now, event, scope) => {
    const context = now.context as Context
    if (inspects(scope, 'clearDeadline', clearDeadline0_0Params)) return goOn(to0, now, context, event, scope, 0)
    const args00 = { context: context, event, self: scope.self, system: scope.system }
    clearDeadline0_0(args00, clearDeadline0_0Params)
    tell0_1(args00, tell0_1Params)
    startDial0_2(args00, startDial0_2Params)
    startDeadline0_3(args00, startDeadline0_3Params)
    return landed(to0, now, context)
  }
}

/** peer.Connecting.waiting: dial.timedOut */
function peerConnectingWaitingOnDialTimedOutOf(kit: CodeKit): Take {
  const { goOn, inspects, landed } = kit
  const [to0] = kit.candidates('peer.Connecting.waiting', 'dial.timedOut')
  const { exec: clearDeadline0_0, params: clearDeadline0_0Params } = kit.call(to0, 0)
  const noteFailure0_1 = kit.assign(to0, 1)
  const noteFailure0_1_0Given = noteFailure0_1.values[0] as Made
  const { exec: refuseCallers0_2, params: refuseCallers0_2Params } = kit.call(to0, 2)
  const { exec: tell0_3, params: tell0_3Params } = kit.call(to0, 3)
  return (now, event, scope) => {
    const context = now.context as Context
    if (inspects(scope, 'clearDeadline', clearDeadline0_0Params)) return goOn(to0, now, context, event, scope, 0)
    const args00 = { context: context, event, self: scope.self, system: scope.system }
    clearDeadline0_0(args00, clearDeadline0_0Params)
    const noteFailure0_1Args = { context: context, event, spawn: noteFailure0_1.spawn, self: scope.self, system: scope.system }
    const noteFailure0_1_0 = noteFailure0_1_0Given(noteFailure0_1Args, noteFailure0_1.params)
    const context01 = Object.is(context.failure, noteFailure0_1_0)
      ? context
      : { peerId: context.peerId, owner: context.owner, pooledAt: context.pooledAt, failure: noteFailure0_1_0 }
    const args01 = context01 === context ? args00 : { context: context01, event, self: scope.self, system: scope.system }
    refuseCallers0_2(args01, refuseCallers0_2Params)
    tell0_3(args01, tell0_3Params)
    return landed(to0, now, context01)
  }
}

/** peer.Connecting.waiting: link.accepted */
function peerConnectingWaitingOnLinkAcceptedOf(kit: CodeKit): Take {
  const { goOn, guardFailed, inspects, landed } = kit
  const [to0, to1] = kit.candidates('peer.Connecting.waiting', 'link.accepted')
  const { asks: dialWins0, given: dialWins0Given } = kit.predicate(to0)
  const { exec: clearDeadline0_0, params: clearDeadline0_0Params } = kit.call(to0, 0)
  const { exec: adoptLink0_1, params: adoptLink0_1Params } = kit.call(to0, 1)
  const { exec: startDeadline0_2, params: startDeadline0_2Params } = kit.call(to0, 2)
  const { exec: tell0_3, params: tell0_3Params } = kit.call(to0, 3)
  const { exec: serveCallers0_5, params: serveCallers0_5Params } = kit.call(to0, 5)
  const { exec: clearDeadline1_0, params: clearDeadline1_0Params } = kit.call(to1, 0)
  const { exec: abortDial1_1, params: abortDial1_1Params } = kit.call(to1, 1)
  const { exec: adoptLink1_2, params: adoptLink1_2Params } = kit.call(to1, 2)
  const { exec: tell1_3, params: tell1_3Params } = kit.call(to1, 3)
  const { exec: serveCallers1_5, params: serveCallers1_5Params } = kit.call(to1, 5)
  return (now, event, scope) => {
    const context = now.context as Context
    let passes0
    try {
      passes0 = dialWins0({ context, event }, dialWins0Given)
    } catch (error) {
      throw guardFailed(to0, event, error)
    }
    if (passes0) {
      if (inspects(scope, 'clearDeadline', clearDeadline0_0Params)) return goOn(to0, now, context, event, scope, 0)
      const args00 = { context: context, event, self: scope.self, system: scope.system }
      clearDeadline0_0(args00, clearDeadline0_0Params)
      adoptLink0_1(args00, adoptLink0_1Params)
      startDeadline0_2(args00, startDeadline0_2Params)
      tell0_3(args00, tell0_3Params)
      const context01 = Object.is(context.failure, undefined)
        ? context
        : { peerId: context.peerId, owner: context.owner, pooledAt: context.pooledAt, failure: undefined }
      const args01 = context01 === context ? args00 : { context: context01, event, self: scope.self, system: scope.system }
      serveCallers0_5(args01, serveCallers0_5Params)
      return landed(to0, now, context01)
    }
    if (inspects(scope, 'clearDeadline', clearDeadline1_0Params)) return goOn(to1, now, context, event, scope, 0)
    const args10 = { context: context, event, self: scope.self, system: scope.system }
    clearDeadline1_0(args10, clearDeadline1_0Params)
    abortDial1_1(args10, abortDial1_1Params)
    adoptLink1_2(args10, adoptLink1_2Params)
    tell1_3(args10, tell1_3Params)
    const context11 = Object.is(context.failure, undefined)
      ? context
      : { peerId: context.peerId, owner: context.owner, pooledAt: context.pooledAt, failure: undefined }
    const args11 = context11 === context ? args10 : { context: context11, event, self: scope.self, system: scope.system }
    serveCallers1_5(args11, serveCallers1_5Params)
    return landed(to1, now, context11)
  }
}

/** peer.Connecting.waiting: callers.left */
function peerConnectingWaitingOnCallersLeftOf(kit: CodeKit): Take {
  const { goOn, inspects, landed } = kit
  const [to0] = kit.candidates('peer.Connecting.waiting', 'callers.left')
  const { exec: clearDeadline0_0, params: clearDeadline0_0Params } = kit.call(to0, 0)
  const { exec: abortDial0_1, params: abortDial0_1Params } = kit.call(to0, 1)
  const { exec: tell0_2, params: tell0_2Params } = kit.call(to0, 2)
  const { exec: forget0_3, params: forget0_3Params } = kit.call(to0, 3)
  return (now, event, scope) => {
    const context = now.context as Context
    if (inspects(scope, 'clearDeadline', clearDeadline0_0Params)) return goOn(to0, now, context, event, scope, 0)
    const args00 = { context: context, event, self: scope.self, system: scope.system }
    clearDeadline0_0(args00, clearDeadline0_0Params)
    abortDial0_1(args00, abortDial0_1Params)
    tell0_2(args00, tell0_2Params)
    forget0_3(args00, forget0_3Params)
    return landed(to0, now, context)
  }
}

/** peer.Connecting.waiting: peer.disconnect */
function peerConnectingWaitingOnPeerDisconnectOf(kit: CodeKit): Take {
  const { goOn, inspects, landed } = kit
  const [to0] = kit.candidates('peer.Connecting.waiting', 'peer.disconnect')
  const { exec: clearDeadline0_0, params: clearDeadline0_0Params } = kit.call(to0, 0)
  const { exec: abortDial0_1, params: abortDial0_1Params } = kit.call(to0, 1)
  const { exec: refuseCallers0_2, params: refuseCallers0_2Params } = kit.call(to0, 2)
  const { exec: tell0_3, params: tell0_3Params } = kit.call(to0, 3)
  const { exec: forget0_4, params: forget0_4Params } = kit.call(to0, 4)
  return (now, event, scope) => {
    const context = now.context as Context
    if (inspects(scope, 'clearDeadline', clearDeadline0_0Params)) return goOn(to0, now, context, event, scope, 0)
    const args00 = { context: context, event, self: scope.self, system: scope.system }
    clearDeadline0_0(args00, clearDeadline0_0Params)
    abortDial0_1(args00, abortDial0_1Params)
    refuseCallers0_2(args00, refuseCallers0_2Params)
    tell0_3(args00, tell0_3Params)
    forget0_4(args00, forget0_4Params)
    return landed(to0, now, context)
  }
}

/** peer.Connecting.waiting: peer.reported */
function peerConnectingWaitingOnPeerReportedOf(kit: CodeKit): Take {
  const { goOn, guardFailed, inspects, landed, nothing } = kit
  const [to0, to1] = kit.candidates('peer.Connecting.waiting', 'peer.reported')
  const { asks: reportsDisconnected0, given: reportsDisconnected0Given } = kit.predicate(to0)
  const { exec: clearDeadline0_0, params: clearDeadline0_0Params } = kit.call(to0, 0)
  const { exec: abortDial0_1, params: abortDial0_1Params } = kit.call(to0, 1)
  const { exec: refuseCallers0_3, params: refuseCallers0_3Params } = kit.call(to0, 3)
  const { exec: tell0_4, params: tell0_4Params } = kit.call(to0, 4)
  const { asks: reportsFailed1, given: reportsFailed1Given } = kit.predicate(to1)
  const { exec: clearDeadline1_0, params: clearDeadline1_0Params } = kit.call(to1, 0)
  const { exec: abortDial1_1, params: abortDial1_1Params } = kit.call(to1, 1)
  const noteFailure1_2 = kit.assign(to1, 2)
  const noteFailure1_2_0Given = noteFailure1_2.values[0] as Made
  const { exec: refuseCallers1_3, params: refuseCallers1_3Params } = kit.call(to1, 3)
  const { exec: tell1_4, params: tell1_4Params } = kit.call(to1, 4)
  return (now, event, scope) => {
    const context = now.context as Context
    let passes0
    try {
      passes0 = reportsDisconnected0({ context, event }, reportsDisconnected0Given)
    } catch (error) {
      throw guardFailed(to0, event, error)
    }
    if (passes0) {
      if (inspects(scope, 'clearDeadline', clearDeadline0_0Params)) return goOn(to0, now, context, event, scope, 0)
      const args00 = { context: context, event, self: scope.self, system: scope.system }
      clearDeadline0_0(args00, clearDeadline0_0Params)
      abortDial0_1(args00, abortDial0_1Params)
      const context01 = Object.is(context.failure, undefined)
        ? context
        : { peerId: context.peerId, owner: context.owner, pooledAt: context.pooledAt, failure: undefined }
      const args01 = context01 === context ? args00 : { context: context01, event, self: scope.self, system: scope.system }
      refuseCallers0_3(args01, refuseCallers0_3Params)
      tell0_4(args01, tell0_4Params)
      return landed(to0, now, context01)
    }
    let passes1
    try {
      passes1 = reportsFailed1({ context, event }, reportsFailed1Given)
    } catch (error) {
      throw guardFailed(to1, event, error)
    }
    if (passes1) {
      if (inspects(scope, 'clearDeadline', clearDeadline1_0Params)) return goOn(to1, now, context, event, scope, 0)
      const args10 = { context: context, event, self: scope.self, system: scope.system }
      clearDeadline1_0(args10, clearDeadline1_0Params)
      abortDial1_1(args10, abortDial1_1Params)
      const noteFailure1_2Args = { context: context, event, spawn: noteFailure1_2.spawn, self: scope.self, system: scope.system }
      const noteFailure1_2_0 = noteFailure1_2_0Given(noteFailure1_2Args, noteFailure1_2.params)
      const context11 = Object.is(context.failure, noteFailure1_2_0)
        ? context
        : { peerId: context.peerId, owner: context.owner, pooledAt: context.pooledAt, failure: noteFailure1_2_0 }
      const args11 = context11 === context ? args10 : { context: context11, event, self: scope.self, system: scope.system }
      refuseCallers1_3(args11, refuseCallers1_3Params)
      tell1_4(args11, tell1_4Params)
      return landed(to1, now, context11)
    }
    return nothing(now, event, scope)
  }
}

/** peer.Connecting.waiting: supervisor.stopped */
function peerConnectingWaitingOnSupervisorStoppedOf(kit: CodeKit): Take {
  const { goOn, inspects, landed } = kit
  const [to0] = kit.candidates('peer.Connecting.waiting', 'supervisor.stopped')
  const { exec: clearDeadline0_0, params: clearDeadline0_0Params } = kit.call(to0, 0)
  const { exec: abortDial0_1, params: abortDial0_1Params } = kit.call(to0, 1)
  const { exec: refuseCallers0_2, params: refuseCallers0_2Params } = kit.call(to0, 2)
  const { exec: tell0_3, params: tell0_3Params } = kit.call(to0, 3)
  const { exec: forget0_4, params: forget0_4Params } = kit.call(to0, 4)
  return (now, event, scope) => {
    const context = now.context as Context
    if (inspects(scope, 'clearDeadline', clearDeadline0_0Params)) return goOn(to0, now, context, event, scope, 0)
    const args00 = { context: context, event, self: scope.self, system: scope.system }
    clearDeadline0_0(args00, clearDeadline0_0Params)
    abortDial0_1(args00, abortDial0_1Params)
    refuseCallers0_2(args00, refuseCallers0_2Params)
    tell0_3(args00, tell0_3Params)
    forget0_4(args00, forget0_4Params)
    return landed(to0, now, context)
  }
}

/** peer.Connecting.dialing: link.opened */
function peerConnectingDialingOnLinkOpenedOf(kit: CodeKit): Take {
  const { goOn, inspects, landed } = kit
  const [to0] = kit.candidates('peer.Connecting.dialing', 'link.opened')
  const { exec: clearDeadline0_0, params: clearDeadline0_0Params } = kit.call(to0, 0)
  const { exec: adoptLink0_1, params: adoptLink0_1Params } = kit.call(to0, 1)
  const { exec: tell0_2, params: tell0_2Params } = kit.call(to0, 2)
  const { exec: serveCallers0_4, params: serveCallers0_4Params } = kit.call(to0, 4)
  return (now, event, scope) => {
    const context = now.context as Context
    if (inspects(scope, 'clearDeadline', clearDeadline0_0Params)) return goOn(to0, now, context, event, scope, 0)
    const args00 = { context: context, event, self: scope.self, system: scope.system }
    clearDeadline0_0(args00, clearDeadline0_0Params)
    adoptLink0_1(args00, adoptLink0_1Params)
    tell0_2(args00, tell0_2Params)
    const context01 = Object.is(context.failure, undefined)
      ? context
      : { peerId: context.peerId, owner: context.owner, pooledAt: context.pooledAt, failure: undefined }
    const args01 = context01 === context ? args00 : { context: context01, event, self: scope.self, system: scope.system }
    serveCallers0_4(args01, serveCallers0_4Params)
    return landed(to0, now, context01)
  }
}

/** peer.Connecting.dialing: dial.failed */
function peerConnectingDialingOnDialFailedOf(kit: CodeKit): Take {
  const { goOn, inspects, landed } = kit
  const [to0] = kit.candidates('peer.Connecting.dialing', 'dial.failed')
  const { exec: clearDeadline0_0, params: clearDeadline0_0Params } = kit.call(to0, 0)
  const noteFailure0_1 = kit.assign(to0, 1)
  const noteFailure0_1_0Given = noteFailure0_1.values[0] as Made
  const { exec: refuseCallers0_2, params: refuseCallers0_2Params } = kit.call(to0, 2)
  const { exec: tell0_3, params: tell0_3Params } = kit.call(to0, 3)
  return (now, event, scope) => {
    const context = now.context as Context
    if (inspects(scope, 'clearDeadline', clearDeadline0_0Params)) return goOn(to0, now, context, event, scope, 0)
    const args00 = { context: context, event, self: scope.self, system: scope.system }
    clearDeadline0_0(args00, clearDeadline0_0Params)
    const noteFailure0_1Args = { context: context, event, spawn: noteFailure0_1.spawn, self: scope.self, system: scope.system }
    const noteFailure0_1_0 = noteFailure0_1_0Given(noteFailure0_1Args, noteFailure0_1.params)
    const context01 = Object.is(context.failure, noteFailure0_1_0)
      ? context
      : { peerId: context.peerId, owner: context.owner, pooledAt: context.pooledAt, failure: noteFailure0_1_0 }
    const args01 = context01 === context ? args00 : { context: context01, event, self: scope.self, system: scope.system }
    refuseCallers0_2(args01, refuseCallers0_2Params)
    tell0_3(args01, tell0_3Params)
    return landed(to0, now, context01)
  }
}

/** peer.Connecting.dialing: dial.timedOut */
function peerConnectingDialingOnDialTimedOutOf(kit: CodeKit): Take {
  const { goOn, inspects, landed } = kit
  const [to0] = kit.candidates('peer.Connecting.dialing', 'dial.timedOut')
  const { exec: clearDeadline0_0, params: clearDeadline0_0Params } = kit.call(to0, 0)
  const { exec: abortDial0_1, params: abortDial0_1Params } = kit.call(to0, 1)
  const noteFailure0_2 = kit.assign(to0, 2)
  const noteFailure0_2_0Given = noteFailure0_2.values[0] as Made
  const { exec: refuseCallers0_3, params: refuseCallers0_3Params } = kit.call(to0, 3)
  const { exec: tell0_4, params: tell0_4Params } = kit.call(to0, 4)
  return (now, event, scope) => {
    const context = now.context as Context
    if (inspects(scope, 'clearDeadline', clearDeadline0_0Params)) return goOn(to0, now, context, event, scope, 0)
    const args00 = { context: context, event, self: scope.self, system: scope.system }
    clearDeadline0_0(args00, clearDeadline0_0Params)
    abortDial0_1(args00, abortDial0_1Params)
    const noteFailure0_2Args = { context: context, event, spawn: noteFailure0_2.spawn, self: scope.self, system: scope.system }
    const noteFailure0_2_0 = noteFailure0_2_0Given(noteFailure0_2Args, noteFailure0_2.params)
    const context01 = Object.is(context.failure, noteFailure0_2_0)
      ? context
      : { peerId: context.peerId, owner: context.owner, pooledAt: context.pooledAt, failure: noteFailure0_2_0 }
    const args01 = context01 === context ? args00 : { context: context01, event, self: scope.self, system: scope.system }
    refuseCallers0_3(args01, refuseCallers0_3Params)
    tell0_4(args01, tell0_4Params)
    return landed(to0, now, context01)
  }
}

/** peer.Connecting.dialing: link.accepted */
function peerConnectingDialingOnLinkAcceptedOf(kit: CodeKit): Take {
  const { goOn, guardFailed, inspects, landed } = kit
  const [to0, to1] = kit.candidates('peer.Connecting.dialing', 'link.accepted')
  const { asks: dialWins0, given: dialWins0Given } = kit.predicate(to0)
  const { exec: clearDeadline0_0, params: clearDeadline0_0Params } = kit.call(to0, 0)
  const { exec: adoptLink0_1, params: adoptLink0_1Params } = kit.call(to0, 1)
  const { exec: startDeadline0_2, params: startDeadline0_2Params } = kit.call(to0, 2)
  const { exec: tell0_3, params: tell0_3Params } = kit.call(to0, 3)
  const { exec: serveCallers0_5, params: serveCallers0_5Params } = kit.call(to0, 5)
  const { exec: clearDeadline1_0, params: clearDeadline1_0Params } = kit.call(to1, 0)
  const { exec: abortDial1_1, params: abortDial1_1Params } = kit.call(to1, 1)
  const { exec: adoptLink1_2, params: adoptLink1_2Params } = kit.call(to1, 2)
  const { exec: tell1_3, params: tell1_3Params } = kit.call(to1, 3)
  const { exec: serveCallers1_5, params: serveCallers1_5Params } = kit.call(to1, 5)
  return (now, event, scope) => {
    const context = now.context as Context
    let passes0
    try {
      passes0 = dialWins0({ context, event }, dialWins0Given)
    } catch (error) {
      throw guardFailed(to0, event, error)
    }
    if (passes0) {
      if (inspects(scope, 'clearDeadline', clearDeadline0_0Params)) return goOn(to0, now, context, event, scope, 0)
      const args00 = { context: context, event, self: scope.self, system: scope.system }
      clearDeadline0_0(args00, clearDeadline0_0Params)
      adoptLink0_1(args00, adoptLink0_1Params)
      startDeadline0_2(args00, startDeadline0_2Params)
      tell0_3(args00, tell0_3Params)
      const context01 = Object.is(context.failure, undefined)
        ? context
        : { peerId: context.peerId, owner: context.owner, pooledAt: context.pooledAt, failure: undefined }
      const args01 = context01 === context ? args00 : { context: context01, event, self: scope.self, system: scope.system }
      serveCallers0_5(args01, serveCallers0_5Params)
      return landed(to0, now, context01)
    }
    if (inspects(scope, 'clearDeadline', clearDeadline1_0Params)) return goOn(to1, now, context, event, scope, 0)
    const args10 = { context: context, event, self: scope.self, system: scope.system }
    clearDeadline1_0(args10, clearDeadline1_0Params)
    abortDial1_1(args10, abortDial1_1Params)
    adoptLink1_2(args10, adoptLink1_2Params)
    tell1_3(args10, tell1_3Params)
    const context11 = Object.is(context.failure, undefined)
      ? context
      : { peerId: context.peerId, owner: context.owner, pooledAt: context.pooledAt, failure: undefined }
    const args11 = context11 === context ? args10 : { context: context11, event, self: scope.self, system: scope.system }
    serveCallers1_5(args11, serveCallers1_5Params)
    return landed(to1, now, context11)
  }
}

/** peer.Connecting.dialing: callers.left */
function peerConnectingDialingOnCallersLeftOf(kit: CodeKit): Take {
  const { goOn, inspects, landed } = kit
  const [to0] = kit.candidates('peer.Connecting.dialing', 'callers.left')
  const { exec: clearDeadline0_0, params: clearDeadline0_0Params } = kit.call(to0, 0)
  const { exec: abortDial0_1, params: abortDial0_1Params } = kit.call(to0, 1)
  const { exec: tell0_2, params: tell0_2Params } = kit.call(to0, 2)
  const { exec: forget0_3, params: forget0_3Params } = kit.call(to0, 3)
  return (now, event, scope) => {
    const context = now.context as Context
    if (inspects(scope, 'clearDeadline', clearDeadline0_0Params)) return goOn(to0, now, context, event, scope, 0)
    const args00 = { context: context, event, self: scope.self, system: scope.system }
    clearDeadline0_0(args00, clearDeadline0_0Params)
    abortDial0_1(args00, abortDial0_1Params)
    tell0_2(args00, tell0_2Params)
    forget0_3(args00, forget0_3Params)
    return landed(to0, now, context)
  }
}

/** peer.Connecting.dialing: peer.disconnect */
function peerConnectingDialingOnPeerDisconnectOf(kit: CodeKit): Take {
  const { goOn, inspects, landed } = kit
  const [to0] = kit.candidates('peer.Connecting.dialing', 'peer.disconnect')
  const { exec: clearDeadline0_0, params: clearDeadline0_0Params } = kit.call(to0, 0)
  const { exec: abortDial0_1, params: abortDial0_1Params } = kit.call(to0, 1)
  const { exec: refuseCallers0_2, params: refuseCallers0_2Params } = kit.call(to0, 2)
  const { exec: tell0_3, params: tell0_3Params } = kit.call(to0, 3)
  const { exec: forget0_4, params: forget0_4Params } = kit.call(to0, 4)
  return (now, event, scope) => {
    const context = now.context as Context
    if (inspects(scope, 'clearDeadline', clearDeadline0_0Params)) return goOn(to0, now, context, event, scope, 0)
    const args00 = { context: context, event, self: scope.self, system: scope.system }
    clearDeadline0_0(args00, clearDeadline0_0Params)
    abortDial0_1(args00, abortDial0_1Params)
    refuseCallers0_2(args00, refuseCallers0_2Params)
    tell0_3(args00, tell0_3Params)
    forget0_4(args00, forget0_4Params)
    return landed(to0, now, context)
  }
}

/** peer.Connecting.dialing: peer.reported */
function peerConnectingDialingOnPeerReportedOf(kit: CodeKit): Take {
  const { goOn, guardFailed, inspects, landed, nothing } = kit
  const [to0, to1] = kit.candidates('peer.Connecting.dialing', 'peer.reported')
  const { asks: reportsDisconnected0, given: reportsDisconnected0Given } = kit.predicate(to0)
  const { exec: clearDeadline0_0, params: clearDeadline0_0Params } = kit.call(to0, 0)
  const { exec: abortDial0_1, params: abortDial0_1Params } = kit.call(to0, 1)
  const { exec: refuseCallers0_3, params: refuseCallers0_3Params } = kit.call(to0, 3)
  const { exec: tell0_4, params: tell0_4Params } = kit.call(to0, 4)
  const { asks: reportsFailed1, given: reportsFailed1Given } = kit.predicate(to1)
  const { exec: clearDeadline1_0, params: clearDeadline1_0Params } = kit.call(to1, 0)
  const { exec: abortDial1_1, params: abortDial1_1Params } = kit.call(to1, 1)
  const noteFailure1_2 = kit.assign(to1, 2)
  const noteFailure1_2_0Given = noteFailure1_2.values[0] as Made
  const { exec: refuseCallers1_3, params: refuseCallers1_3Params } = kit.call(to1, 3)
  const { exec: tell1_4, params: tell1_4Params } = kit.call(to1, 4)
  return (now, event, scope) => {
    const context = now.context as Context
    let passes0
    try {
      passes0 = reportsDisconnected0({ context, event }, reportsDisconnected0Given)
    } catch (error) {
      throw guardFailed(to0, event, error)
    }
    if (passes0) {
      if (inspects(scope, 'clearDeadline', clearDeadline0_0Params)) return goOn(to0, now, context, event, scope, 0)
      const args00 = { context: context, event, self: scope.self, system: scope.system }
      clearDeadline0_0(args00, clearDeadline0_0Params)
      abortDial0_1(args00, abortDial0_1Params)
      const context01 = Object.is(context.failure, undefined)
        ? context
        : { peerId: context.peerId, owner: context.owner, pooledAt: context.pooledAt, failure: undefined }
      const args01 = context01 === context ? args00 : { context: context01, event, self: scope.self, system: scope.system }
      refuseCallers0_3(args01, refuseCallers0_3Params)
      tell0_4(args01, tell0_4Params)
      return landed(to0, now, context01)
    }
    let passes1
    try {
      passes1 = reportsFailed1({ context, event }, reportsFailed1Given)
    } catch (error) {
      throw guardFailed(to1, event, error)
    }
    if (passes1) {
      if (inspects(scope, 'clearDeadline', clearDeadline1_0Params)) return goOn(to1, now, context, event, scope, 0)
      const args10 = { context: context, event, self: scope.self, system: scope.system }
      clearDeadline1_0(args10, clearDeadline1_0Params)
      abortDial1_1(args10, abortDial1_1Params)
      const noteFailure1_2Args = { context: context, event, spawn: noteFailure1_2.spawn, self: scope.self, system: scope.system }
      const noteFailure1_2_0 = noteFailure1_2_0Given(noteFailure1_2Args, noteFailure1_2.params)
      const context11 = Object.is(context.failure, noteFailure1_2_0)
        ? context
        : { peerId: context.peerId, owner: context.owner, pooledAt: context.pooledAt, failure: noteFailure1_2_0 }
      const args11 = context11 === context ? args10 : { context: context11, event, self: scope.self, system: scope.system }
      refuseCallers1_3(args11, refuseCallers1_3Params)
      tell1_4(args11, tell1_4Params)
      return landed(to1, now, context11)
    }
    return nothing(now, event, scope)
  }
}

/** peer.Connecting.dialing: supervisor.stopped */
function peerConnectingDialingOnSupervisorStoppedOf(kit: CodeKit): Take {
  const { goOn, inspects, landed } = kit
  const [to0] = kit.candidates('peer.Connecting.dialing', 'supervisor.stopped')
  const { exec: clearDeadline0_0, params: clearDeadline0_0Params } = kit.call(to0, 0)
  const { exec: abortDial0_1, params: abortDial0_1Params } = kit.call(to0, 1)
  const { exec: refuseCallers0_2, params: refuseCallers0_2Params } = kit.call(to0, 2)
  const { exec: tell0_3, params: tell0_3Params } = kit.call(to0, 3)
  const { exec: forget0_4, params: forget0_4Params } = kit.call(to0, 4)
  return (now, event, scope) => {
    const context = now.context as Context
    if (inspects(scope, 'clearDeadline', clearDeadline0_0Params)) return goOn(to0, now, context, event, scope, 0)
    const args00 = { context: context, event, self: scope.self, system: scope.system }
    clearDeadline0_0(args00, clearDeadline0_0Params)
    abortDial0_1(args00, abortDial0_1Params)
    refuseCallers0_2(args00, refuseCallers0_2Params)
    tell0_3(args00, tell0_3Params)
    forget0_4(args00, forget0_4Params)
    return landed(to0, now, context)
  }
}

/** peer.Connecting.reported: peer.reported */
function peerConnectingReportedOnPeerReportedOf(kit: CodeKit): Take {
  const { goOn, guardFailed, inspects, landed, nothing } = kit
  const [to0, to1, to2] = kit.candidates('peer.Connecting.reported', 'peer.reported')
  const { asks: reportsConnected0, given: reportsConnected0Given } = kit.predicate(to0)
  const { exec: tell0_0, params: tell0_0Params } = kit.call(to0, 0)
  const { exec: serveCallers0_2, params: serveCallers0_2Params } = kit.call(to0, 2)
  const { asks: reportsDisconnected1, given: reportsDisconnected1Given } = kit.predicate(to1)
  const { exec: abortDial1_0, params: abortDial1_0Params } = kit.call(to1, 0)
  const { exec: refuseCallers1_2, params: refuseCallers1_2Params } = kit.call(to1, 2)
  const { exec: tell1_3, params: tell1_3Params } = kit.call(to1, 3)
  const { asks: reportsFailed2, given: reportsFailed2Given } = kit.predicate(to2)
  const { exec: abortDial2_0, params: abortDial2_0Params } = kit.call(to2, 0)
  const noteFailure2_1 = kit.assign(to2, 1)
  const noteFailure2_1_0Given = noteFailure2_1.values[0] as Made
  const { exec: refuseCallers2_2, params: refuseCallers2_2Params } = kit.call(to2, 2)
  const { exec: tell2_3, params: tell2_3Params } = kit.call(to2, 3)
  return (now, event, scope) => {
    const context = now.context as Context
    let passes0
    try {
      passes0 = reportsConnected0({ context, event }, reportsConnected0Given)
    } catch (error) {
      throw guardFailed(to0, event, error)
    }
    if (passes0) {
      if (inspects(scope, 'tell', tell0_0Params)) return goOn(to0, now, context, event, scope, 0)
      const args00 = { context: context, event, self: scope.self, system: scope.system }
      tell0_0(args00, tell0_0Params)
      const context01 = Object.is(context.failure, undefined)
        ? context
        : { peerId: context.peerId, owner: context.owner, pooledAt: context.pooledAt, failure: undefined }
      const args01 = context01 === context ? args00 : { context: context01, event, self: scope.self, system: scope.system }
      serveCallers0_2(args01, serveCallers0_2Params)
      return landed(to0, now, context01)
    }
    let passes1
    try {
      passes1 = reportsDisconnected1({ context, event }, reportsDisconnected1Given)
    } catch (error) {
      throw guardFailed(to1, event, error)
    }
    if (passes1) {
      if (inspects(scope, 'abortDial', abortDial1_0Params)) return goOn(to1, now, context, event, scope, 0)
      const args10 = { context: context, event, self: scope.self, system: scope.system }
      abortDial1_0(args10, abortDial1_0Params)
      const context11 = Object.is(context.failure, undefined)
        ? context
        : { peerId: context.peerId, owner: context.owner, pooledAt: context.pooledAt, failure: undefined }
      const args11 = context11 === context ? args10 : { context: context11, event, self: scope.self, system: scope.system }
      refuseCallers1_2(args11, refuseCallers1_2Params)
      tell1_3(args11, tell1_3Params)
      return landed(to1, now, context11)
    }
    let passes2
    try {
      passes2 = reportsFailed2({ context, event }, reportsFailed2Given)
    } catch (error) {
      throw guardFailed(to2, event, error)
    }
    if (passes2) {
      if (inspects(scope, 'abortDial', abortDial2_0Params)) return goOn(to2, now, context, event, scope, 0)
      const args20 = { context: context, event, self: scope.self, system: scope.system }
      abortDial2_0(args20, abortDial2_0Params)
      const noteFailure2_1Args = { context: context, event, spawn: noteFailure2_1.spawn, self: scope.self, system: scope.system }
      const noteFailure2_1_0 = noteFailure2_1_0Given(noteFailure2_1Args, noteFailure2_1.params)
      const context21 = Object.is(context.failure, noteFailure2_1_0)
        ? context
        : { peerId: context.peerId, owner: context.owner, pooledAt: context.pooledAt, failure: noteFailure2_1_0 }
      const args21 = context21 === context ? args20 : { context: context21, event, self: scope.self, system: scope.system }
      refuseCallers2_2(args21, refuseCallers2_2Params)
      tell2_3(args21, tell2_3Params)
      return landed(to2, now, context21)
    }
    return nothing(now, event, scope)
  }
}

/** peer.Connecting.reported: link.accepted */
function peerConnectingReportedOnLinkAcceptedOf(kit: CodeKit): Take {
  const { goOn, guardFailed, inspects, landed } = kit
  const [to0, to1] = kit.candidates('peer.Connecting.reported', 'link.accepted')
  const { asks: dialWins0, given: dialWins0Given } = kit.predicate(to0)
  const { exec: adoptLink0_0, params: adoptLink0_0Params } = kit.call(to0, 0)
  const { exec: startDeadline0_1, params: startDeadline0_1Params } = kit.call(to0, 1)
  const { exec: tell0_2, params: tell0_2Params } = kit.call(to0, 2)
  const { exec: serveCallers0_4, params: serveCallers0_4Params } = kit.call(to0, 4)
  const { exec: abortDial1_0, params: abortDial1_0Params } = kit.call(to1, 0)
  const { exec: adoptLink1_1, params: adoptLink1_1Params } = kit.call(to1, 1)
  const { exec: tell1_2, params: tell1_2Params } = kit.call(to1, 2)
  const { exec: serveCallers1_4, params: serveCallers1_4Params } = kit.call(to1, 4)
  return (now, event, scope) => {
    const context = now.context as Context
    let passes0
    try {
      passes0 = dialWins0({ context, event }, dialWins0Given)
    } catch (error) {
      throw guardFailed(to0, event, error)
    }
    if (passes0) {
      if (inspects(scope, 'adoptLink', adoptLink0_0Params)) return goOn(to0, now, context, event, scope, 0)
      const args00 = { context: context, event, self: scope.self, system: scope.system }
      adoptLink0_0(args00, adoptLink0_0Params)
      startDeadline0_1(args00, startDeadline0_1Params)
      tell0_2(args00, tell0_2Params)
      const context01 = Object.is(context.failure, undefined)
        ? context
        : { peerId: context.peerId, owner: context.owner, pooledAt: context.pooledAt, failure: undefined }
      const args01 = context01 === context ? args00 : { context: context01, event, self: scope.self, system: scope.system }
      serveCallers0_4(args01, serveCallers0_4Params)
      return landed(to0, now, context01)
    }
    if (inspects(scope, 'abortDial', abortDial1_0Params)) return goOn(to1, now, context, event, scope, 0)
    const args10 = { context: context, event, self: scope.self, system: scope.system }
    abortDial1_0(args10, abortDial1_0Params)
    adoptLink1_1(args10, adoptLink1_1Params)
    tell1_2(args10, tell1_2Params)
    const context11 = Object.is(context.failure, undefined)
      ? context
      : { peerId: context.peerId, owner: context.owner, pooledAt: context.pooledAt, failure: undefined }
    const args11 = context11 === context ? args10 : { context: context11, event, self: scope.self, system: scope.system }
    serveCallers1_4(args11, serveCallers1_4Params)
    return landed(to1, now, context11)
  }
}

/** peer.Connecting.reported: callers.left */
function peerConnectingReportedOnCallersLeftOf(kit: CodeKit): Take {
  const { goOn, inspects, landed } = kit
  const [to0] = kit.candidates('peer.Connecting.reported', 'callers.left')
  const { exec: abortDial0_0, params: abortDial0_0Params } = kit.call(to0, 0)
  const { exec: tell0_1, params: tell0_1Params } = kit.call(to0, 1)
  const { exec: forget0_2, params: forget0_2Params } = kit.call(to0, 2)
  return (now, event, scope) => {
    const context = now.context as Context
    if (inspects(scope, 'abortDial', abortDial0_0Params)) return goOn(to0, now, context, event, scope, 0)
    const args00 = { context: context, event, self: scope.self, system: scope.system }
    abortDial0_0(args00, abortDial0_0Params)
    tell0_1(args00, tell0_1Params)
    forget0_2(args00, forget0_2Params)
    return landed(to0, now, context)
  }
}

/** peer.Connecting.reported: peer.disconnect */
function peerConnectingReportedOnPeerDisconnectOf(kit: CodeKit): Take {
  const { goOn, inspects, landed } = kit
  const [to0] = kit.candidates('peer.Connecting.reported', 'peer.disconnect')
  const { exec: abortDial0_0, params: abortDial0_0Params } = kit.call(to0, 0)
  const { exec: refuseCallers0_1, params: refuseCallers0_1Params } = kit.call(to0, 1)
  const { exec: tell0_2, params: tell0_2Params } = kit.call(to0, 2)
  const { exec: forget0_3, params: forget0_3Params } = kit.call(to0, 3)
  return (now, event, scope) => {
    const context = now.context as Context
    if (inspects(scope, 'abortDial', abortDial0_0Params)) return goOn(to0, now, context, event, scope, 0)
    const args00 = { context: context, event, self: scope.self, system: scope.system }
    abortDial0_0(args00, abortDial0_0Params)
    refuseCallers0_1(args00, refuseCallers0_1Params)
    tell0_2(args00, tell0_2Params)
    forget0_3(args00, forget0_3Params)
    return landed(to0, now, context)
  }
}

/** peer.Connecting.reported: supervisor.stopped */
function peerConnectingReportedOnSupervisorStoppedOf(kit: CodeKit): Take {
  const { goOn, inspects, landed } = kit
  const [to0] = kit.candidates('peer.Connecting.reported', 'supervisor.stopped')
  const { exec: abortDial0_0, params: abortDial0_0Params } = kit.call(to0, 0)
  const { exec: refuseCallers0_1, params: refuseCallers0_1Params } = kit.call(to0, 1)
  const { exec: tell0_2, params: tell0_2Params } = kit.call(to0, 2)
  const { exec: forget0_3, params: forget0_3Params } = kit.call(to0, 3)
  return (now, event, scope) => {
    const context = now.context as Context
    if (inspects(scope, 'abortDial', abortDial0_0Params)) return goOn(to0, now, context, event, scope, 0)
    const args00 = { context: context, event, self: scope.self, system: scope.system }
    abortDial0_0(args00, abortDial0_0Params)
    refuseCallers0_1(args00, refuseCallers0_1Params)
    tell0_2(args00, tell0_2Params)
    forget0_3(args00, forget0_3Params)
    return landed(to0, now, context)
  }
}

/** peer.Connected: peer.disconnect */
function peerConnectedOnPeerDisconnectOf(kit: CodeKit): Take {
  const { goOn, guardFailed, inspects, landed } = kit
  const [to0, to1, to2] = kit.candidates('peer.Connected', 'peer.disconnect')
  const { asks: isAppOwned0, given: isAppOwned0Given } = kit.predicate(to0)
  const { exec: endHolds0_0, params: endHolds0_0Params } = kit.call(to0, 0)
  const { exec: abortDial0_1, params: abortDial0_1Params } = kit.call(to0, 1)
  const { exec: tell0_2, params: tell0_2Params } = kit.call(to0, 2)
  const { exec: forget0_3, params: forget0_3Params } = kit.call(to0, 3)
  const { asks: mayPool1, given: mayPool1Given } = kit.predicate(to1)
  const { exec: endHolds1_0, params: endHolds1_0Params } = kit.call(to1, 0)
  const { exec: abortDial1_1, params: abortDial1_1Params } = kit.call(to1, 1)
  const notePooling1_2 = kit.assign(to1, 2)
  const notePooling1_2_0Given = notePooling1_2.values[0] as Made
  const { exec: tell1_3, params: tell1_3Params } = kit.call(to1, 3)
  const { exec: endHolds2_0, params: endHolds2_0Params } = kit.call(to2, 0)
  const { exec: abortDial2_1, params: abortDial2_1Params } = kit.call(to2, 1)
  const { exec: tell2_2, params: tell2_2Params } = kit.call(to2, 2)
  const { exec: closeLink2_3, params: closeLink2_3Params } = kit.call(to2, 3)
  const { exec: startDeadline2_4, params: startDeadline2_4Params } = kit.call(to2, 4)
  return (now, event, scope) => {
    const context = now.context as Context
    let passes0
    try {
      passes0 = isAppOwned0({ context, event }, isAppOwned0Given)
    } catch (error) {
      throw guardFailed(to0, event, error)
    }
    if (passes0) {
      if (inspects(scope, 'endHolds', endHolds0_0Params)) return goOn(to0, now, context, event, scope, 0)
      const args00 = { context: context, event, self: scope.self, system: scope.system }
      endHolds0_0(args00, endHolds0_0Params)
      abortDial0_1(args00, abortDial0_1Params)
      tell0_2(args00, tell0_2Params)
      forget0_3(args00, forget0_3Params)
      return landed(to0, now, context)
    }
    let passes1
    try {
      passes1 = mayPool1({ context, event }, mayPool1Given)
    } catch (error) {
      throw guardFailed(to1, event, error)
    }
    if (passes1) {
      if (inspects(scope, 'endHolds', endHolds1_0Params)) return goOn(to1, now, context, event, scope, 0)
      const args10 = { context: context, event, self: scope.self, system: scope.system }
      endHolds1_0(args10, endHolds1_0Params)
      abortDial1_1(args10, abortDial1_1Params)
      const notePooling1_2Args = { context: context, event, spawn: notePooling1_2.spawn, self: scope.self, system: scope.system }
      const notePooling1_2_0 = notePooling1_2_0Given(notePooling1_2Args, notePooling1_2.params)
      const context11 = Object.is(context.pooledAt, notePooling1_2_0)
        ? context
        : { peerId: context.peerId, owner: context.owner, pooledAt: notePooling1_2_0, failure: context.failure }
      const args11 = context11 === context ? args10 : { context: context11, event, self: scope.self, system: scope.system }
      tell1_3(args11, tell1_3Params)
      return landed(to1, now, context11)
    }
    if (inspects(scope, 'endHolds', endHolds2_0Params)) return goOn(to2, now, context, event, scope, 0)
    const args20 = { context: context, event, self: scope.self, system: scope.system }
    endHolds2_0(args20, endHolds2_0Params)
    abortDial2_1(args20, abortDial2_1Params)
    tell2_2(args20, tell2_2Params)
    closeLink2_3(args20, closeLink2_3Params)
    startDeadline2_4(args20, startDeadline2_4Params)
    return landed(to2, now, context)
  }
}

/** peer.Connected: link.opened */
function peerConnectedOnLinkOpenedOf(kit: CodeKit): Take {
  const { goOn, inspects } = kit
  const [to0] = kit.candidates('peer.Connected', 'link.opened')
  const { exec: clearDeadline0_0, params: clearDeadline0_0Params } = kit.call(to0, 0)
  const { exec: adoptLink0_1, params: adoptLink0_1Params } = kit.call(to0, 1)
  const { exec: tell0_2, params: tell0_2Params } = kit.call(to0, 2)
  return (now, event, scope) => {
    const context = now.context as Context
    if (inspects(scope, 'clearDeadline', clearDeadline0_0Params)) return goOn(to0, now, context, event, scope, 0)
    const args00 = { context: context, event, self: scope.self, system: scope.system }
    clearDeadline0_0(args00, clearDeadline0_0Params)
    adoptLink0_1(args00, adoptLink0_1Params)
    tell0_2(args00, tell0_2Params)
    return now
  }
}

/** peer.Connected: link.accepted */
function peerConnectedOnLinkAcceptedOf(kit: CodeKit): Take {
  const { goOn, guardFailed, inspects } = kit
  const [to0, to1] = kit.candidates('peer.Connected', 'link.accepted')
  const { asks: dialWins0, given: dialWins0Given } = kit.predicate(to0)
  const { exec: adoptLink0_0, params: adoptLink0_0Params } = kit.call(to0, 0)
  const { exec: tell0_1, params: tell0_1Params } = kit.call(to0, 1)
  const { exec: abortDial1_0, params: abortDial1_0Params } = kit.call(to1, 0)
  const { exec: adoptLink1_1, params: adoptLink1_1Params } = kit.call(to1, 1)
  const { exec: tell1_2, params: tell1_2Params } = kit.call(to1, 2)
  return (now, event, scope) => {
    const context = now.context as Context
    let passes0
    try {
      passes0 = dialWins0({ context, event }, dialWins0Given)
    } catch (error) {
      throw guardFailed(to0, event, error)
    }
    if (passes0) {
      if (inspects(scope, 'adoptLink', adoptLink0_0Params)) return goOn(to0, now, context, event, scope, 0)
      const args00 = { context: context, event, self: scope.self, system: scope.system }
      adoptLink0_0(args00, adoptLink0_0Params)
      tell0_1(args00, tell0_1Params)
      return now
    }
    if (inspects(scope, 'abortDial', abortDial1_0Params)) return goOn(to1, now, context, event, scope, 0)
    const args10 = { context: context, event, self: scope.self, system: scope.system }
    abortDial1_0(args10, abortDial1_0Params)
    adoptLink1_1(args10, adoptLink1_1Params)
    tell1_2(args10, tell1_2Params)
    return now
  }
}

/** peer.Connected: dial.failed */
function peerConnectedOnDialFailedOf(kit: CodeKit): Take {
  const { goOn, inspects } = kit
  const [to0] = kit.candidates('peer.Connected', 'dial.failed')
  const { exec: clearDeadline0_0, params: clearDeadline0_0Params } = kit.call(to0, 0)
  return (now, event, scope) => {
    const context = now.context as Context
    if (inspects(scope, 'clearDeadline', clearDeadline0_0Params)) return goOn(to0, now, context, event, scope, 0)
    const args00 = { context: context, event, self: scope.self, system: scope.system }
    clearDeadline0_0(args00, clearDeadline0_0Params)
    return now
  }
}

/** peer.Connected: dial.timedOut */
function peerConnectedOnDialTimedOutOf(kit: CodeKit): Take {
  const { goOn, inspects } = kit
  const [to0] = kit.candidates('peer.Connected', 'dial.timedOut')
  const { exec: abortDial0_0, params: abortDial0_0Params } = kit.call(to0, 0)
  return (now, event, scope) => {
    const context = now.context as Context
    if (inspects(scope, 'abortDial', abortDial0_0Params)) return goOn(to0, now, context, event, scope, 0)
    const args00 = { context: context, event, self: scope.self, system: scope.system }
    abortDial0_0(args00, abortDial0_0Params)
    return now
  }
}

/** peer.Connected: link.closed */
function peerConnectedOnLinkClosedOf(kit: CodeKit): Take {
  const { goOn, inspects, landed } = kit
  const [to0] = kit.candidates('peer.Connected', 'link.closed')
  const { exec: endHolds0_0, params: endHolds0_0Params } = kit.call(to0, 0)
  const { exec: abortDial0_1, params: abortDial0_1Params } = kit.call(to0, 1)
  const { exec: dropLink0_2, params: dropLink0_2Params } = kit.call(to0, 2)
  const { exec: tell0_3, params: tell0_3Params } = kit.call(to0, 3)
  return (now, event, scope) => {
    const context = now.context as Context
    if (inspects(scope, 'endHolds', endHolds0_0Params)) return goOn(to0, now, context, event, scope, 0)
    const args00 = { context: context, event, self: scope.self, system: scope.system }
    endHolds0_0(args00, endHolds0_0Params)
    abortDial0_1(args00, abortDial0_1Params)
    dropLink0_2(args00, dropLink0_2Params)
    tell0_3(args00, tell0_3Params)
    return landed(to0, now, context)
  }
}

/** peer.Connected: link.failed */
function peerConnectedOnLinkFailedOf(kit: CodeKit): Take {
  const { goOn, inspects, landed } = kit
  const [to0] = kit.candidates('peer.Connected', 'link.failed')
  const { exec: endHolds0_0, params: endHolds0_0Params } = kit.call(to0, 0)
  const { exec: abortDial0_1, params: abortDial0_1Params } = kit.call(to0, 1)
  const { exec: dropLink0_2, params: dropLink0_2Params } = kit.call(to0, 2)
  const noteFailure0_3 = kit.assign(to0, 3)
  const noteFailure0_3_0Given = noteFailure0_3.values[0] as Made
  const { exec: tell0_4, params: tell0_4Params } = kit.call(to0, 4)
  return (now, event, scope) => {
    const context = now.context as Context
    if (inspects(scope, 'endHolds', endHolds0_0Params)) return goOn(to0, now, context, event, scope, 0)
    const args00 = { context: context, event, self: scope.self, system: scope.system }
    endHolds0_0(args00, endHolds0_0Params)
    abortDial0_1(args00, abortDial0_1Params)
    dropLink0_2(args00, dropLink0_2Params)
    const noteFailure0_3Args = { context: context, event, spawn: noteFailure0_3.spawn, self: scope.self, system: scope.system }
    const noteFailure0_3_0 = noteFailure0_3_0Given(noteFailure0_3Args, noteFailure0_3.params)
    const context01 = Object.is(context.failure, noteFailure0_3_0)
      ? context
      : { peerId: context.peerId, owner: context.owner, pooledAt: context.pooledAt, failure: noteFailure0_3_0 }
    const args01 = context01 === context ? args00 : { context: context01, event, self: scope.self, system: scope.system }
    tell0_4(args01, tell0_4Params)
    return landed(to0, now, context01)
  }
}

/** peer.Connected: heartbeat.lost */
function peerConnectedOnHeartbeatLostOf(kit: CodeKit): Take {
  const { goOn, inspects, landed } = kit
  const [to0] = kit.candidates('peer.Connected', 'heartbeat.lost')
  const { exec: endHolds0_0, params: endHolds0_0Params } = kit.call(to0, 0)
  const { exec: abortDial0_1, params: abortDial0_1Params } = kit.call(to0, 1)
  const { exec: abortLink0_2, params: abortLink0_2Params } = kit.call(to0, 2)
  const noteFailure0_3 = kit.assign(to0, 3)
  const noteFailure0_3_0Given = noteFailure0_3.values[0] as Made
  const { exec: tell0_4, params: tell0_4Params } = kit.call(to0, 4)
  return (now, event, scope) => {
    const context = now.context as Context
    if (inspects(scope, 'endHolds', endHolds0_0Params)) return goOn(to0, now, context, event, scope, 0)
    const args00 = { context: context, event, self: scope.self, system: scope.system }
    endHolds0_0(args00, endHolds0_0Params)
    abortDial0_1(args00, abortDial0_1Params)
    abortLink0_2(args00, abortLink0_2Params)
    const noteFailure0_3Args = { context: context, event, spawn: noteFailure0_3.spawn, self: scope.self, system: scope.system }
    const noteFailure0_3_0 = noteFailure0_3_0Given(noteFailure0_3Args, noteFailure0_3.params)
    const context01 = Object.is(context.failure, noteFailure0_3_0)
      ? context
      : { peerId: context.peerId, owner: context.owner, pooledAt: context.pooledAt, failure: noteFailure0_3_0 }
    const args01 = context01 === context ? args00 : { context: context01, event, self: scope.self, system: scope.system }
    tell0_4(args01, tell0_4Params)
    return landed(to0, now, context01)
  }
}

/** peer.Connected: peer.evict */
function peerConnectedOnPeerEvictOf(kit: CodeKit): Take {
  const { goOn, inspects, landed } = kit
  const [to0] = kit.candidates('peer.Connected', 'peer.evict')
  const { exec: endHolds0_0, params: endHolds0_0Params } = kit.call(to0, 0)
  const { exec: abortDial0_1, params: abortDial0_1Params } = kit.call(to0, 1)
  const { exec: abortLink0_2, params: abortLink0_2Params } = kit.call(to0, 2)
  const { exec: tell0_3, params: tell0_3Params } = kit.call(to0, 3)
  return (now, event, scope) => {
    const context = now.context as Context
    if (inspects(scope, 'endHolds', endHolds0_0Params)) return goOn(to0, now, context, event, scope, 0)
    const args00 = { context: context, event, self: scope.self, system: scope.system }
    endHolds0_0(args00, endHolds0_0Params)
    abortDial0_1(args00, abortDial0_1Params)
    abortLink0_2(args00, abortLink0_2Params)
    tell0_3(args00, tell0_3Params)
    return landed(to0, now, context)
  }
}

/** peer.Connected: peer.reported */
function peerConnectedOnPeerReportedOf(kit: CodeKit): Take {
  const { goOn, guardFailed, inspects, landed, nothing } = kit
  const [to0, to1, to2] = kit.candidates('peer.Connected', 'peer.reported')
  const { asks: reportsDisconnected0, given: reportsDisconnected0Given } = kit.predicate(to0)
  const { exec: endHolds0_0, params: endHolds0_0Params } = kit.call(to0, 0)
  const { exec: abortDial0_1, params: abortDial0_1Params } = kit.call(to0, 1)
  const { exec: abortLink0_2, params: abortLink0_2Params } = kit.call(to0, 2)
  const { exec: tell0_3, params: tell0_3Params } = kit.call(to0, 3)
  const { asks: reportsFailed1, given: reportsFailed1Given } = kit.predicate(to1)
  const { exec: endHolds1_0, params: endHolds1_0Params } = kit.call(to1, 0)
  const { exec: abortDial1_1, params: abortDial1_1Params } = kit.call(to1, 1)
  const { exec: abortLink1_2, params: abortLink1_2Params } = kit.call(to1, 2)
  const noteFailure1_3 = kit.assign(to1, 3)
  const noteFailure1_3_0Given = noteFailure1_3.values[0] as Made
  const { exec: tell1_4, params: tell1_4Params } = kit.call(to1, 4)
  const { asks: appReportsConnecting2, given: appReportsConnecting2Given } = kit.predicate(to2)
  const { exec: endHolds2_0, params: endHolds2_0Params } = kit.call(to2, 0)
  const { exec: abortDial2_1, params: abortDial2_1Params } = kit.call(to2, 1)
  const { exec: tell2_2, params: tell2_2Params } = kit.call(to2, 2)
  return (now, event, scope) => {
    const context = now.context as Context
    let passes0
    try {
      passes0 = reportsDisconnected0({ context, event }, reportsDisconnected0Given)
    } catch (error) {
      throw guardFailed(to0, event, error)
    }
    if (passes0) {
      if (inspects(scope, 'endHolds', endHolds0_0Params)) return goOn(to0, now, context, event, scope, 0)
      const args00 = { context: context, event, self: scope.self, system: scope.system }
      endHolds0_0(args00, endHolds0_0Params)
      abortDial0_1(args00, abortDial0_1Params)
      abortLink0_2(args00, abortLink0_2Params)
      tell0_3(args00, tell0_3Params)
      return landed(to0, now, context)
    }
    let passes1
    try {
      passes1 = reportsFailed1({ context, event }, reportsFailed1Given)
    } catch (error) {
      throw guardFailed(to1, event, error)
    }
    if (passes1) {
      if (inspects(scope, 'endHolds', endHolds1_0Params)) return goOn(to1, now, context, event, scope, 0)
      const args10 = { context: context, event, self: scope.self, system: scope.system }
      endHolds1_0(args10, endHolds1_0Params)
      abortDial1_1(args10, abortDial1_1Params)
      abortLink1_2(args10, abortLink1_2Params)
      const noteFailure1_3Args = { context: context, event, spawn: noteFailure1_3.spawn, self: scope.self, system: scope.system }
      const noteFailure1_3_0 = noteFailure1_3_0Given(noteFailure1_3Args, noteFailure1_3.params)
      const context11 = Object.is(context.failure, noteFailure1_3_0)
        ? context
        : { peerId: context.peerId, owner: context.owner, pooledAt: context.pooledAt, failure: noteFailure1_3_0 }
      const args11 = context11 === context ? args10 : { context: context11, event, self: scope.self, system: scope.system }
      tell1_4(args11, tell1_4Params)
      return landed(to1, now, context11)
    }
    let passes2
    try {
      passes2 = appReportsConnecting2({ context, event }, appReportsConnecting2Given)
    } catch (error) {
      throw guardFailed(to2, event, error)
    }
    if (passes2) {
      if (inspects(scope, 'endHolds', endHolds2_0Params)) return goOn(to2, now, context, event, scope, 0)
      const args20 = { context: context, event, self: scope.self, system: scope.system }
      endHolds2_0(args20, endHolds2_0Params)
      abortDial2_1(args20, abortDial2_1Params)
      tell2_2(args20, tell2_2Params)
      return landed(to2, now, context)
    }
    return nothing(now, event, scope)
  }
}

/** peer.Connected: supervisor.stopped */
function peerConnectedOnSupervisorStoppedOf(kit: CodeKit): Take {
  const { goOn, guardFailed, inspects, landed } = kit
  const [to0, to1] = kit.candidates('peer.Connected', 'supervisor.stopped')
  const { asks: isAppOwned0, given: isAppOwned0Given } = kit.predicate(to0)
  const { exec: endHolds0_0, params: endHolds0_0Params } = kit.call(to0, 0)
  const { exec: abortDial0_1, params: abortDial0_1Params } = kit.call(to0, 1)
  const { exec: tell0_2, params: tell0_2Params } = kit.call(to0, 2)
  const { exec: forget0_3, params: forget0_3Params } = kit.call(to0, 3)
  const { exec: endHolds1_0, params: endHolds1_0Params } = kit.call(to1, 0)
  const { exec: abortDial1_1, params: abortDial1_1Params } = kit.call(to1, 1)
  const { exec: tell1_2, params: tell1_2Params } = kit.call(to1, 2)
  const { exec: closeLink1_3, params: closeLink1_3Params } = kit.call(to1, 3)
  const { exec: startDeadline1_4, params: startDeadline1_4Params } = kit.call(to1, 4)
  return (now, event, scope) => {
    const context = now.context as Context
    let passes0
    try {
      passes0 = isAppOwned0({ context, event }, isAppOwned0Given)
    } catch (error) {
      throw guardFailed(to0, event, error)
    }
    if (passes0) {
      if (inspects(scope, 'endHolds', endHolds0_0Params)) return goOn(to0, now, context, event, scope, 0)
      const args00 = { context: context, event, self: scope.self, system: scope.system }
      endHolds0_0(args00, endHolds0_0Params)
      abortDial0_1(args00, abortDial0_1Params)
      tell0_2(args00, tell0_2Params)
      forget0_3(args00, forget0_3Params)
      return landed(to0, now, context)
    }
    if (inspects(scope, 'endHolds', endHolds1_0Params)) return goOn(to1, now, context, event, scope, 0)
    const args10 = { context: context, event, self: scope.self, system: scope.system }
    endHolds1_0(args10, endHolds1_0Params)
    abortDial1_1(args10, abortDial1_1Params)
    tell1_2(args10, tell1_2Params)
    closeLink1_3(args10, closeLink1_3Params)
    startDeadline1_4(args10, startDeadline1_4Params)
    return landed(to1, now, context)
  }
}

/** peer.Disconnected.closed: peer.connect */
function peerDisconnectedClosedOnPeerConnectOf(kit: CodeKit): Take {
  const { goOn, guardFailed, inspects, landed } = kit
  const [to0, to1] = kit.candidates('peer.Disconnected.closed', 'peer.connect')
  const { asks: hasTurn0, given: hasTurn0Given } = kit.predicate(to0)
  const { exec: tell0_1, params: tell0_1Params } = kit.call(to0, 1)
  const { exec: startDial0_2, params: startDial0_2Params } = kit.call(to0, 2)
  const { exec: startDeadline0_3, params: startDeadline0_3Params } = kit.call(to0, 3)
  const { exec: tell1_1, params: tell1_1Params } = kit.call(to1, 1)
  const { exec: startDeadline1_2, params: startDeadline1_2Params } = kit.call(to1, 2)
  return (now, event, scope) => {
    const context = now.context as Context
    let passes0
    try {
      passes0 = hasTurn0({ context, event }, hasTurn0Given)
    } catch (error) {
      throw guardFailed(to0, event, error)
    }
    if (passes0) {
      const context01 = Object.is(context.owner, 'manager')
        ? context
        : { peerId: context.peerId, owner: 'manager', pooledAt: context.pooledAt, failure: context.failure }
      if (inspects(scope, 'tell', tell0_1Params)) return goOn(to0, now, context01, event, scope, 1)
      const args01 = { context: context01, event, self: scope.self, system: scope.system }
      tell0_1(args01, tell0_1Params)
      startDial0_2(args01, startDial0_2Params)
      startDeadline0_3(args01, startDeadline0_3Params)
      return landed(to0, now, context01)
    }
    const context11 = Object.is(context.owner, 'manager')
      ? context
      : { peerId: context.peerId, owner: 'manager', pooledAt: context.pooledAt, failure: context.failure }
    if (inspects(scope, 'tell', tell1_1Params)) return goOn(to1, now, context11, event, scope, 1)
    const args11 = { context: context11, event, self: scope.self, system: scope.system }
    tell1_1(args11, tell1_1Params)
    startDeadline1_2(args11, startDeadline1_2Params)
    return landed(to1, now, context11)
  }
}

/** peer.Disconnected.closed: backoff.elapsed */
function peerDisconnectedClosedOnBackoffElapsedOf(kit: CodeKit): Take {
  const { goOn, guardFailed, inspects, landed } = kit
  const [to0, to1] = kit.candidates('peer.Disconnected.closed', 'backoff.elapsed')
  const { asks: hasTurn0, given: hasTurn0Given } = kit.predicate(to0)
  const { exec: tell0_1, params: tell0_1Params } = kit.call(to0, 1)
  const { exec: startDial0_2, params: startDial0_2Params } = kit.call(to0, 2)
  const { exec: startDeadline0_3, params: startDeadline0_3Params } = kit.call(to0, 3)
  const { exec: tell1_1, params: tell1_1Params } = kit.call(to1, 1)
  const { exec: startDeadline1_2, params: startDeadline1_2Params } = kit.call(to1, 2)
  return (now, event, scope) => {
    const context = now.context as Context
    let passes0
    try {
      passes0 = hasTurn0({ context, event }, hasTurn0Given)
    } catch (error) {
      throw guardFailed(to0, event, error)
    }
    if (passes0) {
      const context01 = Object.is(context.owner, 'manager')
        ? context
        : { peerId: context.peerId, owner: 'manager', pooledAt: context.pooledAt, failure: context.failure }
      if (inspects(scope, 'tell', tell0_1Params)) return goOn(to0, now, context01, event, scope, 1)
      const args01 = { context: context01, event, self: scope.self, system: scope.system }
      tell0_1(args01, tell0_1Params)
      startDial0_2(args01, startDial0_2Params)
      startDeadline0_3(args01, startDeadline0_3Params)
      return landed(to0, now, context01)
    }
    const context11 = Object.is(context.owner, 'manager')
      ? context
      : { peerId: context.peerId, owner: 'manager', pooledAt: context.pooledAt, failure: context.failure }
    if (inspects(scope, 'tell', tell1_1Params)) return goOn(to1, now, context11, event, scope, 1)
    const args11 = { context: context11, event, self: scope.self, system: scope.system }
    tell1_1(args11, tell1_1Params)
    startDeadline1_2(args11, startDeadline1_2Params)
    return landed(to1, now, context11)
  }
}

/** peer.Disconnected.closed: link.accepted */
function peerDisconnectedClosedOnLinkAcceptedOf(kit: CodeKit): Take {
  const { goOn, inspects, landed } = kit
  const [to0] = kit.candidates('peer.Disconnected.closed', 'link.accepted')
  const { exec: adoptLink0_1, params: adoptLink0_1Params } = kit.call(to0, 1)
  const { exec: tell0_2, params: tell0_2Params } = kit.call(to0, 2)
  const { exec: serveCallers0_4, params: serveCallers0_4Params } = kit.call(to0, 4)
  return (now, event, scope) => {
    const context = now.context as Context
    const context01 = Object.is(context.owner, 'manager')
      ? context
      : { peerId: context.peerId, owner: 'manager', pooledAt: context.pooledAt, failure: context.failure }
    if (inspects(scope, 'adoptLink', adoptLink0_1Params)) return goOn(to0, now, context01, event, scope, 1)
    const args01 = { context: context01, event, self: scope.self, system: scope.system }
    adoptLink0_1(args01, adoptLink0_1Params)
    tell0_2(args01, tell0_2Params)
    const context02 = Object.is(context01.failure, undefined)
      ? context01
      : { peerId: context01.peerId, owner: context01.owner, pooledAt: context01.pooledAt, failure: undefined }
    const args02 = context02 === context01 ? args01 : { context: context02, event, self: scope.self, system: scope.system }
    serveCallers0_4(args02, serveCallers0_4Params)
    return landed(to0, now, context02)
  }
}

/** peer.Disconnected.closed: peer.reported */
function peerDisconnectedClosedOnPeerReportedOf(kit: CodeKit): Take {
  const { goOn, guardFailed, inspects, landed, nothing } = kit
  const [to0, to1, to2, to3] = kit.candidates('peer.Disconnected.closed', 'peer.reported')
  const { asks: reportsConnecting0, given: reportsConnecting0Given } = kit.predicate(to0)
  const { exec: tell0_1, params: tell0_1Params } = kit.call(to0, 1)
  const { asks: reportsConnected1, given: reportsConnected1Given } = kit.predicate(to1)
  const { exec: tell1_1, params: tell1_1Params } = kit.call(to1, 1)
  const { exec: serveCallers1_3, params: serveCallers1_3Params } = kit.call(to1, 3)
  const { asks: reportsDisconnected2, given: reportsDisconnected2Given } = kit.predicate(to2)
  const { exec: tell2_1, params: tell2_1Params } = kit.call(to2, 1)
  const { asks: reportsFailed3, given: reportsFailed3Given } = kit.predicate(to3)
  const noteFailure3_1 = kit.assign(to3, 1)
  const noteFailure3_1_0Given = noteFailure3_1.values[0] as Made
  const { exec: tell3_2, params: tell3_2Params } = kit.call(to3, 2)
  return (now, event, scope) => {
    const context = now.context as Context
    let passes0
    try {
      passes0 = reportsConnecting0({ context, event }, reportsConnecting0Given)
    } catch (error) {
      throw guardFailed(to0, event, error)
    }
    if (passes0) {
      const context01 = Object.is(context.owner, 'app')
        ? context
        : { peerId: context.peerId, owner: 'app', pooledAt: context.pooledAt, failure: context.failure }
      if (inspects(scope, 'tell', tell0_1Params)) return goOn(to0, now, context01, event, scope, 1)
      const args01 = { context: context01, event, self: scope.self, system: scope.system }
      tell0_1(args01, tell0_1Params)
      return landed(to0, now, context01)
    }
    let passes1
    try {
      passes1 = reportsConnected1({ context, event }, reportsConnected1Given)
    } catch (error) {
      throw guardFailed(to1, event, error)
    }
    if (passes1) {
      const context11 = Object.is(context.owner, 'app')
        ? context
        : { peerId: context.peerId, owner: 'app', pooledAt: context.pooledAt, failure: context.failure }
      if (inspects(scope, 'tell', tell1_1Params)) return goOn(to1, now, context11, event, scope, 1)
      const args11 = { context: context11, event, self: scope.self, system: scope.system }
      tell1_1(args11, tell1_1Params)
      const context12 = Object.is(context11.failure, undefined)
        ? context11
        : { peerId: context11.peerId, owner: context11.owner, pooledAt: context11.pooledAt, failure: undefined }
      const args12 = context12 === context11 ? args11 : { context: context12, event, self: scope.self, system: scope.system }
      serveCallers1_3(args12, serveCallers1_3Params)
      return landed(to1, now, context12)
    }
    let passes2
    try {
      passes2 = reportsDisconnected2({ context, event }, reportsDisconnected2Given)
    } catch (error) {
      throw guardFailed(to2, event, error)
    }
    if (passes2) {
      const context21 = Object.is(context.owner, 'app')
        ? context
        : { peerId: context.peerId, owner: 'app', pooledAt: context.pooledAt, failure: context.failure }
      if (inspects(scope, 'tell', tell2_1Params)) return goOn(to2, now, context21, event, scope, 1)
      const args21 = { context: context21, event, self: scope.self, system: scope.system }
      tell2_1(args21, tell2_1Params)
      return landed(to2, now, context21)
    }
    let passes3
    try {
      passes3 = reportsFailed3({ context, event }, reportsFailed3Given)
    } catch (error) {
      throw guardFailed(to3, event, error)
    }
    if (passes3) {
      const context31 = Object.is(context.owner, 'app')
        ? context
        : { peerId: context.peerId, owner: 'app', pooledAt: context.pooledAt, failure: context.failure }
      const noteFailure3_1Args = { context: context31, event, spawn: noteFailure3_1.spawn, self: scope.self, system: scope.system }
      const noteFailure3_1_0 = noteFailure3_1_0Given(noteFailure3_1Args, noteFailure3_1.params)
      const context32 = Object.is(context31.failure, noteFailure3_1_0)
        ? context31
        : { peerId: context31.peerId, owner: context31.owner, pooledAt: context31.pooledAt, failure: noteFailure3_1_0 }
      if (inspects(scope, 'tell', tell3_2Params)) return goOn(to3, now, context32, event, scope, 2)
      const args32 = { context: context32, event, self: scope.self, system: scope.system }
      tell3_2(args32, tell3_2Params)
      return landed(to3, now, context32)
    }
    return nothing(now, event, scope)
  }
}

/** peer.Disconnected.closed: peer.crashed */
function peerDisconnectedClosedOnPeerCrashedOf(kit: CodeKit): Take {
  const { goOn, inspects, landed } = kit
  const [to0] = kit.candidates('peer.Disconnected.closed', 'peer.crashed')
  const noteFailure0_0 = kit.assign(to0, 0)
  const noteFailure0_0_0Given = noteFailure0_0.values[0] as Made
  const { exec: tell0_1, params: tell0_1Params } = kit.call(to0, 1)
  return (now, event, scope) => {
    const context = now.context as Context
    const noteFailure0_0Args = { context: context, event, spawn: noteFailure0_0.spawn, self: scope.self, system: scope.system }
    const noteFailure0_0_0 = noteFailure0_0_0Given(noteFailure0_0Args, noteFailure0_0.params)
    const context01 = Object.is(context.failure, noteFailure0_0_0)
      ? context
      : { peerId: context.peerId, owner: context.owner, pooledAt: context.pooledAt, failure: noteFailure0_0_0 }
    if (inspects(scope, 'tell', tell0_1Params)) return goOn(to0, now, context01, event, scope, 1)
    const args01 = { context: context01, event, self: scope.self, system: scope.system }
    tell0_1(args01, tell0_1Params)
    return landed(to0, now, context01)
  }
}

/** peer.Disconnected.closed: peer.disconnect */
function peerDisconnectedClosedOnPeerDisconnectOf(kit: CodeKit): Take {
  const { goOn, inspects } = kit
  const [to0] = kit.candidates('peer.Disconnected.closed', 'peer.disconnect')
  const { exec: forget0_0, params: forget0_0Params } = kit.call(to0, 0)
  return (now, event, scope) => {
    const context = now.context as Context
    if (inspects(scope, 'forget', forget0_0Params)) return goOn(to0, now, context, event, scope, 0)
    const args00 = { context: context, event, self: scope.self, system: scope.system }
    forget0_0(args00, forget0_0Params)
    return now
  }
}

/** peer.Disconnected.closed: memory.full */
function peerDisconnectedClosedOnMemoryFullOf(kit: CodeKit): Take {
  const { goOn, inspects } = kit
  const [to0] = kit.candidates('peer.Disconnected.closed', 'memory.full')
  const { exec: forget0_0, params: forget0_0Params } = kit.call(to0, 0)
  return (now, event, scope) => {
    const context = now.context as Context
    if (inspects(scope, 'forget', forget0_0Params)) return goOn(to0, now, context, event, scope, 0)
    const args00 = { context: context, event, self: scope.self, system: scope.system }
    forget0_0(args00, forget0_0Params)
    return now
  }
}

/** peer.Disconnected.closed: supervisor.stopped */
function peerDisconnectedClosedOnSupervisorStoppedOf(kit: CodeKit): Take {
  const { goOn, inspects } = kit
  const [to0] = kit.candidates('peer.Disconnected.closed', 'supervisor.stopped')
  const { exec: forget0_0, params: forget0_0Params } = kit.call(to0, 0)
  return (now, event, scope) => {
    const context = now.context as Context
    if (inspects(scope, 'forget', forget0_0Params)) return goOn(to0, now, context, event, scope, 0)
    const args00 = { context: context, event, self: scope.self, system: scope.system }
    forget0_0(args00, forget0_0Params)
    return now
  }
}

/** peer.Disconnected.pooled: peer.connect */
function peerDisconnectedPooledOnPeerConnectOf(kit: CodeKit): Take {
  const { goOn, guardFailed, inspects, landed } = kit
  const [to0, to1] = kit.candidates('peer.Disconnected.pooled', 'peer.connect')
  const { asks: isFresh0, given: isFresh0Given } = kit.predicate(to0)
  const { exec: tell0_0, params: tell0_0Params } = kit.call(to0, 0)
  const { exec: serveCallers0_2, params: serveCallers0_2Params } = kit.call(to0, 2)
  const { exec: abortLink1_0, params: abortLink1_0Params } = kit.call(to1, 0)
  const { exec: forget1_1, params: forget1_1Params } = kit.call(to1, 1)
  return (now, event, scope) => {
    const context = now.context as Context
    let passes0
    try {
      passes0 = isFresh0({ context, event }, isFresh0Given)
    } catch (error) {
      throw guardFailed(to0, event, error)
    }
    if (passes0) {
      if (inspects(scope, 'tell', tell0_0Params)) return goOn(to0, now, context, event, scope, 0)
      const args00 = { context: context, event, self: scope.self, system: scope.system }
      tell0_0(args00, tell0_0Params)
      const context01 = Object.is(context.failure, undefined)
        ? context
        : { peerId: context.peerId, owner: context.owner, pooledAt: context.pooledAt, failure: undefined }
      const args01 = context01 === context ? args00 : { context: context01, event, self: scope.self, system: scope.system }
      serveCallers0_2(args01, serveCallers0_2Params)
      return landed(to0, now, context01)
    }
    if (inspects(scope, 'abortLink', abortLink1_0Params)) return goOn(to1, now, context, event, scope, 0)
    const args10 = { context: context, event, self: scope.self, system: scope.system }
    abortLink1_0(args10, abortLink1_0Params)
    forget1_1(args10, forget1_1Params)
    return landed(to1, now, context)
  }
}

/** peer.Disconnected.pooled: peer.disconnect */
function peerDisconnectedPooledOnPeerDisconnectOf(kit: CodeKit): Take {
  const { goOn, guardFailed, inspects, landed, take } = kit
  const [to0, to1] = kit.candidates('peer.Disconnected.pooled', 'peer.disconnect')
  const { asks: mayPool0, given: mayPool0Given } = kit.predicate(to0)
  const { exec: tell1_0, params: tell1_0Params } = kit.call(to1, 0)
  const { exec: closeLink1_1, params: closeLink1_1Params } = kit.call(to1, 1)
  const { exec: startDeadline1_2, params: startDeadline1_2Params } = kit.call(to1, 2)
  return (now, event, scope) => {
    const context = now.context as Context
    let passes0
    try {
      passes0 = mayPool0({ context, event }, mayPool0Given)
    } catch (error) {
      throw guardFailed(to0, event, error)
    }
    if (passes0) {
      return take(to0, now, event, scope)
    }
    if (inspects(scope, 'tell', tell1_0Params)) return goOn(to1, now, context, event, scope, 0)
    const args10 = { context: context, event, self: scope.self, system: scope.system }
    tell1_0(args10, tell1_0Params)
    closeLink1_1(args10, closeLink1_1Params)
    startDeadline1_2(args10, startDeadline1_2Params)
    return landed(to1, now, context)
  }
}

/** peer.Disconnected.pooled: pool.expired */
function peerDisconnectedPooledOnPoolExpiredOf(kit: CodeKit): Take {
  const { goOn, inspects, landed } = kit
  const [to0] = kit.candidates('peer.Disconnected.pooled', 'pool.expired')
  const { exec: abortLink0_0, params: abortLink0_0Params } = kit.call(to0, 0)
  const { exec: forget0_1, params: forget0_1Params } = kit.call(to0, 1)
  return (now, event, scope) => {
    const context = now.context as Context
    if (inspects(scope, 'abortLink', abortLink0_0Params)) return goOn(to0, now, context, event, scope, 0)
    const args00 = { context: context, event, self: scope.self, system: scope.system }
    abortLink0_0(args00, abortLink0_0Params)
    forget0_1(args00, forget0_1Params)
    return landed(to0, now, context)
  }
}

/** peer.Disconnected.pooled: pool.evicted */
function peerDisconnectedPooledOnPoolEvictedOf(kit: CodeKit): Take {
  const { goOn, inspects, landed } = kit
  const [to0] = kit.candidates('peer.Disconnected.pooled', 'pool.evicted')
  const { exec: abortLink0_0, params: abortLink0_0Params } = kit.call(to0, 0)
  const { exec: forget0_1, params: forget0_1Params } = kit.call(to0, 1)
  return (now, event, scope) => {
    const context = now.context as Context
    if (inspects(scope, 'abortLink', abortLink0_0Params)) return goOn(to0, now, context, event, scope, 0)
    const args00 = { context: context, event, self: scope.self, system: scope.system }
    abortLink0_0(args00, abortLink0_0Params)
    forget0_1(args00, forget0_1Params)
    return landed(to0, now, context)
  }
}

/** peer.Disconnected.pooled: link.closed */
function peerDisconnectedPooledOnLinkClosedOf(kit: CodeKit): Take {
  const { goOn, inspects, landed } = kit
  const [to0] = kit.candidates('peer.Disconnected.pooled', 'link.closed')
  const { exec: dropLink0_0, params: dropLink0_0Params } = kit.call(to0, 0)
  const { exec: forget0_1, params: forget0_1Params } = kit.call(to0, 1)
  return (now, event, scope) => {
    const context = now.context as Context
    if (inspects(scope, 'dropLink', dropLink0_0Params)) return goOn(to0, now, context, event, scope, 0)
    const args00 = { context: context, event, self: scope.self, system: scope.system }
    dropLink0_0(args00, dropLink0_0Params)
    forget0_1(args00, forget0_1Params)
    return landed(to0, now, context)
  }
}

/** peer.Disconnected.pooled: link.failed */
function peerDisconnectedPooledOnLinkFailedOf(kit: CodeKit): Take {
  const { goOn, inspects, landed } = kit
  const [to0] = kit.candidates('peer.Disconnected.pooled', 'link.failed')
  const { exec: dropLink0_0, params: dropLink0_0Params } = kit.call(to0, 0)
  const { exec: forget0_1, params: forget0_1Params } = kit.call(to0, 1)
  return (now, event, scope) => {
    const context = now.context as Context
    if (inspects(scope, 'dropLink', dropLink0_0Params)) return goOn(to0, now, context, event, scope, 0)
    const args00 = { context: context, event, self: scope.self, system: scope.system }
    dropLink0_0(args00, dropLink0_0Params)
    forget0_1(args00, forget0_1Params)
    return landed(to0, now, context)
  }
}

/** peer.Disconnected.pooled: link.accepted */
function peerDisconnectedPooledOnLinkAcceptedOf(kit: CodeKit): Take {
  const { goOn, inspects, landed } = kit
  const [to0] = kit.candidates('peer.Disconnected.pooled', 'link.accepted')
  const { exec: adoptLink0_0, params: adoptLink0_0Params } = kit.call(to0, 0)
  const { exec: tell0_1, params: tell0_1Params } = kit.call(to0, 1)
  const { exec: serveCallers0_3, params: serveCallers0_3Params } = kit.call(to0, 3)
  return (now, event, scope) => {
    const context = now.context as Context
    if (inspects(scope, 'adoptLink', adoptLink0_0Params)) return goOn(to0, now, context, event, scope, 0)
    const args00 = { context: context, event, self: scope.self, system: scope.system }
    adoptLink0_0(args00, adoptLink0_0Params)
    tell0_1(args00, tell0_1Params)
    const context01 = Object.is(context.failure, undefined)
      ? context
      : { peerId: context.peerId, owner: context.owner, pooledAt: context.pooledAt, failure: undefined }
    const args01 = context01 === context ? args00 : { context: context01, event, self: scope.self, system: scope.system }
    serveCallers0_3(args01, serveCallers0_3Params)
    return landed(to0, now, context01)
  }
}

/** peer.Disconnected.pooled: peer.reported */
function peerDisconnectedPooledOnPeerReportedOf(kit: CodeKit): Take {
  const { goOn, guardFailed, inspects, landed, nothing } = kit
  const [to0] = kit.candidates('peer.Disconnected.pooled', 'peer.reported')
  const { asks: reportsFailed0, given: reportsFailed0Given } = kit.predicate(to0)
  const { exec: abortLink0_0, params: abortLink0_0Params } = kit.call(to0, 0)
  const noteFailure0_1 = kit.assign(to0, 1)
  const noteFailure0_1_0Given = noteFailure0_1.values[0] as Made
  const { exec: tell0_2, params: tell0_2Params } = kit.call(to0, 2)
  return (now, event, scope) => {
    const context = now.context as Context
    let passes0
    try {
      passes0 = reportsFailed0({ context, event }, reportsFailed0Given)
    } catch (error) {
      throw guardFailed(to0, event, error)
    }
    if (passes0) {
      if (inspects(scope, 'abortLink', abortLink0_0Params)) return goOn(to0, now, context, event, scope, 0)
      const args00 = { context: context, event, self: scope.self, system: scope.system }
      abortLink0_0(args00, abortLink0_0Params)
      const noteFailure0_1Args = { context: context, event, spawn: noteFailure0_1.spawn, self: scope.self, system: scope.system }
      const noteFailure0_1_0 = noteFailure0_1_0Given(noteFailure0_1Args, noteFailure0_1.params)
      const context01 = Object.is(context.failure, noteFailure0_1_0)
        ? context
        : { peerId: context.peerId, owner: context.owner, pooledAt: context.pooledAt, failure: noteFailure0_1_0 }
      const args01 = context01 === context ? args00 : { context: context01, event, self: scope.self, system: scope.system }
      tell0_2(args01, tell0_2Params)
      return landed(to0, now, context01)
    }
    return nothing(now, event, scope)
  }
}

/** peer.Disconnected.pooled: supervisor.stopped */
function peerDisconnectedPooledOnSupervisorStoppedOf(kit: CodeKit): Take {
  const { goOn, inspects, landed } = kit
  const [to0] = kit.candidates('peer.Disconnected.pooled', 'supervisor.stopped')
  const { exec: tell0_0, params: tell0_0Params } = kit.call(to0, 0)
  const { exec: closeLink0_1, params: closeLink0_1Params } = kit.call(to0, 1)
  const { exec: startDeadline0_2, params: startDeadline0_2Params } = kit.call(to0, 2)
  return (now, event, scope) => {
    const context = now.context as Context
    if (inspects(scope, 'tell', tell0_0Params)) return goOn(to0, now, context, event, scope, 0)
    const args00 = { context: context, event, self: scope.self, system: scope.system }
    tell0_0(args00, tell0_0Params)
    closeLink0_1(args00, closeLink0_1Params)
    startDeadline0_2(args00, startDeadline0_2Params)
    return landed(to0, now, context)
  }
}

/** peer.Disconnected.closing: link.closed */
function peerDisconnectedClosingOnLinkClosedOf(kit: CodeKit): Take {
  const { goOn, inspects, landed } = kit
  const [to0] = kit.candidates('peer.Disconnected.closing', 'link.closed')
  const { exec: clearDeadline0_0, params: clearDeadline0_0Params } = kit.call(to0, 0)
  const { exec: settleClose0_1, params: settleClose0_1Params } = kit.call(to0, 1)
  const { exec: dropLink0_2, params: dropLink0_2Params } = kit.call(to0, 2)
  const { exec: forget0_3, params: forget0_3Params } = kit.call(to0, 3)
  return (now, event, scope) => {
    const context = now.context as Context
    if (inspects(scope, 'clearDeadline', clearDeadline0_0Params)) return goOn(to0, now, context, event, scope, 0)
    const args00 = { context: context, event, self: scope.self, system: scope.system }
    clearDeadline0_0(args00, clearDeadline0_0Params)
    settleClose0_1(args00, settleClose0_1Params)
    dropLink0_2(args00, dropLink0_2Params)
    forget0_3(args00, forget0_3Params)
    return landed(to0, now, context)
  }
}

/** peer.Disconnected.closing: link.failed */
function peerDisconnectedClosingOnLinkFailedOf(kit: CodeKit): Take {
  const { goOn, inspects, landed } = kit
  const [to0] = kit.candidates('peer.Disconnected.closing', 'link.failed')
  const { exec: clearDeadline0_0, params: clearDeadline0_0Params } = kit.call(to0, 0)
  const { exec: settleClose0_1, params: settleClose0_1Params } = kit.call(to0, 1)
  const { exec: dropLink0_2, params: dropLink0_2Params } = kit.call(to0, 2)
  const { exec: forget0_3, params: forget0_3Params } = kit.call(to0, 3)
  return (now, event, scope) => {
    const context = now.context as Context
    if (inspects(scope, 'clearDeadline', clearDeadline0_0Params)) return goOn(to0, now, context, event, scope, 0)
    const args00 = { context: context, event, self: scope.self, system: scope.system }
    clearDeadline0_0(args00, clearDeadline0_0Params)
    settleClose0_1(args00, settleClose0_1Params)
    dropLink0_2(args00, dropLink0_2Params)
    forget0_3(args00, forget0_3Params)
    return landed(to0, now, context)
  }
}

/** peer.Disconnected.closing: close.timedOut */
function peerDisconnectedClosingOnCloseTimedOutOf(kit: CodeKit): Take {
  const { goOn, inspects, landed } = kit
  const [to0] = kit.candidates('peer.Disconnected.closing', 'close.timedOut')
  const { exec: clearDeadline0_0, params: clearDeadline0_0Params } = kit.call(to0, 0)
  const { exec: settleClose0_1, params: settleClose0_1Params } = kit.call(to0, 1)
  const { exec: abortLink0_2, params: abortLink0_2Params } = kit.call(to0, 2)
  const { exec: forget0_3, params: forget0_3Params } = kit.call(to0, 3)
  return (now, event, scope) => {
    const context = now.context as Context
    if (inspects(scope, 'clearDeadline', clearDeadline0_0Params)) return goOn(to0, now, context, event, scope, 0)
    const args00 = { context: context, event, self: scope.self, system: scope.system }
    clearDeadline0_0(args00, clearDeadline0_0Params)
    settleClose0_1(args00, settleClose0_1Params)
    abortLink0_2(args00, abortLink0_2Params)
    forget0_3(args00, forget0_3Params)
    return landed(to0, now, context)
  }
}

/** peer.Disconnected.closing: link.accepted */
function peerDisconnectedClosingOnLinkAcceptedOf(kit: CodeKit): Take {
  const { goOn, inspects, landed } = kit
  const [to0] = kit.candidates('peer.Disconnected.closing', 'link.accepted')
  const { exec: clearDeadline0_0, params: clearDeadline0_0Params } = kit.call(to0, 0)
  const { exec: settleClose0_1, params: settleClose0_1Params } = kit.call(to0, 1)
  const { exec: adoptLink0_2, params: adoptLink0_2Params } = kit.call(to0, 2)
  const { exec: tell0_3, params: tell0_3Params } = kit.call(to0, 3)
  const { exec: serveCallers0_5, params: serveCallers0_5Params } = kit.call(to0, 5)
  return (now, event, scope) => {
    const context = now.context as Context
    if (inspects(scope, 'clearDeadline', clearDeadline0_0Params)) return goOn(to0, now, context, event, scope, 0)
    const args00 = { context: context, event, self: scope.self, system: scope.system }
    clearDeadline0_0(args00, clearDeadline0_0Params)
    settleClose0_1(args00, settleClose0_1Params)
    adoptLink0_2(args00, adoptLink0_2Params)
    tell0_3(args00, tell0_3Params)
    const context01 = Object.is(context.failure, undefined)
      ? context
      : { peerId: context.peerId, owner: context.owner, pooledAt: context.pooledAt, failure: undefined }
    const args01 = context01 === context ? args00 : { context: context01, event, self: scope.self, system: scope.system }
    serveCallers0_5(args01, serveCallers0_5Params)
    return landed(to0, now, context01)
  }
}

/** peer.Disconnected.closing: peer.disconnect */
function peerDisconnectedClosingOnPeerDisconnectOf(kit: CodeKit): Take {
  const { goOn, inspects } = kit
  const [to0] = kit.candidates('peer.Disconnected.closing', 'peer.disconnect')
  const { exec: refuseCallers0_0, params: refuseCallers0_0Params } = kit.call(to0, 0)
  return (now, event, scope) => {
    const context = now.context as Context
    if (inspects(scope, 'refuseCallers', refuseCallers0_0Params)) return goOn(to0, now, context, event, scope, 0)
    const args00 = { context: context, event, self: scope.self, system: scope.system }
    refuseCallers0_0(args00, refuseCallers0_0Params)
    return now
  }
}

/** peer.Disconnected.closing: peer.reported */
function peerDisconnectedClosingOnPeerReportedOf(kit: CodeKit): Take {
  const { goOn, guardFailed, inspects, landed, nothing } = kit
  const [to0] = kit.candidates('peer.Disconnected.closing', 'peer.reported')
  const { asks: reportsFailed0, given: reportsFailed0Given } = kit.predicate(to0)
  const { exec: clearDeadline0_0, params: clearDeadline0_0Params } = kit.call(to0, 0)
  const { exec: settleClose0_1, params: settleClose0_1Params } = kit.call(to0, 1)
  const { exec: abortLink0_2, params: abortLink0_2Params } = kit.call(to0, 2)
  const noteFailure0_3 = kit.assign(to0, 3)
  const noteFailure0_3_0Given = noteFailure0_3.values[0] as Made
  const { exec: refuseCallers0_4, params: refuseCallers0_4Params } = kit.call(to0, 4)
  const { exec: tell0_5, params: tell0_5Params } = kit.call(to0, 5)
  return (now, event, scope) => {
    const context = now.context as Context
    let passes0
    try {
      passes0 = reportsFailed0({ context, event }, reportsFailed0Given)
    } catch (error) {
      throw guardFailed(to0, event, error)
    }
    if (passes0) {
      if (inspects(scope, 'clearDeadline', clearDeadline0_0Params)) return goOn(to0, now, context, event, scope, 0)
      const args00 = { context: context, event, self: scope.self, system: scope.system }
      clearDeadline0_0(args00, clearDeadline0_0Params)
      settleClose0_1(args00, settleClose0_1Params)
      abortLink0_2(args00, abortLink0_2Params)
      const noteFailure0_3Args = { context: context, event, spawn: noteFailure0_3.spawn, self: scope.self, system: scope.system }
      const noteFailure0_3_0 = noteFailure0_3_0Given(noteFailure0_3Args, noteFailure0_3.params)
      const context01 = Object.is(context.failure, noteFailure0_3_0)
        ? context
        : { peerId: context.peerId, owner: context.owner, pooledAt: context.pooledAt, failure: noteFailure0_3_0 }
      const args01 = context01 === context ? args00 : { context: context01, event, self: scope.self, system: scope.system }
      refuseCallers0_4(args01, refuseCallers0_4Params)
      tell0_5(args01, tell0_5Params)
      return landed(to0, now, context01)
    }
    return nothing(now, event, scope)
  }
}

/** peer.Disconnected.closing: supervisor.stopped */
function peerDisconnectedClosingOnSupervisorStoppedOf(kit: CodeKit): Take {
  const { goOn, inspects } = kit
  const [to0] = kit.candidates('peer.Disconnected.closing', 'supervisor.stopped')
  const { exec: refuseCallers0_0, params: refuseCallers0_0Params } = kit.call(to0, 0)
  return (now, event, scope) => {
    const context = now.context as Context
    if (inspects(scope, 'refuseCallers', refuseCallers0_0Params)) return goOn(to0, now, context, event, scope, 0)
    const args00 = { context: context, event, self: scope.self, system: scope.system }
    refuseCallers0_0(args00, refuseCallers0_0Params)
    return now
  }
}

/** peer.Failed: peer.connect */
function peerFailedOnPeerConnectOf(kit: CodeKit): Take {
  const { goOn, guardFailed, inspects, landed } = kit
  const [to0, to1] = kit.candidates('peer.Failed', 'peer.connect')
  const { asks: hasTurn0, given: hasTurn0Given } = kit.predicate(to0)
  const { exec: tell0_1, params: tell0_1Params } = kit.call(to0, 1)
  const { exec: startDial0_2, params: startDial0_2Params } = kit.call(to0, 2)
  const { exec: startDeadline0_3, params: startDeadline0_3Params } = kit.call(to0, 3)
  const { exec: tell1_1, params: tell1_1Params } = kit.call(to1, 1)
  const { exec: startDeadline1_2, params: startDeadline1_2Params } = kit.call(to1, 2)
  return (now, event, scope) => {
    const context = now.context as Context
    let passes0
    try {
      passes0 = hasTurn0({ context, event }, hasTurn0Given)
    } catch (error) {
      throw guardFailed(to0, event, error)
    }
    if (passes0) {
      const context01 = Object.is(context.owner, 'manager')
        ? context
        : { peerId: context.peerId, owner: 'manager', pooledAt: context.pooledAt, failure: context.failure }
      if (inspects(scope, 'tell', tell0_1Params)) return goOn(to0, now, context01, event, scope, 1)
      const args01 = { context: context01, event, self: scope.self, system: scope.system }
      tell0_1(args01, tell0_1Params)
      startDial0_2(args01, startDial0_2Params)
      startDeadline0_3(args01, startDeadline0_3Params)
      return landed(to0, now, context01)
    }
    const context11 = Object.is(context.owner, 'manager')
      ? context
      : { peerId: context.peerId, owner: 'manager', pooledAt: context.pooledAt, failure: context.failure }
    if (inspects(scope, 'tell', tell1_1Params)) return goOn(to1, now, context11, event, scope, 1)
    const args11 = { context: context11, event, self: scope.self, system: scope.system }
    tell1_1(args11, tell1_1Params)
    startDeadline1_2(args11, startDeadline1_2Params)
    return landed(to1, now, context11)
  }
}

/** peer.Failed: backoff.elapsed */
function peerFailedOnBackoffElapsedOf(kit: CodeKit): Take {
  const { goOn, guardFailed, inspects, landed } = kit
  const [to0, to1] = kit.candidates('peer.Failed', 'backoff.elapsed')
  const { asks: hasTurn0, given: hasTurn0Given } = kit.predicate(to0)
  const { exec: tell0_1, params: tell0_1Params } = kit.call(to0, 1)
  const { exec: startDial0_2, params: startDial0_2Params } = kit.call(to0, 2)
  const { exec: startDeadline0_3, params: startDeadline0_3Params } = kit.call(to0, 3)
  const { exec: tell1_1, params: tell1_1Params } = kit.call(to1, 1)
  const { exec: startDeadline1_2, params: startDeadline1_2Params } = kit.call(to1, 2)
  return (now, event, scope) => {
    const context = now.context as Context
    let passes0
    try {
      passes0 = hasTurn0({ context, event }, hasTurn0Given)
    } catch (error) {
      throw guardFailed(to0, event, error)
    }
    if (passes0) {
      const context01 = Object.is(context.owner, 'manager')
        ? context
        : { peerId: context.peerId, owner: 'manager', pooledAt: context.pooledAt, failure: context.failure }
      if (inspects(scope, 'tell', tell0_1Params)) return goOn(to0, now, context01, event, scope, 1)
      const args01 = { context: context01, event, self: scope.self, system: scope.system }
      tell0_1(args01, tell0_1Params)
      startDial0_2(args01, startDial0_2Params)
      startDeadline0_3(args01, startDeadline0_3Params)
      return landed(to0, now, context01)
    }
    const context11 = Object.is(context.owner, 'manager')
      ? context
      : { peerId: context.peerId, owner: 'manager', pooledAt: context.pooledAt, failure: context.failure }
    if (inspects(scope, 'tell', tell1_1Params)) return goOn(to1, now, context11, event, scope, 1)
    const args11 = { context: context11, event, self: scope.self, system: scope.system }
    tell1_1(args11, tell1_1Params)
    startDeadline1_2(args11, startDeadline1_2Params)
    return landed(to1, now, context11)
  }
}

/** peer.Failed: link.accepted */
function peerFailedOnLinkAcceptedOf(kit: CodeKit): Take {
  const { goOn, inspects, landed } = kit
  const [to0] = kit.candidates('peer.Failed', 'link.accepted')
  const { exec: adoptLink0_1, params: adoptLink0_1Params } = kit.call(to0, 1)
  const { exec: tell0_2, params: tell0_2Params } = kit.call(to0, 2)
  const { exec: serveCallers0_4, params: serveCallers0_4Params } = kit.call(to0, 4)
  return (now, event, scope) => {
    const context = now.context as Context
    const context01 = Object.is(context.owner, 'manager')
      ? context
      : { peerId: context.peerId, owner: 'manager', pooledAt: context.pooledAt, failure: context.failure }
    if (inspects(scope, 'adoptLink', adoptLink0_1Params)) return goOn(to0, now, context01, event, scope, 1)
    const args01 = { context: context01, event, self: scope.self, system: scope.system }
    adoptLink0_1(args01, adoptLink0_1Params)
    tell0_2(args01, tell0_2Params)
    const context02 = Object.is(context01.failure, undefined)
      ? context01
      : { peerId: context01.peerId, owner: context01.owner, pooledAt: context01.pooledAt, failure: undefined }
    const args02 = context02 === context01 ? args01 : { context: context02, event, self: scope.self, system: scope.system }
    serveCallers0_4(args02, serveCallers0_4Params)
    return landed(to0, now, context02)
  }
}

/** peer.Failed: peer.reported */
function peerFailedOnPeerReportedOf(kit: CodeKit): Take {
  const { goOn, guardFailed, inspects, landed, nothing, take } = kit
  const [to0, to1, to2, to3] = kit.candidates('peer.Failed', 'peer.reported')
  const { asks: reportsConnecting0, given: reportsConnecting0Given } = kit.predicate(to0)
  const { exec: tell0_1, params: tell0_1Params } = kit.call(to0, 1)
  const { asks: reportsConnected1, given: reportsConnected1Given } = kit.predicate(to1)
  const { exec: tell1_1, params: tell1_1Params } = kit.call(to1, 1)
  const { exec: serveCallers1_3, params: serveCallers1_3Params } = kit.call(to1, 3)
  const { asks: reportsDisconnected2, given: reportsDisconnected2Given } = kit.predicate(to2)
  const { exec: tell2_2, params: tell2_2Params } = kit.call(to2, 2)
  const { asks: reportsFailed3, given: reportsFailed3Given } = kit.predicate(to3)
  return (now, event, scope) => {
    const context = now.context as Context
    let passes0
    try {
      passes0 = reportsConnecting0({ context, event }, reportsConnecting0Given)
    } catch (error) {
      throw guardFailed(to0, event, error)
    }
    if (passes0) {
      const context01 = Object.is(context.owner, 'app')
        ? context
        : { peerId: context.peerId, owner: 'app', pooledAt: context.pooledAt, failure: context.failure }
      if (inspects(scope, 'tell', tell0_1Params)) return goOn(to0, now, context01, event, scope, 1)
      const args01 = { context: context01, event, self: scope.self, system: scope.system }
      tell0_1(args01, tell0_1Params)
      return landed(to0, now, context01)
    }
    let passes1
    try {
      passes1 = reportsConnected1({ context, event }, reportsConnected1Given)
    } catch (error) {
      throw guardFailed(to1, event, error)
    }
    if (passes1) {
      const context11 = Object.is(context.owner, 'app')
        ? context
        : { peerId: context.peerId, owner: 'app', pooledAt: context.pooledAt, failure: context.failure }
      if (inspects(scope, 'tell', tell1_1Params)) return goOn(to1, now, context11, event, scope, 1)
      const args11 = { context: context11, event, self: scope.self, system: scope.system }
      tell1_1(args11, tell1_1Params)
      const context12 = Object.is(context11.failure, undefined)
        ? context11
        : { peerId: context11.peerId, owner: context11.owner, pooledAt: context11.pooledAt, failure: undefined }
      const args12 = context12 === context11 ? args11 : { context: context12, event, self: scope.self, system: scope.system }
      serveCallers1_3(args12, serveCallers1_3Params)
      return landed(to1, now, context12)
    }
    let passes2
    try {
      passes2 = reportsDisconnected2({ context, event }, reportsDisconnected2Given)
    } catch (error) {
      throw guardFailed(to2, event, error)
    }
    if (passes2) {
      const context21 = Object.is(context.owner, 'app')
        ? context
        : { peerId: context.peerId, owner: 'app', pooledAt: context.pooledAt, failure: context.failure }
      const context22 = Object.is(context21.failure, undefined)
        ? context21
        : { peerId: context21.peerId, owner: context21.owner, pooledAt: context21.pooledAt, failure: undefined }
      if (inspects(scope, 'tell', tell2_2Params)) return goOn(to2, now, context22, event, scope, 2)
      const args22 = { context: context22, event, self: scope.self, system: scope.system }
      tell2_2(args22, tell2_2Params)
      return landed(to2, now, context22)
    }
    let passes3
    try {
      passes3 = reportsFailed3({ context, event }, reportsFailed3Given)
    } catch (error) {
      throw guardFailed(to3, event, error)
    }
    if (passes3) {
      return take(to3, now, event, scope)
    }
    return nothing(now, event, scope)
  }
}

/** peer.Failed: peer.disconnect */
function peerFailedOnPeerDisconnectOf(kit: CodeKit): Take {
  const { goOn, inspects } = kit
  const [to0] = kit.candidates('peer.Failed', 'peer.disconnect')
  const { exec: forget0_0, params: forget0_0Params } = kit.call(to0, 0)
  return (now, event, scope) => {
    const context = now.context as Context
    if (inspects(scope, 'forget', forget0_0Params)) return goOn(to0, now, context, event, scope, 0)
    const args00 = { context: context, event, self: scope.self, system: scope.system }
    forget0_0(args00, forget0_0Params)
    return now
  }
}

/** peer.Failed: memory.full */
function peerFailedOnMemoryFullOf(kit: CodeKit): Take {
  const { goOn, inspects } = kit
  const [to0] = kit.candidates('peer.Failed', 'memory.full')
  const { exec: forget0_0, params: forget0_0Params } = kit.call(to0, 0)
  return (now, event, scope) => {
    const context = now.context as Context
    if (inspects(scope, 'forget', forget0_0Params)) return goOn(to0, now, context, event, scope, 0)
    const args00 = { context: context, event, self: scope.self, system: scope.system }
    forget0_0(args00, forget0_0Params)
    return now
  }
}

/** peer.Failed: supervisor.stopped */
function peerFailedOnSupervisorStoppedOf(kit: CodeKit): Take {
  const { goOn, inspects, landed } = kit
  const [to0] = kit.candidates('peer.Failed', 'supervisor.stopped')
  const { exec: tell0_0, params: tell0_0Params } = kit.call(to0, 0)
  const { exec: forget0_1, params: forget0_1Params } = kit.call(to0, 1)
  return (now, event, scope) => {
    const context = now.context as Context
    if (inspects(scope, 'tell', tell0_0Params)) return goOn(to0, now, context, event, scope, 0)
    const args00 = { context: context, event, self: scope.self, system: scope.system }
    tell0_0(args00, tell0_0Params)
    forget0_1(args00, forget0_1Params)
    return landed(to0, now, context)
  }
}

/** For `compile(machine, code)`. */
export const code: MachineCode = {
  digest: 'ca77a0f1d05ba123',
  keys: ['peerId', 'owner', 'pooledAt', 'failure'],
  bind(kit) {
    const peerConnectingWaitingOnTurnGranted = peerConnectingWaitingOnTurnGrantedOf(kit)
    const peerConnectingWaitingOnDialTimedOut = peerConnectingWaitingOnDialTimedOutOf(kit)
    const peerConnectingWaitingOnLinkAccepted = peerConnectingWaitingOnLinkAcceptedOf(kit)
    const peerConnectingWaitingOnCallersLeft = peerConnectingWaitingOnCallersLeftOf(kit)
    const peerConnectingWaitingOnPeerDisconnect = peerConnectingWaitingOnPeerDisconnectOf(kit)
    const peerConnectingWaitingOnPeerReported = peerConnectingWaitingOnPeerReportedOf(kit)
    const peerConnectingWaitingOnSupervisorStopped = peerConnectingWaitingOnSupervisorStoppedOf(kit)
    const peerConnectingDialingOnLinkOpened = peerConnectingDialingOnLinkOpenedOf(kit)
    const peerConnectingDialingOnDialFailed = peerConnectingDialingOnDialFailedOf(kit)
    const peerConnectingDialingOnDialTimedOut = peerConnectingDialingOnDialTimedOutOf(kit)
    const peerConnectingDialingOnLinkAccepted = peerConnectingDialingOnLinkAcceptedOf(kit)
    const peerConnectingDialingOnCallersLeft = peerConnectingDialingOnCallersLeftOf(kit)
    const peerConnectingDialingOnPeerDisconnect = peerConnectingDialingOnPeerDisconnectOf(kit)
    const peerConnectingDialingOnPeerReported = peerConnectingDialingOnPeerReportedOf(kit)
    const peerConnectingDialingOnSupervisorStopped = peerConnectingDialingOnSupervisorStoppedOf(kit)
    const peerConnectingReportedOnPeerReported = peerConnectingReportedOnPeerReportedOf(kit)
    const peerConnectingReportedOnLinkAccepted = peerConnectingReportedOnLinkAcceptedOf(kit)
    const peerConnectingReportedOnCallersLeft = peerConnectingReportedOnCallersLeftOf(kit)
    const peerConnectingReportedOnPeerDisconnect = peerConnectingReportedOnPeerDisconnectOf(kit)
    const peerConnectingReportedOnSupervisorStopped = peerConnectingReportedOnSupervisorStoppedOf(kit)
    const peerConnectedOnPeerDisconnect = peerConnectedOnPeerDisconnectOf(kit)
    const peerConnectedOnLinkOpened = peerConnectedOnLinkOpenedOf(kit)
    const peerConnectedOnLinkAccepted = peerConnectedOnLinkAcceptedOf(kit)
    const peerConnectedOnDialFailed = peerConnectedOnDialFailedOf(kit)
    const peerConnectedOnDialTimedOut = peerConnectedOnDialTimedOutOf(kit)
    const peerConnectedOnLinkClosed = peerConnectedOnLinkClosedOf(kit)
    const peerConnectedOnLinkFailed = peerConnectedOnLinkFailedOf(kit)
    const peerConnectedOnHeartbeatLost = peerConnectedOnHeartbeatLostOf(kit)
    const peerConnectedOnPeerEvict = peerConnectedOnPeerEvictOf(kit)
    const peerConnectedOnPeerReported = peerConnectedOnPeerReportedOf(kit)
    const peerConnectedOnSupervisorStopped = peerConnectedOnSupervisorStoppedOf(kit)
    const peerDisconnectedClosedOnPeerConnect = peerDisconnectedClosedOnPeerConnectOf(kit)
    const peerDisconnectedClosedOnBackoffElapsed = peerDisconnectedClosedOnBackoffElapsedOf(kit)
    const peerDisconnectedClosedOnLinkAccepted = peerDisconnectedClosedOnLinkAcceptedOf(kit)
    const peerDisconnectedClosedOnPeerReported = peerDisconnectedClosedOnPeerReportedOf(kit)
    const peerDisconnectedClosedOnPeerCrashed = peerDisconnectedClosedOnPeerCrashedOf(kit)
    const peerDisconnectedClosedOnPeerDisconnect = peerDisconnectedClosedOnPeerDisconnectOf(kit)
    const peerDisconnectedClosedOnMemoryFull = peerDisconnectedClosedOnMemoryFullOf(kit)
    const peerDisconnectedClosedOnSupervisorStopped = peerDisconnectedClosedOnSupervisorStoppedOf(kit)
    const peerDisconnectedPooledOnPeerConnect = peerDisconnectedPooledOnPeerConnectOf(kit)
    const peerDisconnectedPooledOnPeerDisconnect = peerDisconnectedPooledOnPeerDisconnectOf(kit)
    const peerDisconnectedPooledOnPoolExpired = peerDisconnectedPooledOnPoolExpiredOf(kit)
    const peerDisconnectedPooledOnPoolEvicted = peerDisconnectedPooledOnPoolEvictedOf(kit)
    const peerDisconnectedPooledOnLinkClosed = peerDisconnectedPooledOnLinkClosedOf(kit)
    const peerDisconnectedPooledOnLinkFailed = peerDisconnectedPooledOnLinkFailedOf(kit)
    const peerDisconnectedPooledOnLinkAccepted = peerDisconnectedPooledOnLinkAcceptedOf(kit)
    const peerDisconnectedPooledOnPeerReported = peerDisconnectedPooledOnPeerReportedOf(kit)
    const peerDisconnectedPooledOnSupervisorStopped = peerDisconnectedPooledOnSupervisorStoppedOf(kit)
    const peerDisconnectedClosingOnLinkClosed = peerDisconnectedClosingOnLinkClosedOf(kit)
    const peerDisconnectedClosingOnLinkFailed = peerDisconnectedClosingOnLinkFailedOf(kit)
    const peerDisconnectedClosingOnCloseTimedOut = peerDisconnectedClosingOnCloseTimedOutOf(kit)
    const peerDisconnectedClosingOnLinkAccepted = peerDisconnectedClosingOnLinkAcceptedOf(kit)
    const peerDisconnectedClosingOnPeerDisconnect = peerDisconnectedClosingOnPeerDisconnectOf(kit)
    const peerDisconnectedClosingOnPeerReported = peerDisconnectedClosingOnPeerReportedOf(kit)
    const peerDisconnectedClosingOnSupervisorStopped = peerDisconnectedClosingOnSupervisorStoppedOf(kit)
    const peerFailedOnPeerConnect = peerFailedOnPeerConnectOf(kit)
    const peerFailedOnBackoffElapsed = peerFailedOnBackoffElapsedOf(kit)
    const peerFailedOnLinkAccepted = peerFailedOnLinkAcceptedOf(kit)
    const peerFailedOnPeerReported = peerFailedOnPeerReportedOf(kit)
    const peerFailedOnPeerDisconnect = peerFailedOnPeerDisconnectOf(kit)
    const peerFailedOnMemoryFull = peerFailedOnMemoryFullOf(kit)
    const peerFailedOnSupervisorStopped = peerFailedOnSupervisorStoppedOf(kit)
    return {
      'peer.Connecting.waiting': (now, event, scope) => {
        switch (event.type) {
          case 'turn.granted':
            return peerConnectingWaitingOnTurnGranted(now, event, scope)
          case 'dial.timedOut':
            return peerConnectingWaitingOnDialTimedOut(now, event, scope)
          case 'link.accepted':
            return peerConnectingWaitingOnLinkAccepted(now, event, scope)
          case 'callers.left':
            return peerConnectingWaitingOnCallersLeft(now, event, scope)
          case 'peer.disconnect':
            return peerConnectingWaitingOnPeerDisconnect(now, event, scope)
          case 'peer.reported':
            return peerConnectingWaitingOnPeerReported(now, event, scope)
          case 'supervisor.stopped':
            return peerConnectingWaitingOnSupervisorStopped(now, event, scope)
          default:
            return undefined
        }
      },
      'peer.Connecting.dialing': (now, event, scope) => {
        switch (event.type) {
          case 'link.opened':
            return peerConnectingDialingOnLinkOpened(now, event, scope)
          case 'dial.failed':
            return peerConnectingDialingOnDialFailed(now, event, scope)
          case 'dial.timedOut':
            return peerConnectingDialingOnDialTimedOut(now, event, scope)
          case 'link.accepted':
            return peerConnectingDialingOnLinkAccepted(now, event, scope)
          case 'callers.left':
            return peerConnectingDialingOnCallersLeft(now, event, scope)
          case 'peer.disconnect':
            return peerConnectingDialingOnPeerDisconnect(now, event, scope)
          case 'peer.reported':
            return peerConnectingDialingOnPeerReported(now, event, scope)
          case 'supervisor.stopped':
            return peerConnectingDialingOnSupervisorStopped(now, event, scope)
          default:
            return undefined
        }
      },
      'peer.Connecting.reported': (now, event, scope) => {
        switch (event.type) {
          case 'peer.reported':
            return peerConnectingReportedOnPeerReported(now, event, scope)
          case 'link.accepted':
            return peerConnectingReportedOnLinkAccepted(now, event, scope)
          case 'callers.left':
            return peerConnectingReportedOnCallersLeft(now, event, scope)
          case 'peer.disconnect':
            return peerConnectingReportedOnPeerDisconnect(now, event, scope)
          case 'supervisor.stopped':
            return peerConnectingReportedOnSupervisorStopped(now, event, scope)
          default:
            return undefined
        }
      },
      'peer.Connected': (now, event, scope) => {
        switch (event.type) {
          case 'peer.disconnect':
            return peerConnectedOnPeerDisconnect(now, event, scope)
          case 'link.opened':
            return peerConnectedOnLinkOpened(now, event, scope)
          case 'link.accepted':
            return peerConnectedOnLinkAccepted(now, event, scope)
          case 'dial.failed':
            return peerConnectedOnDialFailed(now, event, scope)
          case 'dial.timedOut':
            return peerConnectedOnDialTimedOut(now, event, scope)
          case 'link.closed':
            return peerConnectedOnLinkClosed(now, event, scope)
          case 'link.failed':
            return peerConnectedOnLinkFailed(now, event, scope)
          case 'heartbeat.lost':
            return peerConnectedOnHeartbeatLost(now, event, scope)
          case 'peer.evict':
            return peerConnectedOnPeerEvict(now, event, scope)
          case 'peer.reported':
            return peerConnectedOnPeerReported(now, event, scope)
          case 'supervisor.stopped':
            return peerConnectedOnSupervisorStopped(now, event, scope)
          default:
            return undefined
        }
      },
      'peer.Disconnected.closed': (now, event, scope) => {
        switch (event.type) {
          case 'peer.connect':
            return peerDisconnectedClosedOnPeerConnect(now, event, scope)
          case 'backoff.elapsed':
            return peerDisconnectedClosedOnBackoffElapsed(now, event, scope)
          case 'link.accepted':
            return peerDisconnectedClosedOnLinkAccepted(now, event, scope)
          case 'peer.reported':
            return peerDisconnectedClosedOnPeerReported(now, event, scope)
          case 'peer.crashed':
            return peerDisconnectedClosedOnPeerCrashed(now, event, scope)
          case 'peer.disconnect':
            return peerDisconnectedClosedOnPeerDisconnect(now, event, scope)
          case 'memory.full':
            return peerDisconnectedClosedOnMemoryFull(now, event, scope)
          case 'supervisor.stopped':
            return peerDisconnectedClosedOnSupervisorStopped(now, event, scope)
          default:
            return undefined
        }
      },
      'peer.Disconnected.pooled': (now, event, scope) => {
        switch (event.type) {
          case 'peer.connect':
            return peerDisconnectedPooledOnPeerConnect(now, event, scope)
          case 'peer.disconnect':
            return peerDisconnectedPooledOnPeerDisconnect(now, event, scope)
          case 'pool.expired':
            return peerDisconnectedPooledOnPoolExpired(now, event, scope)
          case 'pool.evicted':
            return peerDisconnectedPooledOnPoolEvicted(now, event, scope)
          case 'link.closed':
            return peerDisconnectedPooledOnLinkClosed(now, event, scope)
          case 'link.failed':
            return peerDisconnectedPooledOnLinkFailed(now, event, scope)
          case 'link.accepted':
            return peerDisconnectedPooledOnLinkAccepted(now, event, scope)
          case 'peer.reported':
            return peerDisconnectedPooledOnPeerReported(now, event, scope)
          case 'supervisor.stopped':
            return peerDisconnectedPooledOnSupervisorStopped(now, event, scope)
          default:
            return undefined
        }
      },
      'peer.Disconnected.closing': (now, event, scope) => {
        switch (event.type) {
          case 'link.closed':
            return peerDisconnectedClosingOnLinkClosed(now, event, scope)
          case 'link.failed':
            return peerDisconnectedClosingOnLinkFailed(now, event, scope)
          case 'close.timedOut':
            return peerDisconnectedClosingOnCloseTimedOut(now, event, scope)
          case 'link.accepted':
            return peerDisconnectedClosingOnLinkAccepted(now, event, scope)
          case 'peer.disconnect':
            return peerDisconnectedClosingOnPeerDisconnect(now, event, scope)
          case 'peer.reported':
            return peerDisconnectedClosingOnPeerReported(now, event, scope)
          case 'supervisor.stopped':
            return peerDisconnectedClosingOnSupervisorStopped(now, event, scope)
          default:
            return undefined
        }
      },
      'peer.Failed': (now, event, scope) => {
        switch (event.type) {
          case 'peer.connect':
            return peerFailedOnPeerConnect(now, event, scope)
          case 'backoff.elapsed':
            return peerFailedOnBackoffElapsed(now, event, scope)
          case 'link.accepted':
            return peerFailedOnLinkAccepted(now, event, scope)
          case 'peer.reported':
            return peerFailedOnPeerReported(now, event, scope)
          case 'peer.disconnect':
            return peerFailedOnPeerDisconnect(now, event, scope)
          case 'memory.full':
            return peerFailedOnMemoryFull(now, event, scope)
          case 'supervisor.stopped':
            return peerFailedOnSupervisorStopped(now, event, scope)
          default:
            return undefined
        }
      },
    }
  },
}
