/** Keeps one thing true: what the supervisor's machine refuses, a caller is told in words that say what to do. */
import type { ConnectionStatus } from '../../machines/domain/connection-status.ts'
import type { PeerId } from '../../machines/domain/peer-id.ts'
import type { RequestRefusal } from '../../machines/supervisor-machine.ts'
import { ConnectionError } from '../errors.ts'

/** What a refused request was about. */
export interface RefusedRequest {
  readonly peerId: PeerId
  /** The status that was reported; left out where it was a connect. */
  readonly status?: ConnectionStatus
  readonly limit: number
  readonly current: number
}

/** The error of a refused request. */
export function refusalOf(refusal: RequestRefusal, { peerId, status, limit, current }: RefusedRequest): ConnectionError {
  switch (refusal) {
    case 'ERR_MAX_CONNECTIONS':
      return new ConnectionError(
        refusal,
        `no slot for '${peerId}': ${current} of ${limit} connections are held; disconnect a peer, or raise maxConnections`,
        {
          peerId,
          limit,
          current,
        },
      )
    case 'ERR_INVALID_TRANSITION':
      return new ConnectionError(
        refusal,
        status === undefined
          ? `'${peerId}' is connected by the application itself; report it Disconnected before it is dialled from here`
          : `'${peerId}' has a link of this manager, so it cannot be reported ${status}; use connect and disconnect`,
        { peerId },
      )
    case 'ERR_STOPPED':
      return stoppedError(status === undefined ? `connect to '${peerId}'` : `report '${peerId}' as ${status}`, peerId)
  }
}

/** The error of a command that comes after the end. */
export function stoppedError(command: string, peerId: PeerId | undefined): ConnectionError {
  return new ConnectionError(
    'ERR_STOPPED',
    `cannot ${command}: the manager is shut down; make a new one`,
    peerId === undefined ? {} : { peerId },
  )
}
