/** The code of the machine 'supervisor': emitted from its definition, not written. */
import type { CodeKit, MachineCode, Made, Take } from '../../../compile/index.ts'

type Context = { readonly limits: unknown }

/** supervisor.Accepting: peer.connect */
function supervisorAcceptingOnPeerConnectOf(kit: CodeKit): Take {
  const { goOn, guardFailed, inspects } = kit
  const [to0, to1, to2, to3, to4, to5, to6, to7, to8] = kit.candidates('supervisor.Accepting', 'peer.connect')
  const { asks: isForbidden0, given: isForbidden0Given } = kit.predicate(to0)
  const { exec: refuse0_0, params: refuse0_0Params } = kit.call(to0, 0)
  const { asks: needsNoSlot1, given: needsNoSlot1Given } = kit.predicate(to1)
  const { exec: connectPeer1_0, params: connectPeer1_0Params } = kit.call(to1, 0)
  const { asks: hasFreeSlot2, given: hasFreeSlot2Given } = kit.predicate(to2)
  const { exec: connectPeer2_0, params: connectPeer2_0Params } = kit.call(to2, 0)
  const { asks: hasIdleLink3, given: hasIdleLink3Given } = kit.predicate(to3)
  const { exec: evictLongestIdle3_0, params: evictLongestIdle3_0Params } = kit.call(to3, 0)
  const { exec: connectPeer3_1, params: connectPeer3_1Params } = kit.call(to3, 1)
  const { asks: mayEvict4, given: mayEvict4Given } = kit.predicate(to4)
  const { exec: evictVictim4_0, params: evictVictim4_0Params } = kit.call(to4, 0)
  const { exec: connectPeer4_1, params: connectPeer4_1Params } = kit.call(to4, 1)
  const { asks: isCircuitOpen5, given: isCircuitOpen5Given } = kit.predicate(to5)
  const { exec: refuse5_0, params: refuse5_0Params } = kit.call(to5, 0)
  const { asks: mayWait6, given: mayWait6Given } = kit.predicate(to6)
  const { exec: awaitSlot6_0, params: awaitSlot6_0Params } = kit.call(to6, 0)
  const { asks: isQueueFull7, given: isQueueFull7Given } = kit.predicate(to7)
  const { exec: refuse7_0, params: refuse7_0Params } = kit.call(to7, 0)
  const { exec: refuse8_0, params: refuse8_0Params } = kit.call(to8, 0)
  return (now, event, scope) => {
    const context = now.context as Context
    let passes0
    try {
      passes0 = isForbidden0({ context, event }, isForbidden0Given)
    } catch (error) {
      throw guardFailed(to0, event, error)
    }
    if (passes0) {
      if (inspects(scope, 'refuse', refuse0_0Params)) return goOn(to0, now, context, event, scope, 0)
      const args00 = { context: context, event, self: scope.self, system: scope.system }
      refuse0_0(args00, refuse0_0Params)
      return now
    }
    let passes1
    try {
      passes1 = needsNoSlot1({ context, event }, needsNoSlot1Given)
    } catch (error) {
      throw guardFailed(to1, event, error)
    }
    if (passes1) {
      if (inspects(scope, 'connectPeer', connectPeer1_0Params)) return goOn(to1, now, context, event, scope, 0)
      const args10 = { context: context, event, self: scope.self, system: scope.system }
      connectPeer1_0(args10, connectPeer1_0Params)
      return now
    }
    let passes2
    try {
      passes2 = hasFreeSlot2({ context, event }, hasFreeSlot2Given)
    } catch (error) {
      throw guardFailed(to2, event, error)
    }
    if (passes2) {
      if (inspects(scope, 'connectPeer', connectPeer2_0Params)) return goOn(to2, now, context, event, scope, 0)
      const args20 = { context: context, event, self: scope.self, system: scope.system }
      connectPeer2_0(args20, connectPeer2_0Params)
      return now
    }
    let passes3
    try {
      passes3 = hasIdleLink3({ context, event }, hasIdleLink3Given)
    } catch (error) {
      throw guardFailed(to3, event, error)
    }
    if (passes3) {
      if (inspects(scope, 'evictLongestIdle', evictLongestIdle3_0Params)) return goOn(to3, now, context, event, scope, 0)
      const args30 = { context: context, event, self: scope.self, system: scope.system }
      evictLongestIdle3_0(args30, evictLongestIdle3_0Params)
      connectPeer3_1(args30, connectPeer3_1Params)
      return now
    }
    let passes4
    try {
      passes4 = mayEvict4({ context, event }, mayEvict4Given)
    } catch (error) {
      throw guardFailed(to4, event, error)
    }
    if (passes4) {
      if (inspects(scope, 'evictVictim', evictVictim4_0Params)) return goOn(to4, now, context, event, scope, 0)
      const args40 = { context: context, event, self: scope.self, system: scope.system }
      evictVictim4_0(args40, evictVictim4_0Params)
      connectPeer4_1(args40, connectPeer4_1Params)
      return now
    }
    let passes5
    try {
      passes5 = isCircuitOpen5({ context, event }, isCircuitOpen5Given)
    } catch (error) {
      throw guardFailed(to5, event, error)
    }
    if (passes5) {
      if (inspects(scope, 'refuse', refuse5_0Params)) return goOn(to5, now, context, event, scope, 0)
      const args50 = { context: context, event, self: scope.self, system: scope.system }
      refuse5_0(args50, refuse5_0Params)
      return now
    }
    let passes6
    try {
      passes6 = mayWait6({ context, event }, mayWait6Given)
    } catch (error) {
      throw guardFailed(to6, event, error)
    }
    if (passes6) {
      if (inspects(scope, 'awaitSlot', awaitSlot6_0Params)) return goOn(to6, now, context, event, scope, 0)
      const args60 = { context: context, event, self: scope.self, system: scope.system }
      awaitSlot6_0(args60, awaitSlot6_0Params)
      return now
    }
    let passes7
    try {
      passes7 = isQueueFull7({ context, event }, isQueueFull7Given)
    } catch (error) {
      throw guardFailed(to7, event, error)
    }
    if (passes7) {
      if (inspects(scope, 'refuse', refuse7_0Params)) return goOn(to7, now, context, event, scope, 0)
      const args70 = { context: context, event, self: scope.self, system: scope.system }
      refuse7_0(args70, refuse7_0Params)
      return now
    }
    if (inspects(scope, 'refuse', refuse8_0Params)) return goOn(to8, now, context, event, scope, 0)
    const args80 = { context: context, event, self: scope.self, system: scope.system }
    refuse8_0(args80, refuse8_0Params)
    return now
  }
}

