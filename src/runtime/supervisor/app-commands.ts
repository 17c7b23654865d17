/** Commands of the app that arrive as events of the supervisor's actor: each is checked, and what is wrong with it is emitted. */
import { assertStatus, type ConnectionStatus } from '../../../machines/domain/connection-status.ts'
import { assertDuration, type Limits } from '../../../machines/domain/limits.ts'
import { assertPeerId, type PeerId } from '../../../machines/domain/peer-id.ts'
import { holdsSlot } from '../../../machines/domain/peer-state.ts'
import type { ConnectionError } from '../../errors.ts'
import { asError, type ReportedFailure } from '../errors/failures.ts'
import { DEFAULT_SHUTDOWN_TIMEOUT_MS } from '../options/defaults.ts'
import { assertObject } from '../options/given-options.ts'
import type { Supervisor } from './supervisor.ts'

/** The events that an app may send to a supervisor's actor. @since 0.1.0 */
export type SupervisorCommand =
  /** Connects a peer and holds it until `peer.disconnect`. */
  | { readonly type: 'peer.connect'; readonly peerId: PeerId }
  | { readonly type: 'peer.disconnect'; readonly peerId: PeerId; readonly pool?: boolean }
  | { readonly type: 'peer.report'; readonly peerId: PeerId; readonly status: ConnectionStatus; readonly failure?: ReportedFailure }
  | { readonly type: 'backoff.elapsed'; readonly peerId: PeerId }
  | { readonly type: 'limits.set'; readonly limits: Partial<Limits> }
  | { readonly type: 'supervisor.shutdown'; readonly timeoutMs?: number }

/** Carries out a command that an app has sent as an event. What is wrong with it is emitted, and changes nothing. */
export function obey(supervisor: Supervisor, command: SupervisorCommand): void {
  let error: Error | undefined
  let peerId: PeerId | undefined
  try {
    const given = (command as { readonly peerId?: unknown }).peerId
    if (typeof given === 'string') peerId = given
    error = attempt(supervisor, command)
  } catch (thrown) {
    error = asError(thrown)
  }
  if (error === undefined) return
  const refused = { type: 'peer.refused', peerId, error }
  supervisor.world.afterwards(() => supervisor.world.tellListeners(refused))
}

function attempt(supervisor: Supervisor, command: SupervisorCommand): Error | undefined {
  switch (command.type) {
    case 'peer.connect':
    case 'backoff.elapsed': {
      const { type, peerId } = command
      assertPeerId(peerId)
      return want(supervisor, type, peerId)
    }
    case 'peer.disconnect': {
      const { peerId, pool } = command
      assertPeerId(peerId)
      if (pool !== undefined && typeof pool !== 'boolean') throw new TypeError(`pool must be a boolean, got ${typeof pool}`)
      void supervisor.disconnect(peerId, pool)
      return undefined
    }
    case 'peer.report': {
      const { peerId, status, failure } = command
      assertPeerId(peerId)
      assertStatus(status)
      if (failure !== undefined) assertObject('failure', failure)
      return supervisor.reports.report(peerId, status, failure)
    }
    case 'limits.set': {
      const { limits } = command
      assertObject('limits', limits)
      supervisor.setLimits(limits)
      return undefined
    }
    case 'supervisor.shutdown': {
      const { timeoutMs = DEFAULT_SHUTDOWN_TIMEOUT_MS } = command
      assertDuration('timeoutMs', timeoutMs, 0)
      void supervisor.ending.shutdown(timeoutMs)
      return undefined
    }
    default:
      // XState's own events, and what is meant for somebody else.
      return undefined
  }
}

/** Connects by an event: no caller holds the link, so the peer is held until it is disconnected. */
function want(supervisor: Supervisor, type: 'peer.connect' | 'backoff.elapsed', peerId: PeerId): ConnectionError | undefined {
  const { world, poolTrim } = supervisor
  world.settings.errors.assertMayCommand()
  const at = world.now()
  const stale = world.pool.expired(at, world.limits.poolTimeoutMs) !== undefined
  if (stale) poolTrim.trim()
  const known = world.peers.get(peerId)
  if (known?.state === 'Disconnected.pooled' && at >= known.retiresAt) poolTrim.expire(known, at)
  const refusal = supervisor.requests.ask(type, peerId, at)
  const peer = world.peers.get(peerId)
  if (refusal === undefined && type === 'peer.connect' && peer?.state !== undefined && holdsSlot(peer.state)) {
    peer.wanted = true
    supervisor.keeps.wanted(peerId)
    world.reweigh(peer)
  }
  return refusal
}
