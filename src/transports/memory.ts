/** Both ends in one process behave as two ends of a wire: asynchronous, copied, in order, with back-pressure. */
import { assertKnown, type Known } from '../../machines/domain/options.ts'
import { assertInteger } from '../../machines/domain/limits.ts'
import { assertPeerId, type PeerId } from '../../machines/domain/peer-id.ts'
import { DEFAULT_MAX_FRAME_BYTES } from './frames.ts'
import { notConnected, systemError } from './link-error.ts'
import { linkPair, type MemoryEnd } from './memory-link.ts'
import { rejectedByPeer } from './refusal.ts'
import type { Arrival, DialOptions, Link, LinkFence, ListenOptions, Listener, Refusal, Transport } from './transport.ts'

/** Options of {@link memory}. @since 0.1.0 */
export interface MemoryOptions {
  /**
   * Where its listeners are found. Give the same one to two transports, and their managers can reach each other.
   * @default a network of its own
   */
  readonly network?: MemoryNetwork
  /**
   * Who we are: the other side sees it as the proven `remotePeerId` of its link.
   * @default nobody: no id is proven
   */
  readonly localPeerId?: PeerId
  /**
   * The largest message, in bytes, that is accepted by `send`.
   * @default 16 MiB
   */
  readonly maxFrameBytes?: number
  /**
   * Above so many undelivered bytes `send` returns false.
   * @default 1 MiB
   */
  readonly highWaterMark?: number
}

const KNOWN = { network: true, localPeerId: true, maxFrameBytes: true, highWaterMark: true } as const satisfies Known<MemoryOptions>

/** A set of names under which transports of one process listen. @since 0.1.0 */
export class MemoryNetwork {
  /** @internal */
  readonly listeners = new Map<string, MemoryListener>()
  #lastNumber = 0

  /** @internal A number that this network has not given yet. */
  nextNumber(): number {
    return ++this.#lastNumber
  }
}

interface Settings extends MemoryEnd {
  readonly network: MemoryNetwork
}

/**
 * Links within this process, for tests and for parts of one program: `memory://hub`. Needs nothing of the platform.
 * Listening at port 0 (`memory://hub:0`), or at no name at all (`memory:`), finds a free one.
 * A dial that finds no listener fails with an error of the code `ECONNREFUSED`, a name that is taken with `EADDRINUSE`.
 *
 * @throws TypeError or RangeError that names the option
 * @since 0.1.0
 * @example
 * const hub = new ConnectionManager(100, { transport: memory() })
 * await hub.listen('memory://hub')
 * const manager = new ConnectionManager(100, { transport: memory() })
 * const connection = await manager.connect('memory://hub')
 */
export function memory(options: MemoryOptions = {}): Transport {
  assertKnown('', options, KNOWN)
  const settings: Settings = {
    network: options.network ?? new MemoryNetwork(),
    maxFrameBytes: options.maxFrameBytes ?? DEFAULT_MAX_FRAME_BYTES,
    highWaterMark: options.highWaterMark ?? 1024 * 1024,
    peerId: options.localPeerId,
  }
  assertInteger('maxFrameBytes', settings.maxFrameBytes, 1)
  assertInteger('highWaterMark', settings.highWaterMark, 1)
  if (settings.peerId !== undefined) assertPeerId(settings.peerId)
  return {
    schemes: ['memory'],
    ...(settings.peerId === undefined ? {} : { localPeerId: settings.peerId }),
    dial: (address, dialOptions) => dial(address, dialOptions, settings),
    listen: async (address, owner) => new MemoryListener(address, owner, settings),
  }
}

async function dial(address: URL, { signal, fence }: DialOptions, settings: Settings): Promise<Link> {
  signal.throwIfAborted()
  // Nobody is called from within a dial: a wire would not do it either.
  await Promise.resolve()
  signal.throwIfAborted()
  const name = nameOf(address)
  const listener = settings.network.listeners.get(name)
  if (listener === undefined) throw systemError('ECONNREFUSED', `nobody listens at memory://${name} in this memory network`)
  return listener.accept(settings, signal, fence)
}