/** supervisor.Accepting: backoff.elapsed */
function supervisorAcceptingOnBackoffElapsedOf(kit: CodeKit): Take {
  const { goOn, guardFailed, inspects, take } = kit
  const [to0, to1, to2, to3, to4, to5, to6] = kit.candidates('supervisor.Accepting', 'backoff.elapsed')
  const { asks: isForbidden0, given: isForbidden0Given } = kit.predicate(to0)
  const { asks: needsNoSlot1, given: needsNoSlot1Given } = kit.predicate(to1)
  const { asks: hasFreeSlot2, given: hasFreeSlot2Given } = kit.predicate(to2)
  const { exec: redialPeer2_0, params: redialPeer2_0Params } = kit.call(to2, 0)
  const { asks: hasIdleLink3, given: hasIdleLink3Given } = kit.predicate(to3)
  const { exec: evictLongestIdle3_0, params: evictLongestIdle3_0Params } = kit.call(to3, 0)
  const { exec: redialPeer3_1, params: redialPeer3_1Params } = kit.call(to3, 1)
  const { asks: mayEvict4, given: mayEvict4Given } = kit.predicate(to4)
  const { exec: evictVictim4_0, params: evictVictim4_0Params } = kit.call(to4, 0)
  const { exec: redialPeer4_1, params: redialPeer4_1Params } = kit.call(to4, 1)
  const { asks: isCircuitOpen5, given: isCircuitOpen5Given } = kit.predicate(to5)
  const { exec: refuse5_0, params: refuse5_0Params } = kit.call(to5, 0)
  const { exec: refuse6_0, params: refuse6_0Params } = kit.call(to6, 0)
  return (now, event, scope) => {
    const context = now.context as Context
    let passes0
    try {
      passes0 = isForbidden0({ context, event }, isForbidden0Given)
    } catch (error) {
      throw guardFailed(to0, event, error)
    }
    if (passes0) {
      return take(to0, now, event, scope)
    }
    let passes1
    try {
      passes1 = needsNoSlot1({ context, event }, needsNoSlot1Given)
    } catch (error) {
      throw guardFailed(to1, event, error)
    }
    if (passes1) {
      return take(to1, now, event, scope)
    }
    let passes2
    try {
      passes2 = hasFreeSlot2({ context, event }, hasFreeSlot2Given)
    } catch (error) {
      throw guardFailed(to2, event, error)
    }
    if (passes2) {
      if (inspects(scope, 'redialPeer', redialPeer2_0Params)) return goOn(to2, now, context, event, scope, 0)
      const args20 = { context: context, event, self: scope.self, system: scope.system }
      redialPeer2_0(args20, redialPeer2_0Params)
      return now
    }
    let passes3
    try {
      passes3 = hasIdleLink3({ context, event }, hasIdleLink3Given)
    } catch (error) {
      throw guardFailed(to3, event, error)
    }
    if (passes3) {
      if (inspects(scope, 'evictLongestIdle', evictLongestIdle3_0Params)) return goOn(to3, now, context, event, scope, 0)
      const args30 = { context: context, event, self: scope.self, system: scope.system }
      evictLongestIdle3_0(args30, evictLongestIdle3_0Params)
      redialPeer3_1(args30, redialPeer3_1Params)
      return now
    }
    let passes4
    try {
      passes4 = mayEvict4({ context, event }, mayEvict4Given)
    } catch (error) {
      throw guardFailed(to4, event, error)
    }
    if (passes4) {
      if (inspects(scope, 'evictVictim', evictVictim4_0Params)) return goOn(to4, now, context, event, scope, 0)
      const args40 = { context: context, event, self: scope.self, system: scope.system }
      evictVictim4_0(args40, evictVictim4_0Params)
      redialPeer4_1(args40, redialPeer4_1Params)
      return now
    }
    let passes5
    try {
      passes5 = isCircuitOpen5({ context, event }, isCircuitOpen5Given)
    } catch (error) {
      throw guardFailed(to5, event, error)
    }
    if (passes5) {
      if (inspects(scope, 'refuse', refuse5_0Params)) return goOn(to5, now, context, event, scope, 0)
      const args50 = { context: context, event, self: scope.self, system: scope.system }
      refuse5_0(args50, refuse5_0Params)
      return now
    }
    if (inspects(scope, 'refuse', refuse6_0Params)) return goOn(to6, now, context, event, scope, 0)
    const args60 = { context: context, event, self: scope.self, system: scope.system }
    refuse6_0(args60, refuse6_0Params)
    return now
  }
}

