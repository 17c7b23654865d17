/** A supervisor that is told to end takes no new work, ends everything once, and says what became of it. */
import type { SupervisorCore } from './supervisor-core.ts'
import { saveState } from './kept-memory.ts'
import type { SavedState } from './saved-state.ts'
import type { SlotWaiters } from './slot-waiters.ts'
import type { World } from './world.ts'

/** What a shutdown has ended. */
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

  /** Takes no new work from here on; resolves when nothing is in use any more. */
  drain(): Promise<void> {
    const world = this.#world
    world.settings.errors.assertMayCommand()
    if (this.#drained === undefined) {
      this.#drained = new Promise((resolve) => (this.#settleDrain = resolve))
      world.enter()
      try {
        if (this.#core.state === 'Accepting') this.#core.command({ type: 'supervisor.drain', at: world.now() })
      } finally {
        world.leave()
      }
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
    world.deadlines.set({ at: 0, index: -1, due }, world.now() + timeoutMs)
  }

  /** Ends what waits and what nobody uses. */
  endIdle(): void {
    const world = this.#world
    this.#saved ??= saveState(world, this.#host.waiters)
    this.#host.stopBeginning()
    this.#host.waiters.end()
    const at = world.now()
    for (const peer of world.peers.values()) {
      const isInUse = peer.state === 'Connected' || peer.state === 'Connecting.reported'
      if (!isInUse) world.send(peer, { type: 'supervisor.stopped', at })
    }
  }

  stopPeers(): void {
    const world = this.#world
    world.isClosing = true
    this.endIdle()
    const at = world.now()
    for (const peer of world.peers.values()) world.send(peer, { type: 'supervisor.stopped', at })
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
      this.#tellReport()
    })
  }

  /** A command is over: where nothing is left, a drain is over, or the shutdown. */
  settled(): void {
    const world = this.#world
    const { state } = this.#core
    if (state === 'Accepting') return
    if (world.slots.held === 0) this.#settleDrain?.()
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
