/** Both sockets of a proxied link end together, and once it is over neither is left. */
import { connect, type Socket } from 'node:net'
import type { Clock } from '../clock.ts'
import { FaultPipe, type PathShape, type PipeEnd } from './fault-pipe.ts'

/** The direction of bytes: from the dialer to the listener, or back. @since 0.1.0 */
export type PathDirection = 'toTarget' | 'toDialer'

/** Where the proxy connects to. */
export interface ProxyTarget {
  readonly host: string
  readonly port: number
}

/** One connection through the proxy, and what can be done to it alone. @since 0.1.0 */
export class ProxiedLink {
  /** Resolves when both its sockets are gone. */
  readonly over: Promise<void>
  readonly #shape: PathShape
  readonly #target: ProxyTarget
  readonly #clock: Clock
  readonly #dialer: Socket
  #far: Socket | undefined
  #pipes: Record<PathDirection, FaultPipe> | undefined
  #ended = 0
  #isOver = false
  #resolve!: () => void

  /** @internal */
  constructor(dialer: Socket, target: ProxyTarget, shape: Readonly<PathShape>, clock: Clock) {
    this.#dialer = dialer
    this.#target = target
    this.#shape = { ...shape }
    this.#clock = clock
    this.over = new Promise((resolve) => (this.#resolve = resolve))
    dialer.on('error', () => this.#dialerGone()).on('close', () => this.#dialerGone())
    dialer.pause()
    this.#connect()
  }

  /** Everything arrives so much later, each way, in milliseconds. */
  latency(ms: number): void {
    this.#change({ latencyMs: ms })
  }

  /** So many bytes pass in a second, each way, and no more are read than pass; Infinity: as many as come. */
  throttle(bytesPerSecond: number): void {
    this.#change({ bytesPerSecond })
  }

  /** Reads and passes on so many bytes a millisecond, as one piece, which cuts frames anywhere; Infinity: whatever comes. */
  slowReads(pieceBytes: number): void {
    this.#change({ pieceBytes })
  }

  /** Nothing passes any more, and nobody is told: both sides hold half of a connection. */
  vanish(): void {
    this.#change({ isVanished: true })
  }

  /** The path is back: what waited passes, also the news that a side has gone meanwhile. */
  heal(): void {
    this.#change({ isVanished: false })
    this.#connect()
  }

  /** Both sides see a reset, at once. */
  reset(): void {
    this.#finish(resetNow)
  }

  /** Lets `bytes` more pass that way, and then closes both sides, in the middle of whatever was passing. */
  truncate(bytes: number, direction: PathDirection = 'toTarget'): void {
    this.#pipes?.[direction].truncate(bytes)
  }

  /** @internal */
  end(): void {
    this.#finish((socket) => socket.destroy())
    // Also where a link that is over still waits for somebody to read what was flushed.
    this.#dialer.destroy()
    this.#far?.destroy()
  }

  /** @internal */
  shape(changes: Partial<PathShape>): void {
    this.#change(changes)
    this.#connect()
  }

  #change(changes: Partial<PathShape>): void {
    Object.assign(this.#shape, changes)
    this.#pipes?.toTarget.flow()
    this.#pipes?.toDialer.flow()
  }

  /** A path that is away does not even reach the target. */
  #connect(): void {
    if (this.#isOver || this.#far !== undefined || this.#shape.isVanished) return
    const far = connect({ ...this.#target, allowHalfOpen: true, noDelay: true })
    this.#far = far
    far.on('error', () => this.#farGone()).on('close', () => this.#farGone())
    far.once('connect', () => {
      if (this.#isOver) return
      const over = (how: PipeEnd): void => this.#pipeOver(how)
      this.#pipes = {
        toTarget: new FaultPipe(this.#dialer, far, this.#shape, this.#clock, over),
        toDialer: new FaultPipe(far, this.#dialer, this.#shape, this.#clock, over),
      }
      this.#change({})
    })
  }

  /** Before there are pipes, a side that goes takes the other with it. */
  #dialerGone(): void {
    if (this.#pipes === undefined) this.#finish((socket) => socket.destroy())
  }

  #farGone(): void {
    if (this.#pipes === undefined) this.#finish(resetNow)
  }

  #pipeOver(how: PipeEnd): void {
    if (how === 'broken') this.reset()
    // Destroyed, not ended: what waits the other way is cut too.
    else if (how === 'truncated') this.#finish(closeAfterFlush)
    else if (++this.#ended === 2) this.#finish(closeAfterFlush)
  }

  #finish(close: (socket: Socket) => void): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#pipes?.toTarget.stop()
    this.#pipes?.toDialer.stop()
    const sockets = this.#far === undefined ? [this.#dialer] : [this.#dialer, this.#far]
    let open = sockets.length
    const gone = (): void => {
      if (--open === 0) this.#resolve()
    }
    for (const socket of sockets) {
      if (socket.closed) gone()
      else {
        socket.once('close', gone)
        close(socket)
      }
    }
  }
}

/**
 * At once: on its own, `resetAndDestroy` waits until all that was written has left, which may be never. While an `end` is on
 * its way it must not be called: libuv refuses to reset what is being shut down, and Node then neither closes the socket nor
 * says so.
 */
function resetNow(socket: Socket): void {
  const isShuttingDown = socket.writableEnded && !socket.writableFinished && socket.writableLength === 0
  if (!isShuttingDown) socket.resetAndDestroy()
  socket.destroy()
}

function closeAfterFlush(socket: Socket): void {
  socket.destroySoon()
}