/** supervisor.Accepting: peer.report */
function supervisorAcceptingOnPeerReportOf(kit: CodeKit): Take {
  const { goOn, guardFailed, inspects } = kit
  const [to0, to1, to2, to3, to4] = kit.candidates('supervisor.Accepting', 'peer.report')
  const { asks: isForbidden0, given: isForbidden0Given } = kit.predicate(to0)
  const { exec: refuse0_0, params: refuse0_0Params } = kit.call(to0, 0)
  const { asks: needsNoSlot1, given: needsNoSlot1Given } = kit.predicate(to1)
  const { exec: reportPeer1_0, params: reportPeer1_0Params } = kit.call(to1, 0)
  const { asks: hasFreeSlot2, given: hasFreeSlot2Given } = kit.predicate(to2)
  const { exec: reportPeer2_0, params: reportPeer2_0Params } = kit.call(to2, 0)
  const { asks: hasIdleLink3, given: hasIdleLink3Given } = kit.predicate(to3)
  const { exec: evictLongestIdle3_0, params: evictLongestIdle3_0Params } = kit.call(to3, 0)
  const { exec: reportPeer3_1, params: reportPeer3_1Params } = kit.call(to3, 1)
  const { exec: refuse4_0, params: refuse4_0Params } = kit.call(to4, 0)
  return (now, event, scope) => {
    const context = now.context as Context
    let passes0
    try {
      passes0 = isForbidden0({ context, event }, isForbidden0Given)
    } catch (error) {
      throw guardFailed(to0, event, error)
    }
    if (passes0) {
      if (inspects(scope, 'refuse', refuse0_0Params)) return goOn(to0, now, context, event, scope, 0)
      const args00 = { context: context, event, self: scope.self, system: scope.system }
      refuse0_0(args00, refuse0_0Params)
      return now
    }
    let passes1
    try {
      passes1 = needsNoSlot1({ context, event }, needsNoSlot1Given)
    } catch (error) {
      throw guardFailed(to1, event, error)
    }
    if (passes1) {
      if (inspects(scope, 'reportPeer', reportPeer1_0Params)) return goOn(to1, now, context, event, scope, 0)
      const args10 = { context: context, event, self: scope.self, system: scope.system }
      reportPeer1_0(args10, reportPeer1_0Params)
      return now
    }
    let passes2
    try {
      passes2 = hasFreeSlot2({ context, event }, hasFreeSlot2Given)
    } catch (error) {
      throw guardFailed(to2, event, error)
    }
    if (passes2) {
      if (inspects(scope, 'reportPeer', reportPeer2_0Params)) return goOn(to2, now, context, event, scope, 0)
      const args20 = { context: context, event, self: scope.self, system: scope.system }
      reportPeer2_0(args20, reportPeer2_0Params)
      return now
    }
    let passes3
    try {
      passes3 = hasIdleLink3({ context, event }, hasIdleLink3Given)
    } catch (error) {
      throw guardFailed(to3, event, error)
    }
    if (passes3) {
      if (inspects(scope, 'evictLongestIdle', evictLongestIdle3_0Params)) return goOn(to3, now, context, event, scope, 0)
      const args30 = { context: context, event, self: scope.self, system: scope.system }
      evictLongestIdle3_0(args30, evictLongestIdle3_0Params)
      reportPeer3_1(args30, reportPeer3_1Params)
      return now
    }
    if (inspects(scope, 'refuse', refuse4_0Params)) return goOn(to4, now, context, event, scope, 0)
    const args40 = { context: context, event, self: scope.self, system: scope.system }
    refuse4_0(args40, refuse4_0Params)
    return now
  }
}

