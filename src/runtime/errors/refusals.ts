/** The errors of refused requests say what to do. */
import { shownPeerId } from '../../../machines/domain/shown.ts'
import type { ConnectionStatus } from '../../../machines/domain/connection-status.ts'
import type { PeerId } from '../../../machines/domain/peer-id.ts'
import type { RefusalReason } from '../../../machines/policy/admission.ts'
import type { RequestRefusal } from '../../../machines/supervisor-machine.ts'
import { ConnectionError } from '../../errors.ts'

/** What a refused request was about. */
export interface RefusedRequest extends RefusalReason {
  readonly peerId: PeerId
  /** The status that was reported; left out where it was a connect. */
  readonly status?: ConnectionStatus
  readonly limit: number
  readonly current: number
  /** How many requests wait for a slot. */
  readonly waiting?: number
  /** How long the peer's breaker stays open, in milliseconds. */
  readonly retryAfterMs?: number
}

/** The error of a refused request. */
export function refusalOf(refusal: RequestRefusal, request: RefusedRequest): ConnectionError {
  const { peerId, status, limit, current, waiting = 0, retryAfterMs = 0 } = request
  switch (refusal) {
    case 'ERR_MAX_CONNECTIONS':
      return noSlot(request)
    case 'ERR_INVALID_TRANSITION':
      return new ConnectionError(
        refusal,
        status === undefined
          ? `'${shownPeerId(peerId)}' is connected by the application itself; report it Disconnected before it is dialled from here`
          : `'${shownPeerId(peerId)}' has a link of this manager, so it cannot be reported ${status}; use connect and disconnect`,
        { peerId },
      )
    case 'ERR_CIRCUIT_OPEN':
      return new ConnectionError(
        refusal,
        `'${shownPeerId(peerId)}' failed too often of late; it may be tried again in ${Math.ceil(retryAfterMs)} ms`,
        {
          peerId,
          retryAfterMs,
        },
      )
    case 'ERR_QUEUE_FULL':
      return new ConnectionError(
        refusal,
        `no slot for '${shownPeerId(peerId)}': ${current} of ${limit} connections are held, and ${waiting} requests wait already; connect less, or raise maxWaiting`,
        { peerId, limit, current },
      )
    case 'ERR_STOPPED':
      return stoppedError(
        status === undefined ? `connect to '${shownPeerId(peerId)}'` : `report '${shownPeerId(peerId)}' as ${status}`,
        peerId,
      )
  }
}

function noSlot({ peerId, limit, current, reason, score, lowestScore }: RefusedRequest): ConnectionError {
  const lowest = lowestScore === undefined ? 'nobody is past the grace period and unprotected' : `the least of the others ${lowestScore}`
  const why =
    reason === undefined
      ? 'disconnect a peer, or raise maxConnections'
      : reason === 'eviction-exhausted'
        ? `and nobody may yield to it (${reason}): it is worth ${score}, ${lowest}; tag it higher, disconnect a peer, or raise maxConnections`
        : reason === 'fleet-limit'
          ? 'the fleet permits this node no more; disconnect a peer here or on another node, or raise the limit of the fleet'
          : reason
  return new ConnectionError(
    'ERR_MAX_CONNECTIONS',
    `no slot for '${shownPeerId(peerId)}': ${current} of ${limit} connections are held; ${why}`,
    {
      peerId,
      limit,
      current,
      ...(reason === undefined ? {} : { reason }),
      ...(score === undefined ? {} : { score }),
      ...(lowestScore === undefined ? {} : { lowestScore }),
    },
  )
}

/** The error of a connect that a disconnect of the same peer, or a report of it, has overtaken. */
export function overtakenError(peerId: PeerId, by = 'a disconnect'): ConnectionError {
  return new ConnectionError(
    'ERR_DISCONNECTED',
    `connecting to '${shownPeerId(peerId)}' was overtaken by ${by}; connect again if it is still wanted`,
    { peerId },
  )
}

/** The error of a dial that a rule or the gate forbids. */
export function deniedError(peerId: PeerId, by: 'deny' | 'gate'): ConnectionError {
  const remedy = by === 'deny' ? 'the option deny names it' : 'the gate did not let it pass'
  return new ConnectionError('ERR_DENIED', `'${shownPeerId(peerId)}' is not dialled: ${remedy}; change that rule if it is wanted`, {
    peerId,
  })
}

/** The error of a command that comes after the end. */
export function stoppedError(command: string, peerId: PeerId | undefined): ConnectionError {
  return new ConnectionError(
    'ERR_STOPPED',
    `cannot ${command}: the manager is shut down; make a new one`,
    peerId === undefined ? {} : { peerId },
  )
}
