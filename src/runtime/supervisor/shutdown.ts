/** Shutdown and drain: no new work is taken, everything ends once, what is left at the shutdown timeout is aborted, and it is said what became of it. */
import type { SupervisorCore } from './supervisor-core.ts'
import { saveState } from '../reconnecting/kept-memory.ts'
import type { PeerRecord } from '../peers/peer-record.ts'
import type { SavedState } from '../options/saved-state.ts'
import type { SlotWaiters } from '../waiting/slot-waiters.ts'
import type { World } from '../world/world.ts'

/** What a shutdown has ended. @since 0.1.0 */
export interface ShutdownReport {
  /** Links that were closed in order. */
  readonly closed: number
  /** Links that had to be aborted. */
  readonly forced: number
}

/** What ends with a supervisor. */
export interface EndingHost {
  readonly waiters: SlotWaiters
  readonly listeners: { readonly isClosing: boolean; closeAll(): void; abandon(): void }
  /** What would begin by itself: reconnecting dials, links that wait for the gate. */
  stopBeginning(): void
}

/** The drain, the shutdown and the sudden stop of one supervisor. */
export class Ending {
  readonly #world: World
  readonly #core: SupervisorCore
  readonly #host: EndingHost
  /** What was kept when no new work was taken any more. */
  #saved: SavedState | undefined = undefined
  #drained: Promise<void> | undefined = undefined
  readonly #drainDeadline = { at: Infinity, order: 0, index: -1, due: () => this.#endInUse() }
  #settleDrain: (() => void) | undefined = undefined
  #report: Promise<ShutdownReport> | undefined = undefined
  #settleReport: ((report: ShutdownReport) => void) | undefined = undefined

  constructor(world: World, core: SupervisorCore, host: EndingHost) {
    this.#world = world
    this.#core = core
    this.#host = host
  }

  /** What is to be remembered for the next run; of a supervisor that has stopped, as it was when it was told to. */
  export(): SavedState {
    return this.#saved ?? saveState(this.#world, this.#host.waiters)
  }

  /**
   * Takes no new work from here on, and closes after `timeoutMs` what is still in use; `Infinity`: never. Resolves when
   * nothing is in use any more.
   */
  drain(timeoutMs: number): Promise<void> {
    const world = this.#world
    world.settings.errors.assertMayCommand()
    this.#drained ??= new Promise((resolve) => (this.#settleDrain = resolve))
    world.enter()
    try {
      const at = world.now()
      if (this.#core.state === 'Accepting') this.#core.command({ type: 'supervisor.drain', at })
      const isSooner = this.#drainDeadline.index === -1 || at + timeoutMs < this.#drainDeadline.at
      if (this.#core.state === 'Draining' && timeoutMs !== Infinity && isSooner) world.deadlines.set(this.#drainDeadline, at + timeoutMs)
    } finally {
      world.leave()
    }
    return this.#drained
  }

  shutdown(timeoutMs: number): Promise<ShutdownReport> {
    const world = this.#world
    world.settings.errors.assertMayCommand()
    const { state } = this.#core
    if (this.#report === undefined) {
      this.#report = new Promise((resolve) => (this.#settleReport = resolve))
      world.enter()
      try {
        if (state === 'Accepting' || state === 'Draining') this.#core.command({ type: 'supervisor.shutdown', at: world.now(), timeoutMs })
      } finally {
        world.leave()
      }
      if (this.#core.state === 'Stopped') this.#tellReport()
    }
    return this.#report
  }

  /** Ends everything at once, as the supervisor's own actor is being stopped. */
  halt(): void {
    const world = this.#world
    if (this.#core.state === 'Stopped') return
    world.enter()
    try {
      this.#core.halt()
      if (!world.isClosing) this.stopPeers()
      this.abortPeers()
      this.#host.listeners.closeAll()
      this.endStreams()
    } finally {
      world.leave()
    }
  }

  // What the supervisor's machine decides.

  startDeadline(timeoutMs: number): void {
    const world = this.#world
    const due = (): void => {
      world.enter()
      try {
        this.#core.command({ type: 'shutdown.timedOut', at: world.now() })
      } finally {
        world.leave()
      }
    }
    world.deadlines.set({ at: 0, order: 0, index: -1, due }, world.now() + timeoutMs)
  }

  /** Ends what waits and what nobody uses. */
  endIdle(): void {
    const world = this.#world
    this.#saved ??= saveState(world, this.#host.waiters)
    this.#host.stopBeginning()
    this.#host.waiters.end()
    const at = world.now()
    for (const peer of world.peers.values()) {
      if (!isInUse(world, peer)) world.send(peer, { type: 'supervisor.stopped', at })
    }
  }

  stopPeers(): void {
    const world = this.#world
    world.isClosing = true
    this.endIdle()
    const at = world.now()
    for (const peer of world.peers.values()) world.send(peer, { type: 'supervisor.stopped', at })
  }

  /** A drain has waited for as long as it may: what is still in use is closed too. */
  #endInUse(): void {
    const world = this.#world
    if (this.#core.state !== 'Draining') return
    world.enter()
    try {
      const at = world.now()
      for (const peer of world.peers.values()) world.send(peer, { type: 'supervisor.stopped', at })
    } finally {
      world.leave()
    }
  }

  abortPeers(): void {
    const world = this.#world
    this.#host.listeners.abandon()
    const at = world.now()
    for (const peer of world.peers.values()) world.send(peer, { type: 'close.timedOut', at })
  }

  endStreams(): void {
    const world = this.#world
    world.afterwards(() => {
      world.waking.stop()
      world.deadlines.stop()
      world.expiries.stop()
      world.meter.stop()
      world.streams.end()
      const { fleet } = world.settings
      if (fleet === undefined) this.#tellReport()
      else void fleet.leave().finally(() => this.#tellReport())
    })
  }

  /** A command is over: where nothing is left, a drain is over, or the shutdown. */
  settled(): void {
    const world = this.#world
    const { state } = this.#core
    if (state === 'Accepting') return
    if (world.slots.held === 0 && this.#settleDrain !== undefined) {
      world.deadlines.clear(this.#drainDeadline)
      this.#settleDrain()
    }
    if (state !== 'Closing' || world.isBusy || world.peers.size > 0 || this.#host.listeners.isClosing) return
    world.enter()
    try {
      this.#core.command({ type: 'supervisor.emptied', at: world.now() })
    } finally {
      world.leave()
    }
  }

  #tellReport(): void {
    this.#settleReport?.({ closed: this.#world.closed, forced: this.#world.forced })
  }
}

/** Whether somebody here uses a peer. Nobody holds what others open: it is used where the app has connected it, too. */
function isInUse(world: World, peer: PeerRecord): boolean {
  if (peer.state === 'Connecting.reported') return true
  if (peer.state !== 'Connected') return false
  return peer.direction === 'outbound' || peer.holds > 0 || peer.wanted || world.ownerOf(peer) === 'app'
}