/** supervisor.Accepting: link.accepted */
function supervisorAcceptingOnLinkAcceptedOf(kit: CodeKit): Take {
  const { goOn, guardFailed, inspects } = kit
  const [to0, to1, to2, to3, to4, to5] = kit.candidates('supervisor.Accepting', 'link.accepted')
  const { asks: isForbidden0, given: isForbidden0Given } = kit.predicate(to0)
  const { exec: rejectLink0_0, params: rejectLink0_0Params } = kit.call(to0, 0)
  const { asks: needsNoSlot1, given: needsNoSlot1Given } = kit.predicate(to1)
  const { exec: acceptLink1_0, params: acceptLink1_0Params } = kit.call(to1, 0)
  const { asks: hasFreeSlot2, given: hasFreeSlot2Given } = kit.predicate(to2)
  const { exec: acceptLink2_0, params: acceptLink2_0Params } = kit.call(to2, 0)
  const { asks: hasIdleLink3, given: hasIdleLink3Given } = kit.predicate(to3)
  const { exec: evictLongestIdle3_0, params: evictLongestIdle3_0Params } = kit.call(to3, 0)
  const { exec: acceptLink3_1, params: acceptLink3_1Params } = kit.call(to3, 1)
  const { asks: mayEvict4, given: mayEvict4Given } = kit.predicate(to4)
  const { exec: evictVictim4_0, params: evictVictim4_0Params } = kit.call(to4, 0)
  const { exec: acceptLink4_1, params: acceptLink4_1Params } = kit.call(to4, 1)
  const { exec: rejectLink5_0, params: rejectLink5_0Params } = kit.call(to5, 0)
  return (now, event, scope) => {
    const context = now.context as Context
    let passes0
    try {
      passes0 = isForbidden0({ context, event }, isForbidden0Given)
    } catch (error) {
      throw guardFailed(to0, event, error)
    }
    if (passes0) {
      if (inspects(scope, 'rejectLink', rejectLink0_0Params)) return goOn(to0, now, context, event, scope, 0)
      const args00 = { context: context, event, self: scope.self, system: scope.system }
      rejectLink0_0(args00, rejectLink0_0Params)
      return now
    }
    let passes1
    try {
      passes1 = needsNoSlot1({ context, event }, needsNoSlot1Given)
    } catch (error) {
      throw guardFailed(to1, event, error)
    }
    if (passes1) {
      if (inspects(scope, 'acceptLink', acceptLink1_0Params)) return goOn(to1, now, context, event, scope, 0)
      const args10 = { context: context, event, self: scope.self, system: scope.system }
      acceptLink1_0(args10, acceptLink1_0Params)
      return now
    }
    let passes2
    try {
      passes2 = hasFreeSlot2({ context, event }, hasFreeSlot2Given)
    } catch (error) {
      throw guardFailed(to2, event, error)
    }
    if (passes2) {
      if (inspects(scope, 'acceptLink', acceptLink2_0Params)) return goOn(to2, now, context, event, scope, 0)
      const args20 = { context: context, event, self: scope.self, system: scope.system }
      acceptLink2_0(args20, acceptLink2_0Params)
      return now
    }
    let passes3
    try {
      passes3 = hasIdleLink3({ context, event }, hasIdleLink3Given)
    } catch (error) {
      throw guardFailed(to3, event, error)
    }
    if (passes3) {
      if (inspects(scope, 'evictLongestIdle', evictLongestIdle3_0Params)) return goOn(to3, now, context, event, scope, 0)
      const args30 = { context: context, event, self: scope.self, system: scope.system }
      evictLongestIdle3_0(args30, evictLongestIdle3_0Params)
      acceptLink3_1(args30, acceptLink3_1Params)
      return now
    }
    let passes4
    try {
      passes4 = mayEvict4({ context, event }, mayEvict4Given)
    } catch (error) {
      throw guardFailed(to4, event, error)
    }
    if (passes4) {
      if (inspects(scope, 'evictVictim', evictVictim4_0Params)) return goOn(to4, now, context, event, scope, 0)
      const args40 = { context: context, event, self: scope.self, system: scope.system }
      evictVictim4_0(args40, evictVictim4_0Params)
      acceptLink4_1(args40, acceptLink4_1Params)
      return now
    }
    if (inspects(scope, 'rejectLink', rejectLink5_0Params)) return goOn(to5, now, context, event, scope, 0)
    const args50 = { context: context, event, self: scope.self, system: scope.system }
    rejectLink5_0(args50, rejectLink5_0Params)
    return now
  }
}

/** supervisor.Accepting: limits.set */
function supervisorAcceptingOnLimitsSetOf(kit: CodeKit): Take {
  const { goOn, inspects, landed } = kit
  const [to0] = kit.candidates('supervisor.Accepting', 'limits.set')
  const setLimits0_0 = kit.assign(to0, 0)
  const setLimits0_0_0Given = setLimits0_0.values[0] as Made
  const { exec: trimPool0_1, params: trimPool0_1Params } = kit.call(to0, 1)
  return (now, event, scope) => {
    const context = now.context as Context
    const setLimits0_0Args = { context: context, event, spawn: setLimits0_0.spawn, self: scope.self, system: scope.system }
    const setLimits0_0_0 = setLimits0_0_0Given(setLimits0_0Args, setLimits0_0.params)
    const context01 = Object.is(context.limits, setLimits0_0_0) ? context : { limits: setLimits0_0_0 }
    if (inspects(scope, 'trimPool', trimPool0_1Params)) return goOn(to0, now, context01, event, scope, 1)
    const args01 = { context: context01, event, self: scope.self, system: scope.system }
    trimPool0_1(args01, trimPool0_1Params)
    return landed(to0, now, context01)
  }
}

