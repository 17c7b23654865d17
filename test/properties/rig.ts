/**
 * A rig drives a manager wildly, with no model beside it, and asks at every instant what must hold at every instant.
 *
 * Commands follow each other without a pause unless the run says so, and more of them are given from inside handlers.
 */
import { getEventListeners } from 'node:events'
import { type Connection, ConnectionManager, type ConnectionStatus, type ManagerOptions, type Transition } from 'qudag-connections'
import {
  type Command,
  faultError,
  flush,
  scripted,
  type ScriptedOptions,
  type ScriptedTransport,
  VirtualClock,
} from 'qudag-connections/testing'
import type { Transport } from '../../src/transports/transport.ts'
import { CLOSE_MS, CONNECT_MS, LOCAL, PEERS, type Variant } from './variant.ts'

/** One command, and whether promise jobs run before the next one. */
export interface Beat {
  readonly command: Command
  readonly settle: boolean
}

/** What must hold at an instant: throws, or says what is wrong. */
export type Watch = (rig: Rig, where: string) => string | undefined

/** What comes between the manager and its world. */
export interface Wiring {
  /** @default the scripted transport itself */
  readonly wrap?: (transport: ScriptedTransport) => Transport
  readonly resolve?: (peerId: string) => Promise<string>
  /** Beside those of the variant, and before them. */
  readonly options?: ManagerOptions
  readonly script?: ScriptedOptions
  /** Whom the indices of commands name. @default PEERS */
  readonly peers?: readonly string[]
}

export class Rig {
  readonly clock = new VirtualClock()
  readonly transport
  readonly manager: ConnectionManager
  readonly transitions: Transition[] = []
  readonly wrong: string[] = []
  readonly promises: { readonly what: string; settled: number; readonly signal: AbortSignal | undefined }[] = []
  /** What promises were rejected with, and what was thrown where that is an answer. */
  readonly errors: unknown[] = []
  readonly controllers: AbortController[] = []
  readonly connections: Connection[] = []
  readonly completed: string[] = []
  limit: number
  over = false
  #reactions: Command[]
  readonly #watch: Watch
  readonly #peers: readonly string[]

  constructor(variant: Variant, watch: Watch, reactions: readonly Command[] = [], wiring: Wiring = {}) {
    this.limit = variant.maxConnections
    this.#reactions = [...reactions]
    this.#watch = watch
    this.#peers = wiring.peers ?? PEERS
    this.transport = scripted({
      localPeerId: LOCAL,
      onAbort: variant.onAbort,
      tellLocalEnd: variant.tellLocalEnd,
      ping: variant.ping ?? false,
      watch: (event, peerId) => this.look(`${event} of ${peerId}`),
      ...wiring.script,
    })
    this.manager = new ConnectionManager(variant.maxConnections, {
      poolTimeoutMs: variant.poolTimeoutMs,
      connectTimeoutMs: CONNECT_MS,
      closeTimeoutMs: CLOSE_MS,
      maxBufferedBytes: 60,
      transport: wiring.wrap?.(this.transport) ?? this.transport,
      clock: this.clock,
      ...(wiring.resolve !== undefined && { resolve: wiring.resolve }),
      ...wiring.options,
    })
    const { manager } = this
    manager.transitions$.subscribe({
      next: (transition) => {
        this.transitions.push(transition)
        this.look(`the handler of ${transition.seq}`)
        const reaction = this.#reactions.shift()
        if (reaction !== undefined) this.do(reaction)
      },
      complete: () => this.completed.push('transitions$'),
    })
    manager.changes$.subscribe({ complete: () => this.completed.push('changes$') })
    manager.metrics$.subscribe({ complete: () => this.completed.push('metrics$') })
    manager.messages$.subscribe({ complete: () => this.completed.push('messages$') })
    manager.connections$.subscribe({ complete: () => this.completed.push('connections$') })
    manager.status$(PEERS[0]).subscribe({ complete: () => this.completed.push('status$') })
  }

  async run(beats: readonly Beat[]): Promise<void> {
    await this.manager.listen('scripted://here:1')
    for (const { command, settle } of beats) {
      this.do(command)
      this.look(`after ${JSON.stringify(command)}`)
      if (!settle) continue
      await flush()
      this.look(`settled after ${JSON.stringify(command)}`)
    }
  }

  /** Shuts down, or stops the actor, and lets everything end. */
  async end(how: 'shutdown' | 'stop' = 'shutdown'): Promise<void> {
    this.#reactions = []
    this.do(how === 'stop' ? { type: 'stop' } : { type: 'shutdown', timeoutMs: CLOSE_MS })
    await this.clock.advanceAsync(60_000)
    // A dial that ignores its abort ends when its transport feels like it.
    for (const dial of this.transport.dials) if (!dial.settled) dial.open()
    await flush()
    await flush()
  }

  look(where: string): void {
    // The face may be asked from the first instant on, but not before it is there.
    if ((this.manager as ConnectionManager | undefined) === undefined) return
    const wrong = this.#watch(this, where)
    if (wrong !== undefined) this.wrong.push(`${where}: ${wrong}`)
  }

