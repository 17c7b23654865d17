/** Reports of the app about links of its own: one, a batch that is applied whole or not at all, and the messages it counts. */
import type { ConnectionStatus } from '../../../machines/domain/connection-status.ts'
import type { PeerId } from '../../../machines/domain/peer-id.ts'
import { shownPeerId } from '../../../machines/domain/shown.ts'
import type { AdmissionView } from '../../../machines/policy/admission.ts'
import { decideReport } from '../../../machines/policy/report.ts'
import type { ConnectionError } from '../../errors.ts'
import { failureReported, type ReportedFailure } from '../errors/failures.ts'
import { overtakenError, refusalOf, stoppedError } from '../errors/refusals.ts'
import type { Keeps } from '../keeping/keeps.ts'
import type { PeerRecord } from '../peers/peer-record.ts'
import type { SlotWaiters } from '../waiting/slot-waiters.ts'
import type { World } from '../world/world.ts'
import { judgeBatch } from './report-batch.ts'
import type { SupervisorCore } from './supervisor-core.ts'

/** What reports ask of the supervisor. */
export interface ReportsHost {
  readonly isAccepting: boolean
  readonly waiters: SlotWaiters
  readonly keeps: Keeps
}

/** Applies what the app reports. */
export class Reports {
  readonly #world: World
  readonly #core: SupervisorCore
  readonly #host: ReportsHost

  constructor(world: World, core: SupervisorCore, host: ReportsHost) {
    this.#world = world
    this.#core = core
    this.#host = host
  }

  /** Applies an app's report; returns why it cannot. */
  report(peerId: PeerId, status: ConnectionStatus, failure: ReportedFailure | undefined): ConnectionError | undefined {
    const world = this.#world
    world.settings.errors.assertMayCommand()
    if (!this.#host.isAccepting) return stoppedError(`report '${shownPeerId(peerId)}' as ${status}`, peerId)
    const peer = world.peers.get(peerId)
    const verdict = decideReport(peer?.state, peer === undefined ? 'manager' : world.ownerOf(peer), status)
    const isOver = verdict.kind !== 'refuse' && (status === 'Disconnected' || status === 'Failed')
    const queued = isOver ? this.#host.waiters.of(peerId) : undefined
    if (verdict.kind === 'ignore' && queued === undefined) return undefined
    const at = world.now()
    const copied = status === 'Failed' ? failureReported(failure, world.instant(at)) : undefined
    world.enter()
    try {
      // The slot that this report frees would else be given to the very peer that it reports.
      if (isOver) this.#host.keeps.disconnected(peerId)
      if (queued !== undefined) this.#host.waiters.overtake(queued, overtakenError(peerId, `a report of it as ${status}`))
      if (verdict.kind === 'ignore') return undefined
      const view = this.#view(verdict.kind !== 'refuse', verdict.needsSlot, world.pool.size)
      return this.#core.command({
        type: 'peer.report',
        peerId,
        at,
        status,
        failure: copied,
        view,
      })
    } finally {
      world.leave()
    }
  }

  /** Applies all reports, or none; returns why it cannot. */
  reportAll(entries: readonly (readonly [PeerId, ConnectionStatus])[]): ConnectionError | undefined {
    const world = this.#world
    if (!this.#host.isAccepting) return stoppedError('report a batch', undefined)
    const refused = judgeBatch(world, entries)
    if (refused !== undefined) {
      const { peerId, status, code, current } = refused
      return refusalOf(code, { peerId, status, limit: world.limits.maxConnections, current })
    }
    world.enter()
    try {
      for (const [peerId, status] of entries) this.report(peerId, status, undefined)
      return undefined
    } finally {
      world.leave()
    }
  }

  /** A peer that is known. */
  known(peerId: PeerId): PeerRecord | undefined {
    return this.#world.peers.get(peerId)
  }

  /** Counts a message on a link that the app owns. */
  record(peer: PeerRecord, bytes: number, latencyMs: number | undefined): void {
    this.#world.meter.record(bytes)
    if (latencyMs === undefined) return
    peer.latency = latencyMs
    this.#world.roundTrip(latencyMs)
  }

  #view(legal: boolean, needsSlot: boolean, idle: number): AdmissionView {
    return { legal, needsSlot, held: this.#world.taken, idle, isCircuitOpen: false, waiting: 0, maxWaiting: 0 }
  }
}