/** supervisor.Accepting: supervisor.drain */
function supervisorAcceptingOnSupervisorDrainOf(kit: CodeKit): Take {
  const { goOn, inspects, landed } = kit
  const [to0] = kit.candidates('supervisor.Accepting', 'supervisor.drain')
  const { exec: closeListeners0_0, params: closeListeners0_0Params } = kit.call(to0, 0)
  const { exec: endIdle0_1, params: endIdle0_1Params } = kit.call(to0, 1)
  return (now, event, scope) => {
    const context = now.context as Context
    if (inspects(scope, 'closeListeners', closeListeners0_0Params)) return goOn(to0, now, context, event, scope, 0)
    const args00 = { context: context, event, self: scope.self, system: scope.system }
    closeListeners0_0(args00, closeListeners0_0Params)
    endIdle0_1(args00, endIdle0_1Params)
    return landed(to0, now, context)
  }
}

/** supervisor.Accepting: supervisor.shutdown */
function supervisorAcceptingOnSupervisorShutdownOf(kit: CodeKit): Take {
  const { goOn, inspects, landed } = kit
  const [to0] = kit.candidates('supervisor.Accepting', 'supervisor.shutdown')
  const { exec: startShutdownDeadline0_0, params: startShutdownDeadline0_0Params } = kit.call(to0, 0)
  const { exec: closeListeners0_1, params: closeListeners0_1Params } = kit.call(to0, 1)
  const { exec: stopPeers0_2, params: stopPeers0_2Params } = kit.call(to0, 2)
  return (now, event, scope) => {
    const context = now.context as Context
    if (inspects(scope, 'startShutdownDeadline', startShutdownDeadline0_0Params)) return goOn(to0, now, context, event, scope, 0)
    const args00 = { context: context, event, self: scope.self, system: scope.system }
    startShutdownDeadline0_0(args00, startShutdownDeadline0_0Params)
    closeListeners0_1(args00, closeListeners0_1Params)
    stopPeers0_2(args00, stopPeers0_2Params)
    return landed(to0, now, context)
  }
}

/** supervisor.Accepting: peer.disconnect */
function supervisorAcceptingOnPeerDisconnectOf(kit: CodeKit): Take {
  const { goOn, inspects } = kit
  const [to0] = kit.candidates('supervisor.Accepting', 'peer.disconnect')
  const { exec: disconnectPeer0_0, params: disconnectPeer0_0Params } = kit.call(to0, 0)
  return (now, event, scope) => {
    const context = now.context as Context
    if (inspects(scope, 'disconnectPeer', disconnectPeer0_0Params)) return goOn(to0, now, context, event, scope, 0)
    const args00 = { context: context, event, self: scope.self, system: scope.system }
    disconnectPeer0_0(args00, disconnectPeer0_0Params)
    return now
  }
}

/** supervisor.Accepting: peer.crashed */
function supervisorAcceptingOnPeerCrashedOf(kit: CodeKit): Take {
  const { goOn, inspects } = kit
  const [to0] = kit.candidates('supervisor.Accepting', 'peer.crashed')
  const { exec: replacePeer0_0, params: replacePeer0_0Params } = kit.call(to0, 0)
  return (now, event, scope) => {
    const context = now.context as Context
    if (inspects(scope, 'replacePeer', replacePeer0_0Params)) return goOn(to0, now, context, event, scope, 0)
    const args00 = { context: context, event, self: scope.self, system: scope.system }
    replacePeer0_0(args00, replacePeer0_0Params)
    return now
  }
}

/** supervisor.Draining: peer.connect */
function supervisorDrainingOnPeerConnectOf(kit: CodeKit): Take {
  const { goOn, inspects } = kit
  const [to0] = kit.candidates('supervisor.Draining', 'peer.connect')
  const { exec: refuse0_0, params: refuse0_0Params } = kit.call(to0, 0)
  return (now, event, scope) => {
    const context = now.context as Context
    if (inspects(scope, 'refuse', refuse0_0Params)) return goOn(to0, now, context, event, scope, 0)
    const args00 = { context: context, event, self: scope.self, system: scope.system }
    refuse0_0(args00, refuse0_0Params)
    return now
  }
}

/** supervisor.Draining: peer.report */
function supervisorDrainingOnPeerReportOf(kit: CodeKit): Take {
  const { goOn, inspects } = kit
  const [to0] = kit.candidates('supervisor.Draining', 'peer.report')
  const { exec: refuse0_0, params: refuse0_0Params } = kit.call(to0, 0)
  return (now, event, scope) => {
    const context = now.context as Context
    if (inspects(scope, 'refuse', refuse0_0Params)) return goOn(to0, now, context, event, scope, 0)
    const args00 = { context: context, event, self: scope.self, system: scope.system }
    refuse0_0(args00, refuse0_0Params)
    return now
  }
}

