/** The errors of a dial: what was tried, what went wrong at each address, and what to do about it. */
import { shownPeerId } from '../../../machines/domain/shown.ts'
import type { PeerId } from '../../../machines/domain/peer-id.ts'
import { isLocalFault } from '../../../machines/policy/local-fault.ts'
import { ConnectionError, type ConnectionErrorCode, type ConnectionErrorDetails } from '../../errors.ts'
import type { Attempt } from './dial-attempt.ts'
import { hintOf, longestRejection, saidIn, wordsOf } from '../errors/dial-failure.ts'
import { shownError } from '../errors/failures.ts'
import type { DialSettings } from '../options/resolved.ts'

/** Who is dialled. */
export interface DialedPeer {
  readonly peerId: PeerId
  /** Addresses that callers gave, tried after those that resolve it. */
  readonly addresses: readonly string[] | undefined
}

/** What a dial has come to so far, and the errors that say so. */
export abstract class DialErrors<P extends DialedPeer> {
  protected readonly peer: P
  protected readonly settings: DialSettings
  /** The attempts under way; undefined until the addresses are there. */
  protected racing: Attempt[] | undefined = undefined
  protected gate: Promise<boolean> | undefined
  protected addresses: readonly string[] = []
  protected attempts = 0
  protected address: string | undefined = undefined
  protected readonly errors: Error[] = []

  constructor(peer: P, settings: DialSettings, gate: Promise<boolean> | undefined) {
    this.peer = peer
    this.settings = settings
    this.gate = gate
  }

  get peerId(): PeerId {
    return this.peer.peerId
  }

  /** The error of a dial that took too long. It carries what had gone wrong so far. */
  timedOut(): ConnectionError {
    const { connectTimeoutMs } = this.settings
    const before = this.gate === undefined ? 'while its addresses were looked up' : 'while the gate was asked'
    const dialing = (this.racing ?? []).map(({ address }) => address).join(' and ') || this.address
    const where = dialing === undefined ? before : `while dialing ${dialing}`
    return this.error(
      'ERR_CONNECT_TIMEOUT',
      `connecting to '${shownPeerId(this.peerId)}' took longer than ${connectTimeoutMs} ms, ${where}; is it reachable, or is connectTimeoutMs too short?`,
    )
  }

  protected failed(): ConnectionError {
    const [first] = this.errors
    if (this.errors.length === 1 && ConnectionError.is(first) && first.peerId === this.peerId) return first
    if (this.errors.every((error) => ConnectionError.is(error) && error.code === 'ERR_DENIED')) {
      return this.error(
        'ERR_DENIED',
        `'${shownPeerId(this.peerId)}' is not dialled: ${this.errors.map((error) => error.message).join('; ')}`,
      )
    }
    if (this.errors.every((error) => ConnectionError.is(error) && error.code === 'ERR_SELF_DIAL')) return this.selfDial(this.address)
    const rejection = longestRejection(this.errors)
    if (rejection !== undefined) return this.#rejected(rejection)
    if (this.attempts === 0 && this.errors.every(ConnectionError.is)) {
      const code = this.errors.some((error) => error.code === 'ERR_NO_TRANSPORT') ? 'ERR_NO_TRANSPORT' : 'ERR_NO_ADDRESS'
      return this.error(code, `cannot dial '${shownPeerId(this.peerId)}': ${this.errors.map((error) => error.message).join('; ')}`)
    }
    const hint = this.errors.every((error) => isLocalFault(error))
      ? '; the fault is on this side (its network, descriptors or memory), and says nothing of the peer'
      : hintOf(this.errors)
    const causes = this.errors.map(wordsOf).join('; ')
    return this.error(
      'ERR_DIAL_FAILED',
      `could not connect to '${shownPeerId(this.peerId)}' at ${this.address ?? 'any address'}: ${causes}${hint}`,
    )
  }

  /** The other side is there, and turned us away: whatever else was tried, that is the answer. */
  #rejected(rejection: ConnectionError): ConnectionError {
    const message = `'${shownPeerId(this.peerId)}' does not admit this side: ${rejection.message}`
    return this.error('ERR_REJECTED_BY_PEER', message, rejection.address, saidIn(rejection))
  }

  protected selfDial(address: string | undefined): ConnectionError {
    return this.error(
      'ERR_SELF_DIAL',
      `'${shownPeerId(this.peerId)}' at ${address ?? 'any address'} is this manager itself; leave it out`,
      address,
    )
  }

  /** What somebody else says of it, without the secrets of its addresses. */
  protected told(error: Error): Error {
    return shownError(error, this.addresses.length === 0 ? [this.peerId] : [this.peerId, ...this.addresses])
  }

  protected noAddress(why: string): ConnectionError {
    return this.error('ERR_NO_ADDRESS', `no address for '${shownPeerId(this.peerId)}': ${why}`)
  }

  protected aborted(): ConnectionError {
    return new ConnectionError('ERR_DISCONNECTED', `nobody waits for the dial of '${shownPeerId(this.peerId)}' any more`, {
      peerId: this.peerId,
    })
  }

  protected error(
    code: ConnectionErrorCode,
    message: string,
    address: string | undefined = this.address,
    said: ConnectionErrorDetails = {},
  ): ConnectionError {
    const [first] = this.errors
    const cause = this.errors.length > 1 ? new AggregateError(this.errors, `all addresses of '${shownPeerId(this.peerId)}' failed`) : first
    return new ConnectionError(code, message, {
      ...said,
      peerId: this.peerId,
      attempts: this.attempts,
      ...(cause === undefined ? {} : { cause }),
      ...(address === undefined ? {} : { address }),
    })
  }
}
