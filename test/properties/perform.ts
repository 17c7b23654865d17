/** A command of a run: it is done to the real manager and to the model, and what both say at once is compared. */
import type { ConnectionStatus } from 'qudag-connections'
import { type Command, faultError, flush } from 'qudag-connections/testing'
import { expect } from 'vitest'
import { unprovenPeerId } from '../../machines/domain/peer-id.ts'
import { holdsSlot } from '../../machines/domain/peer-state.ts'
import { PEERS } from './variant.ts'
import type { World } from './world.ts'

/** Does one command to both. */
export async function perform(world: World, command: Command): Promise<void> {
  const { manager, model, transport, clock } = world
  switch (command.type) {
    case 'connect': {
      const peerId = PEERS[command.peer % PEERS.length] as string
      const controller = command.signal ? new AbortController() : undefined
      const promise = manager.connect(peerId, controller && { signal: controller.signal })
      model.connect(peerId, world.track(`connect ${peerId}`, promise, controller))
      // Every command has happened, wholly, when the call returns.
      expect(manager.status(peerId), 'at once').toBe(model.status(peerId))
      return
    }
    case 'abortCaller': {
      const waiting = world.calls.filter(({ controller, actual }) => controller !== undefined && actual === 'pending')
      const tracked = nth(waiting, command.nth)
      if (tracked === undefined) return
      tracked.controller?.abort(new Error('the caller left'))
      return model.abortCaller(tracked.call)
    }
    case 'disconnect': {
      const peerId = PEERS[command.peer % PEERS.length] as string
      const promise = manager.disconnect(peerId, command.pool === undefined ? undefined : { pool: command.pool })
      model.disconnect(peerId, command.pool, world.track(`disconnect ${peerId}`, promise), world.seen(peerId))
      world.settleDelayed()
      expect(manager.status(peerId), 'at once').toBe(model.status(peerId))
      return
    }
    case 'release': {
      const tracked = nth(world.holds, command.nth)
      if (tracked === undefined) return
      const promise = tracked.connection.release()
      const { peerId } = tracked.model.peer
      model.release(tracked.model, world.track(`release ${peerId}`, promise), world.seen(peerId))
      world.settleDelayed()
      expect(manager.status(peerId), 'at once').toBe(model.status(peerId))
      return
    }
    case 'hangUp': {
      const tracked = nth(world.holds, command.nth)
      if (tracked === undefined) return
      const { peerId } = tracked.model.peer
      model.hangUp(tracked.model, world.track(`close ${peerId}`, tracked.connection.close()), world.seen(peerId))
      world.settleDelayed()
      expect(manager.status(peerId), 'at once').toBe(model.status(peerId))
      return
    }
    case 'updateStatus': {
      const peerId = PEERS[command.peer % PEERS.length] as string
      const promise = manager.updateStatus(peerId, command.status)
      model.updateStatus(peerId, command.status, world.track(`report ${peerId} ${command.status}`, promise))
      world.settleDelayed()
      expect(manager.status(peerId), 'at once').toBe(model.status(peerId))
      return
    }
    case 'updateStatuses': {
      const entries = command.entries.map(([peer, status]): [string, ConnectionStatus] => [PEERS[peer % PEERS.length] as string, status])
      model.updateStatuses(entries, world.track(`report ${JSON.stringify(entries)}`, manager.updateStatuses(entries)))
      return
    }
    case 'setLimits': {
      if (model.stopped) return
      const { maxConnections, poolTimeoutMs } = command
      world.limit = maxConnections ?? world.limit
      manager.setLimits({
        ...(maxConnections !== undefined && { maxConnections }),
        ...(poolTimeoutMs !== undefined && { poolTimeoutMs }),
      })
      model.setLimits(maxConnections, poolTimeoutMs)
      // What expires by a lower TTL may do so by the deadline queue, in the same instant.
      return clock.advanceAsync(0)
    }
    case 'recordMessage':
      return manager.recordMessage(PEERS[command.peer % PEERS.length] as string, { bytes: command.bytes })
    case 'send': {
      const tracked = nth(world.holds, command.nth)
      if (tracked === undefined) return
      const send = (): boolean => tracked.connection.send(new Uint8Array(command.bytes))
      if (tracked.model.ended === undefined) expect(send()).toBe(true)
      else expect(send).toThrow(expect.objectContaining({ code: 'ERR_NOT_CONNECTED' }))
      return
    }
    case 'read': {
      const tracked = nth(
        world.holds.filter(({ ended }) => ended === undefined),
        command.nth,
      )
      if (tracked === undefined) return
      return world.listen(model.read(tracked.model), tracked.model, (heard, over) =>
        tracked.connection.messages$.subscribe({ next: heard, complete: over }),
      )
    }
    case 'readAll': {
      const [reader] = world.readers.filter(({ hold }) => hold === undefined)
      if (command.on && reader === undefined && !model.stopped) {
        world.listen(model.readAll(), undefined, (heard, over) =>
          manager.messages$.subscribe({ next: ({ data }) => heard(data), complete: over }),
        )
      } else if (!command.on && reader !== undefined) world.stopReading(reader)
      return
    }
    case 'stopReading': {
      const reader = nth(
        world.readers.filter(({ hold }) => hold !== undefined && hold.ended === undefined),
        command.nth,
      )
      if (reader !== undefined) world.stopReading(reader)
      return
    }
    case 'openDial': {
      const dial = nth(transport.pendingDials, command.nth)
      if (dial === undefined) return
      dial.open()
      return model.openDial(dial.peerId)
    }
    case 'failDial': {
      const dial = nth(transport.pendingDials, command.nth)
      if (dial === undefined) return
      dial.fail(faultError(command.fault))
      return model.failDial(dial.peerId, 'ERR_DIAL_FAILED')
    }
    case 'openLate': {
      const late = nth(
        transport.dials.filter((dial) => dial.aborted && !dial.settled),
        command.nth,
      )
      const link = late?.open()
      await flush()
      if (link !== undefined) expect(link.state, 'a link that came too late').toBe('over')
      return
    }
    case 'arrive': {
      if (transport.listeners.length === 0) return
      const remotePeerId = command.peer === undefined ? undefined : PEERS[command.peer % PEERS.length]
      const peer = remotePeerId === undefined ? undefined : model.peers.get(remotePeerId)
      // The table says nothing of a link from a peer whose link the app owns.
      if (peer?.app === true && holdsSlot(peer.state)) return
      const link = transport.arrive({ remotePeerId })
      await flush()
      const peerId = remotePeerId ?? unprovenPeerId(link.remoteAddress)
      const expected = model.arrive(peerId, {
        ...world.seen(peerId),
        over: link.state === 'over',
        dialing: transport.ledger.dialsOf(peerId) > 0,
      })
      expect(link.state === 'over' ? 'over' : 'kept', `the link that arrived from ${peerId}`).toBe(expected)
      return
    }
    case 'receive': {
      const link = nth([...transport.links], command.nth)
      const message = ++world.messages
      const data = new Uint8Array(Math.max(4, command.bytes))
      new DataView(data.buffer).setUint32(0, message)
      if (link?.receive(data) === true) model.receive(link.peerId, message)
      return
    }
    case 'remoteClose': {
      const link = nth([...transport.links], command.nth)
      if (link?.remoteClose() !== true) return
      if (link.state === 'over') model.remoteClosed(link.peerId)
      else world.delayed.add(link)
      return
    }
    case 'failLink': {
      const link = nth([...transport.links], command.nth)
      if (link?.fail(faultError(command.fault)) === true) model.linkFailed(link.peerId, command.fault.code)
      return
    }
    case 'finishClose': {
      const link = nth(
        [...transport.links].filter(({ state }) => state === 'closing'),
        command.nth,
      )
      if (link?.finishClose() === true) model.closeFinished(link.peerId)
      return
    }
    case 'advance':
      return world.advanceTo(clock.now() + command.ms)
    case 'advanceToDeadline':
      return model.next === Infinity ? undefined : world.advanceTo(Math.max(clock.now(), model.next + command.offset))
    case 'shutdown':
      world.ended = true
      model.shutdown(command.timeoutMs, world.track('shutdown', manager.shutdown({ timeoutMs: command.timeoutMs })))
      return
    case 'stop': {
      world.ended = true
      world.stop()
      return model.stop(world.calls.map(({ call }) => call))
    }
  }
}

function nth<T>(items: readonly T[], n: number): T | undefined {
  return items[n % items.length]
}