/** supervisor.Draining: link.accepted */
function supervisorDrainingOnLinkAcceptedOf(kit: CodeKit): Take {
  const { goOn, inspects } = kit
  const [to0] = kit.candidates('supervisor.Draining', 'link.accepted')
  const { exec: rejectLink0_0, params: rejectLink0_0Params } = kit.call(to0, 0)
  return (now, event, scope) => {
    const context = now.context as Context
    if (inspects(scope, 'rejectLink', rejectLink0_0Params)) return goOn(to0, now, context, event, scope, 0)
    const args00 = { context: context, event, self: scope.self, system: scope.system }
    rejectLink0_0(args00, rejectLink0_0Params)
    return now
  }
}

/** supervisor.Draining: supervisor.shutdown */
function supervisorDrainingOnSupervisorShutdownOf(kit: CodeKit): Take {
  const { goOn, inspects, landed } = kit
  const [to0] = kit.candidates('supervisor.Draining', 'supervisor.shutdown')
  const { exec: startShutdownDeadline0_0, params: startShutdownDeadline0_0Params } = kit.call(to0, 0)
  const { exec: stopPeers0_1, params: stopPeers0_1Params } = kit.call(to0, 1)
  return (now, event, scope) => {
    const context = now.context as Context
    if (inspects(scope, 'startShutdownDeadline', startShutdownDeadline0_0Params)) return goOn(to0, now, context, event, scope, 0)
    const args00 = { context: context, event, self: scope.self, system: scope.system }
    startShutdownDeadline0_0(args00, startShutdownDeadline0_0Params)
    stopPeers0_1(args00, stopPeers0_1Params)
    return landed(to0, now, context)
  }
}

/** supervisor.Draining: peer.disconnect */
function supervisorDrainingOnPeerDisconnectOf(kit: CodeKit): Take {
  const { goOn, inspects } = kit
  const [to0] = kit.candidates('supervisor.Draining', 'peer.disconnect')
  const { exec: disconnectPeer0_0, params: disconnectPeer0_0Params } = kit.call(to0, 0)
  return (now, event, scope) => {
    const context = now.context as Context
    if (inspects(scope, 'disconnectPeer', disconnectPeer0_0Params)) return goOn(to0, now, context, event, scope, 0)
    const args00 = { context: context, event, self: scope.self, system: scope.system }
    disconnectPeer0_0(args00, disconnectPeer0_0Params)
    return now
  }
}

/** supervisor.Draining: peer.crashed */
function supervisorDrainingOnPeerCrashedOf(kit: CodeKit): Take {
  const { goOn, inspects } = kit
  const [to0] = kit.candidates('supervisor.Draining', 'peer.crashed')
  const { exec: replacePeer0_0, params: replacePeer0_0Params } = kit.call(to0, 0)
  return (now, event, scope) => {
    const context = now.context as Context
    if (inspects(scope, 'replacePeer', replacePeer0_0Params)) return goOn(to0, now, context, event, scope, 0)
    const args00 = { context: context, event, self: scope.self, system: scope.system }
    replacePeer0_0(args00, replacePeer0_0Params)
    return now
  }
}

/** supervisor.Closing: peer.connect */
function supervisorClosingOnPeerConnectOf(kit: CodeKit): Take {
  const { goOn, inspects } = kit
  const [to0] = kit.candidates('supervisor.Closing', 'peer.connect')
  const { exec: refuse0_0, params: refuse0_0Params } = kit.call(to0, 0)
  return (now, event, scope) => {
    const context = now.context as Context
    if (inspects(scope, 'refuse', refuse0_0Params)) return goOn(to0, now, context, event, scope, 0)
    const args00 = { context: context, event, self: scope.self, system: scope.system }
    refuse0_0(args00, refuse0_0Params)
    return now
  }
}

/** supervisor.Closing: peer.report */
function supervisorClosingOnPeerReportOf(kit: CodeKit): Take {
  const { goOn, inspects } = kit
  const [to0] = kit.candidates('supervisor.Closing', 'peer.report')
  const { exec: refuse0_0, params: refuse0_0Params } = kit.call(to0, 0)
  return (now, event, scope) => {
    const context = now.context as Context
    if (inspects(scope, 'refuse', refuse0_0Params)) return goOn(to0, now, context, event, scope, 0)
    const args00 = { context: context, event, self: scope.self, system: scope.system }
    refuse0_0(args00, refuse0_0Params)
    return now
  }
}

/** supervisor.Closing: link.accepted */
function supervisorClosingOnLinkAcceptedOf(kit: CodeKit): Take {
  const { goOn, inspects } = kit
  const [to0] = kit.candidates('supervisor.Closing', 'link.accepted')
  const { exec: rejectLink0_0, params: rejectLink0_0Params } = kit.call(to0, 0)
  return (now, event, scope) => {
    const context = now.context as Context
    if (inspects(scope, 'rejectLink', rejectLink0_0Params)) return goOn(to0, now, context, event, scope, 0)
    const args00 = { context: context, event, self: scope.self, system: scope.system }
    rejectLink0_0(args00, rejectLink0_0Params)
    return now
  }
}