class MemoryListener implements Listener {
  readonly address: URL
  readonly #name: string
  readonly #owner: ListenOptions
  readonly #settings: Settings

  constructor(address: URL, owner: ListenOptions, settings: Settings) {
    const { listeners } = settings.network
    this.#name = freeName(address, settings.network)
    if (listeners.has(this.#name)) throw systemError('EADDRINUSE', `memory://${this.#name} is taken in this memory network`)
    this.address = new URL(`memory://${this.#name}`)
    this.#owner = owner
    this.#settings = settings
    listeners.set(this.#name, this)
  }

  /** The dialer's link, once it is admitted. */
  accept(dialer: Settings, signal: AbortSignal, fence: LinkFence | undefined): Promise<Link> {
    const number = dialer.network.nextNumber()
    const [near, far] = linkPair(dialer, `memory://dialer-${number}`, this.#settings, this.address.href, fence)
    return new Promise((resolve, reject) => {
      const arrival = new MemoryArrival(near, far, signal, resolve, reject)
      // On its own, so that an error thrown by the listener's owner is not the dialer's.
      queueMicrotask(() => {
        if (arrival.isOver) return
        if (this.#owner.onArrival === undefined) this.#owner.onLink(arrival.admit())
        else this.#owner.onArrival(arrival)
      })
    })
  }

  close(): Promise<void> {
    const { listeners } = this.#settings.network
    if (listeners.get(this.#name) === this) listeners.delete(this.#name)
    return Promise.resolve()
  }
}

/** A dial that waits to be admitted, as the listener sees it. */
class MemoryArrival implements Arrival {
  readonly remoteAddress: string
  declare readonly remotePeerId?: PeerId
  declare readonly fence?: LinkFence
  readonly #near: Link
  readonly #far: Link
  readonly #signal: AbortSignal
  readonly #resolve: (link: Link) => void
  readonly #reject: (error: unknown) => void
  #onGone: (() => void) | undefined
  isOver = false
  #isGone = false

  constructor(near: Link, far: Link, signal: AbortSignal, resolve: (link: Link) => void, reject: (error: unknown) => void) {
    this.remoteAddress = far.remoteAddress
    if (far.remotePeerId !== undefined) this.remotePeerId = far.remotePeerId
    if (far.fence !== undefined) this.fence = far.fence
    this.#near = near
    this.#far = far
    this.#signal = signal
    this.#resolve = resolve
    this.#reject = reject
    signal.addEventListener('abort', this.#onAbort, { once: true })
  }

  admit(): Link {
    if (this.isOver) throw notConnected(this.remoteAddress)
    this.#end()
    this.#resolve(this.#near)
    return this.#far
  }

  refuse(refusal: Refusal): void {
    if (this.isOver) return
    this.#end()
    this.#reject(rejectedByPeer(refusal, this.#near.remoteAddress))
  }

  onGone(f: () => void): void {
    if (this.#isGone) queueMicrotask(f)
    else if (!this.isOver) this.#onGone = f
  }

  readonly #onAbort = (): void => {
    const onGone = this.#onGone
    this.#end()
    this.#isGone = true
    this.#reject(this.#signal.reason)
    onGone?.()
  }

  #end(): void {
    this.isOver = true
    this.#onGone = undefined
    this.#signal.removeEventListener('abort', this.#onAbort)
  }
}

/** `memory://hub`, `memory://hub/` and `memory:hub` name the same place. */
function nameOf(address: URL): string {
  return (address.host + address.pathname).replace(/\/+$/, '')
}

function freeName(address: URL, network: MemoryNetwork): string {
  const name = nameOf(address)
  if (name !== '' && address.port !== '0') return name
  for (;;) {
    const number = network.nextNumber()
    const free = name === '' ? `listener-${number}` : name.replace(/:0(?=\/|$)/, `:${number}`)
    if (!network.listeners.has(free)) return free
  }
}