  /** Peers that are in a slot: those that hold something, and those that are about to. */
  inSlots(): Set<string> {
    const slots = this.held()
    for (const { peerId, status } of this.manager.peers()) {
      // One more link of a proven peer is the proven peer's at the transport's end.
      if ((status === 'Connecting' || status === 'Connected') && !/^(?!inbound\+).*#\d+$/.test(peerId)) slots.add(peerId)
    }
    return slots
  }

  /** Peers that hold something at the transport's end, and those that the app says are live. */
  held(): Set<string> {
    const held = new Set<string>()
    for (const { peerId } of this.transport.ledger.peers()) held.add(peerId)
    for (const { peerId, status, owner } of this.manager.peers())
      if (owner === 'app' && (status === 'Connecting' || status === 'Connected')) held.add(peerId)
    return held
  }

  /** Whether a peer holds a dial or a link at the transport's end. */
  holdsLink(peerId: string): boolean {
    const { ledger } = this.transport
    return ledger.dialsOf(peerId) + ledger.linksOf(peerId) > 0
  }

  do(command: Command): void {
    const { manager, transport, clock } = this
    const peers = this.#peers
    const peerId = 'peer' in command ? (peers[(command.peer ?? 0) % peers.length] as string) : (peers[0] as string)
    switch (command.type) {
      case 'connect': {
        const controller = command.signal ? new AbortController() : undefined
        if (controller !== undefined) this.controllers.push(controller)
        const promise = manager.connect(peerId, controller && { signal: controller.signal })
        void promise.then(
          (connection) => this.connections.push(connection),
          () => {},
        )
        return this.track(`connect ${peerId}`, promise, controller?.signal)
      }
      case 'abortCaller':
        return nth(this.controllers, command.nth)?.abort(new Error('the caller left'))
      case 'disconnect':
        return this.track(`disconnect ${peerId}`, manager.disconnect(peerId, command.pool === undefined ? {} : { pool: command.pool }))
      case 'release': {
        const connection = nth(this.connections, command.nth)
        if (connection !== undefined) this.track(`release ${connection.peerId}`, connection.release())
        return
      }
      case 'hangUp': {
        const connection = nth(this.connections, command.nth)
        if (connection !== undefined) this.track(`close ${connection.peerId}`, connection.close())
        return
      }
      case 'updateStatus':
        return this.track(`report ${peerId}`, manager.updateStatus(peerId, command.status))
      case 'updateStatuses': {
        const entries = command.entries.map(([peer, status]): [string, ConnectionStatus] => [peers[peer % peers.length] as string, status])
        return this.track('report many', manager.updateStatuses(entries))
      }
      case 'setLimits':
        if (this.over || command.maxConnections === undefined) return
        this.limit = command.maxConnections
        return manager.setLimits({ maxConnections: command.maxConnections })
      case 'recordMessage':
        return manager.recordMessage(peerId, { bytes: command.bytes, latencyMs: 1 })
      case 'send': {
        const connection = nth(this.connections, command.nth)
        try {
          connection?.send(new Uint8Array(command.bytes))
        } catch (error) {
          if (!['ERR_NOT_CONNECTED', 'ERR_FRAME_TOO_LARGE'].includes((error as { code?: string }).code ?? '')) throw error
          this.errors.push(error)
        }
        return
      }
      case 'read':
        nth(this.connections, command.nth)?.messages$.subscribe({ next: () => this.look('a reader') })
        return
      case 'openDial': {
        const dial = nth(transport.pendingDials, command.nth)
        dial?.open()
        return
      }
      case 'failDial':
        return nth(transport.pendingDials, command.nth)?.fail(faultError(command.fault))
      case 'openLate': {
        const dial = nth(
          transport.dials.filter((d) => d.aborted && !d.settled),
          command.nth,
        )
        dial?.open()
        return
      }
      case 'arrive':
        if (transport.listeners.length > 0) transport.arrive({ remotePeerId: command.peer === undefined ? undefined : peerId })
        return
      case 'receive':
        nth([...transport.links], command.nth)?.receive(new Uint8Array(command.bytes))
        return
      case 'remoteClose':
        nth([...transport.links], command.nth)?.remoteClose()
        return
      case 'failLink':
        nth([...transport.links], command.nth)?.fail(faultError(command.fault))
        return
      case 'finishClose':
        nth(
          [...transport.links].filter(({ state }) => state === 'closing'),
          command.nth,
        )?.finishClose()
        return
      case 'advance':
        return this.advanceTo(clock.now() + command.ms)
      case 'advanceToDeadline':
        return clock.next === undefined ? undefined : this.advanceTo(Math.max(clock.now(), clock.next + command.offset))
      case 'shutdown':
        this.over = true
        return this.track('shutdown', manager.shutdown({ timeoutMs: command.timeoutMs }))
      case 'stop':
        this.over = true
        return (manager.supervisor as unknown as { stop(): void }).stop()
      case 'readAll':
      case 'stopReading':
        return
    }
  }

  /** What is left of a manager that has ended, by what it is. */
  leftovers(): Record<string, unknown> {
    return {
      timers: this.clock.pending,
      links: this.transport.links.size,
      held: this.transport.ledger.live,
      listeners: this.transport.listeners.length,
      pending: this.promises.filter(({ settled }) => settled !== 1).map(({ what }) => what),
      signals: this.promises.filter(({ signal }) => signal !== undefined && getEventListeners(signal, 'abort').length > 0).length,
      dialSignals: this.transport.dials.filter(({ signal }) => getEventListeners(signal, 'abort').length > 0).length,
      completed: this.completed.toSorted(),
    }
  }

  #advancing = false

  advanceTo(at: number): void {
    // A handler that runs while a timer fires cannot move time.
    if (this.#advancing) return
    this.#advancing = true
    try {
      this.clock.advanceTo(at)
    } finally {
      this.#advancing = false
    }
  }

  /** Notes a promise, which is to settle once. */
  track(what: string, promise: Promise<unknown>, signal?: AbortSignal): void {
    const tracked = { what, settled: 0, signal }
    this.promises.push(tracked)
    promise.then(
      () => tracked.settled++,
      (error: unknown) => {
        tracked.settled++
        this.errors.push(error)
      },
    )
  }
}

function nth<T>(items: readonly T[], n: number): T | undefined {
  return items[n % items.length]
}