/** supervisor.Closing: shutdown.timedOut */
function supervisorClosingOnShutdownTimedOutOf(kit: CodeKit): Take {
  const { goOn, inspects } = kit
  const [to0] = kit.candidates('supervisor.Closing', 'shutdown.timedOut')
  const { exec: abortPeers0_0, params: abortPeers0_0Params } = kit.call(to0, 0)
  return (now, event, scope) => {
    const context = now.context as Context
    if (inspects(scope, 'abortPeers', abortPeers0_0Params)) return goOn(to0, now, context, event, scope, 0)
    const args00 = { context: context, event, self: scope.self, system: scope.system }
    abortPeers0_0(args00, abortPeers0_0Params)
    return now
  }
}

/** supervisor.Closing: supervisor.emptied */
function supervisorClosingOnSupervisorEmptiedOf(kit: CodeKit): Take {
  const { take } = kit
  const [to0] = kit.candidates('supervisor.Closing', 'supervisor.emptied')
  return (now, event, scope) => {
    return take(to0, now, event, scope)
  }
}

/** supervisor.Closing: peer.disconnect */
function supervisorClosingOnPeerDisconnectOf(kit: CodeKit): Take {
  const { goOn, inspects } = kit
  const [to0] = kit.candidates('supervisor.Closing', 'peer.disconnect')
  const { exec: disconnectPeer0_0, params: disconnectPeer0_0Params } = kit.call(to0, 0)
  return (now, event, scope) => {
    const context = now.context as Context
    if (inspects(scope, 'disconnectPeer', disconnectPeer0_0Params)) return goOn(to0, now, context, event, scope, 0)
    const args00 = { context: context, event, self: scope.self, system: scope.system }
    disconnectPeer0_0(args00, disconnectPeer0_0Params)
    return now
  }
}

/** supervisor.Closing: peer.crashed */
function supervisorClosingOnPeerCrashedOf(kit: CodeKit): Take {
  const { goOn, inspects } = kit
  const [to0] = kit.candidates('supervisor.Closing', 'peer.crashed')
  const { exec: replacePeer0_0, params: replacePeer0_0Params } = kit.call(to0, 0)
  return (now, event, scope) => {
    const context = now.context as Context
    if (inspects(scope, 'replacePeer', replacePeer0_0Params)) return goOn(to0, now, context, event, scope, 0)
    const args00 = { context: context, event, self: scope.self, system: scope.system }
    replacePeer0_0(args00, replacePeer0_0Params)
    return now
  }
}

/** supervisor.Stopped: peer.disconnect */
function supervisorStoppedOnPeerDisconnectOf(kit: CodeKit): Take {
  const { goOn, inspects } = kit
  const [to0] = kit.candidates('supervisor.Stopped', 'peer.disconnect')
  const { exec: disconnectPeer0_0, params: disconnectPeer0_0Params } = kit.call(to0, 0)
  return (now, event, scope) => {
    const context = now.context as Context
    if (inspects(scope, 'disconnectPeer', disconnectPeer0_0Params)) return goOn(to0, now, context, event, scope, 0)
    const args00 = { context: context, event, self: scope.self, system: scope.system }
    disconnectPeer0_0(args00, disconnectPeer0_0Params)
    return now
  }
}

/** supervisor.Stopped: peer.crashed */
function supervisorStoppedOnPeerCrashedOf(kit: CodeKit): Take {
  const { goOn, inspects } = kit
  const [to0] = kit.candidates('supervisor.Stopped', 'peer.crashed')
  const { exec: replacePeer0_0, params: replacePeer0_0Params } = kit.call(to0, 0)
  return (now, event, scope) => {
    const context = now.context as Context
    if (inspects(scope, 'replacePeer', replacePeer0_0Params)) return goOn(to0, now, context, event, scope, 0)
    const args00 = { context: context, event, self: scope.self, system: scope.system }
    replacePeer0_0(args00, replacePeer0_0Params)
    return now
  }
}

