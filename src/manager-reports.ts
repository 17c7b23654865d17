/** The reports on links that the app owns: a manager counts them as its own, and moves nothing over them. */
import { assertStatus, type ConnectionStatus } from '../machines/domain/connection-status.ts'
import { assertDuration } from '../machines/domain/limits.ts'
import { assertKnown } from '../machines/domain/options.ts'
import { assertPeerId, type PeerId } from '../machines/domain/peer-id.ts'
import { assertAmount, checkEntries, MESSAGE_OPTIONS, STATUS_OPTIONS, type RecordedMessage } from './manager-arguments.ts'
import { ManagerTags } from './manager-tags.ts'
import type { ReportedFailure } from './runtime/errors/failures.ts'
import { assertObject } from './runtime/options/given-options.ts'
import type { Running } from './supervisor-logic.ts'

/** A manager that is told of links which others opened. */
export abstract class ManagerReports extends ManagerTags {
  readonly #running: Running

  constructor(running: Running) {
    super(running)
    this.#running = running
  }

  /**
   * Reports the status of a link that the app owns. A peer whose link is this manager's can only be reported
   * `Disconnected` or `Failed`, which aborts the link.
   *
   * Rejects with a ConnectionError (`ERR_MAX_CONNECTIONS`, `ERR_INVALID_TRANSITION`, `ERR_STOPPED`).
   *
   * @param options `failure` says why it is `Failed`
   */
  async updateStatus(peerId: PeerId, status: ConnectionStatus, options: { readonly failure?: ReportedFailure } = {}): Promise<void> {
    assertPeerId(peerId)
    assertStatus(status)
    assertObject('options', options)
    assertKnown('', options, STATUS_OPTIONS)
    const { failure } = options
    if (failure !== undefined) assertObject('failure', failure)
    const refusal = this.#running.supervisor.reports.report(peerId, status, failure)
    if (refusal !== undefined) throw refusal
  }

  /** Reports many at once: all of them, or, where one cannot be, none. Rejects as {@link updateStatus} does. */
  async updateStatuses(entries: Iterable<readonly [PeerId, ConnectionStatus]>): Promise<void> {
    const refusal = this.#running.supervisor.reports.reportAll(checkEntries(entries))
    if (refusal !== undefined) throw refusal
  }

  /**
   * Counts a message on a link that the app owns; of an unknown peer it is ignored.
   *
   * @throws TypeError or RangeError that names the argument
   */
  recordMessage(peerId: PeerId, message: RecordedMessage = {}): void {
    const { reports } = this.#running.supervisor
    const peer = reports.known(peerId)
    // What is known was checked when it came.
    if (peer === undefined) assertPeerId(peerId)
    assertObject('message', message)
    for (const name in message) {
      // Two names are sooner compared than looked up.
      if (name !== 'bytes' && name !== 'latencyMs') assertKnown('', message, MESSAGE_OPTIONS)
    }
    const { bytes = 0, latencyMs } = message
    assertAmount('bytes', bytes)
    if (latencyMs !== undefined) assertDuration('latencyMs', latencyMs, 0)
    if (peer !== undefined) reports.record(peer, bytes, latencyMs)
  }
}