/** For `compile(machine, code)`. */
export const code: MachineCode = {
  digest: '909f4c0897212f86',
  keys: ['limits'],
  bind(kit) {
    const supervisorAcceptingOnPeerConnect = supervisorAcceptingOnPeerConnectOf(kit)
    const supervisorAcceptingOnBackoffElapsed = supervisorAcceptingOnBackoffElapsedOf(kit)
    const supervisorAcceptingOnPeerReport = supervisorAcceptingOnPeerReportOf(kit)
    const supervisorAcceptingOnLinkAccepted = supervisorAcceptingOnLinkAcceptedOf(kit)
    const supervisorAcceptingOnLimitsSet = supervisorAcceptingOnLimitsSetOf(kit)
    const supervisorAcceptingOnSupervisorDrain = supervisorAcceptingOnSupervisorDrainOf(kit)
    const supervisorAcceptingOnSupervisorShutdown = supervisorAcceptingOnSupervisorShutdownOf(kit)
    const supervisorAcceptingOnPeerDisconnect = supervisorAcceptingOnPeerDisconnectOf(kit)
    const supervisorAcceptingOnPeerCrashed = supervisorAcceptingOnPeerCrashedOf(kit)
    const supervisorDrainingOnPeerConnect = supervisorDrainingOnPeerConnectOf(kit)
    const supervisorDrainingOnPeerReport = supervisorDrainingOnPeerReportOf(kit)
    const supervisorDrainingOnLinkAccepted = supervisorDrainingOnLinkAcceptedOf(kit)
    const supervisorDrainingOnSupervisorShutdown = supervisorDrainingOnSupervisorShutdownOf(kit)
    const supervisorDrainingOnPeerDisconnect = supervisorDrainingOnPeerDisconnectOf(kit)
    const supervisorDrainingOnPeerCrashed = supervisorDrainingOnPeerCrashedOf(kit)
    const supervisorClosingOnPeerConnect = supervisorClosingOnPeerConnectOf(kit)
    const supervisorClosingOnPeerReport = supervisorClosingOnPeerReportOf(kit)
    const supervisorClosingOnLinkAccepted = supervisorClosingOnLinkAcceptedOf(kit)
    const supervisorClosingOnShutdownTimedOut = supervisorClosingOnShutdownTimedOutOf(kit)
    const supervisorClosingOnSupervisorEmptied = supervisorClosingOnSupervisorEmptiedOf(kit)
    const supervisorClosingOnPeerDisconnect = supervisorClosingOnPeerDisconnectOf(kit)
    const supervisorClosingOnPeerCrashed = supervisorClosingOnPeerCrashedOf(kit)
    const supervisorStoppedOnPeerDisconnect = supervisorStoppedOnPeerDisconnectOf(kit)
    const supervisorStoppedOnPeerCrashed = supervisorStoppedOnPeerCrashedOf(kit)
    return {
      'supervisor.Accepting': (now, event, scope) => {
        switch (event.type) {
          case 'peer.connect':
            return supervisorAcceptingOnPeerConnect(now, event, scope)
          case 'backoff.elapsed':
            return supervisorAcceptingOnBackoffElapsed(now, event, scope)
          case 'peer.report':
            return supervisorAcceptingOnPeerReport(now, event, scope)
          case 'link.accepted':
            return supervisorAcceptingOnLinkAccepted(now, event, scope)
          case 'limits.set':
            return supervisorAcceptingOnLimitsSet(now, event, scope)
          case 'supervisor.drain':
            return supervisorAcceptingOnSupervisorDrain(now, event, scope)
          case 'supervisor.shutdown':
            return supervisorAcceptingOnSupervisorShutdown(now, event, scope)
          case 'peer.disconnect':
            return supervisorAcceptingOnPeerDisconnect(now, event, scope)
          case 'peer.crashed':
            return supervisorAcceptingOnPeerCrashed(now, event, scope)
          default:
            return undefined
        }
      },
      'supervisor.Draining': (now, event, scope) => {
        switch (event.type) {
          case 'peer.connect':
            return supervisorDrainingOnPeerConnect(now, event, scope)
          case 'peer.report':
            return supervisorDrainingOnPeerReport(now, event, scope)
          case 'link.accepted':
            return supervisorDrainingOnLinkAccepted(now, event, scope)
          case 'supervisor.shutdown':
            return supervisorDrainingOnSupervisorShutdown(now, event, scope)
          case 'peer.disconnect':
            return supervisorDrainingOnPeerDisconnect(now, event, scope)
          case 'peer.crashed':
            return supervisorDrainingOnPeerCrashed(now, event, scope)
          default:
            return undefined
        }
      },
      'supervisor.Closing': (now, event, scope) => {
        switch (event.type) {
          case 'peer.connect':
            return supervisorClosingOnPeerConnect(now, event, scope)
          case 'peer.report':
            return supervisorClosingOnPeerReport(now, event, scope)
          case 'link.accepted':
            return supervisorClosingOnLinkAccepted(now, event, scope)
          case 'shutdown.timedOut':
            return supervisorClosingOnShutdownTimedOut(now, event, scope)
          case 'supervisor.emptied':
            return supervisorClosingOnSupervisorEmptied(now, event, scope)
          case 'peer.disconnect':
            return supervisorClosingOnPeerDisconnect(now, event, scope)
          case 'peer.crashed':
            return supervisorClosingOnPeerCrashed(now, event, scope)
          default:
            return undefined
        }
      },
      'supervisor.Stopped': (now, event, scope) => {
        switch (event.type) {
          case 'peer.disconnect':
            return supervisorStoppedOnPeerDisconnect(now, event, scope)
          case 'peer.crashed':
            return supervisorStoppedOnPeerCrashed(now, event, scope)
          default:
            return undefined
        }
      },
    }
  },
}
