/** Real TCP between real processes can be made to fail in every way that a network has, on purpose. */
import { shownAddress } from '../../machines/domain/shown.ts'
import { assertKnown, type Known } from '../../machines/domain/options.ts'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { steppedTimers, type Clock } from '../clock.ts'
import type { PathShape } from './fault-pipe.ts'
import { type ProxyFault, type ScheduledFault, seeded, type SeededOptions } from './fault-schedule.ts'
import { type PathDirection, ProxiedLink, type ProxyTarget } from './proxied-link.ts'

export { type PathDirection, type ProxiedLink, type ProxyFault, type ScheduledFault, seeded, type SeededOptions }

/** Options of {@link faultProxy}. @since 0.1.0 */
export interface FaultProxyOptions {
  /** Faults that come by themselves, `seeded(7)` say, until they are over or the proxy is closed. @default none */
  readonly schedule?: Iterable<ScheduledFault>
  /** Times latency, throttling and the schedule. @default the platform's timers, which do not keep the process alive */
  readonly clock?: Clock
}

const KNOWN = { schedule: true, clock: true } as const satisfies Known<FaultProxyOptions>

const CALM: Readonly<PathShape> = { latencyMs: 0, bytesPerSecond: Infinity, pieceBytes: Infinity, isVanished: false }

const PLATFORM_CLOCK = steppedTimers<Clock>({
  now: () => performance.timeOrigin + performance.now(),
  setTimeout: (f, ms) => setTimeout(f, ms).unref(),
  clearTimeout: (id) => clearTimeout(id as NodeJS.Timeout),
})

/** A proxy that is listening; made by {@link faultProxy}. A fault set on it applies to all its links, later ones too. @since 0.1.0 */
export class FaultProxy {
  /** Where to dial instead of the target: the same scheme and path, on loopback. */
  readonly address: URL
  readonly #server: Server
  readonly #target: ProxyTarget
  readonly #clock: Clock
  readonly #links = new Set<ProxiedLink>()
  readonly #shape: PathShape = { ...CALM }
  readonly #awaiting: ((link: ProxiedLink) => void)[] = []
  #timer: unknown
  #isClosed = false

  /** @internal */
  constructor(server: Server, target: URL, options: FaultProxyOptions) {
    this.#server = server
    this.#target = { host: target.hostname.replace(/^\[|\]$/g, ''), port: Number(target.port) }
    this.#clock = options.clock ?? PLATFORM_CLOCK
    this.address = new URL(target)
    this.address.hostname = '127.0.0.1'
    this.address.port = String((server.address() as AddressInfo).port)
    server.on('connection', (socket) => this.#accept(socket))
    if (options.schedule !== undefined) this.#follow(options.schedule[Symbol.iterator]())
  }

  /** The links that are not over, oldest first. */
  get links(): readonly ProxiedLink[] {
    return [...this.#links]
  }

  /** The next link that somebody dials through here. */
  nextLink(): Promise<ProxiedLink> {
    return new Promise((resolve) => this.#awaiting.push(resolve))
  }

  /** Everything arrives so much later, each way, in milliseconds. */
  latency(ms: number): void {
    this.#change({ latencyMs: ms })
  }

  /** So many bytes pass in a second on each link, each way; Infinity: as many as come. */
  throttle(bytesPerSecond: number): void {
    this.#change({ bytesPerSecond })
  }

  /** Reads so many bytes a millisecond of each link, each way; Infinity: whatever comes. */
  slowReads(pieceBytes: number): void {
    this.#change({ pieceBytes })
  }

  /**
   * The whole path is lost: nothing passes, and nobody is told. Who dials meanwhile is accepted by the system, here,
   * and hears no hello before the path is back.
   */
  vanish(): void {
    this.#change({ isVanished: true })
  }

  /** The path is back, and what waited passes. */
  heal(): void {
    this.#change({ isVanished: false })
  }

  /** Resets every link. */
  reset(): void {
    for (const link of this.#links) link.reset()
  }

  /** Everything passes again as if nothing were between. */
  calm(): void {
    this.#change(CALM)
  }

  /** Does what a schedule does. */
  apply(fault: ProxyFault): void {
    switch (fault.type) {
      case 'latency':
        return this.latency(fault.ms)
      case 'throttle':
        return this.throttle(fault.bytesPerSecond)
      case 'slowReads':
        return this.slowReads(fault.pieceBytes)
      case 'vanishOne':
        return this.#nth(fault.nth)?.vanish()
      case 'reset':
        return this.#nth(fault.nth)?.reset()
      case 'truncate':
        return this.#nth(fault.nth)?.truncate(fault.bytes, fault.direction)
      case 'vanish':
      case 'heal':
      case 'calm':
        return this[fault.type]()
    }
  }

  /** Ends everything; when it resolves nothing is left of the proxy. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#clock.clearTimeout(this.#timer)
    const links = this.links
    for (const link of links) link.end()
    await Promise.all(links.map(({ over }) => over))
    if (this.#server.listening) await new Promise((resolve) => this.#server.close(resolve))
  }

  #accept(socket: Socket): void {
    const link = new ProxiedLink(socket, this.#target, this.#shape, this.#clock)
    this.#links.add(link)
    void link.over.then(() => this.#links.delete(link))
    if (this.#isClosed) link.end()
    for (const resolve of this.#awaiting.splice(0, 1)) resolve(link)
  }

  #change(changes: Partial<PathShape>): void {
    Object.assign(this.#shape, changes)
    for (const link of this.#links) link.shape(changes)
  }

  #nth(nth: number): ProxiedLink | undefined {
    const { links } = this
    return links[nth % links.length]
  }

  #follow(schedule: Iterator<ScheduledFault>): void {
    const next = schedule.next()
    if (next.done || this.#isClosed) return
    const { afterMs, fault } = next.value
    this.#timer = this.#clock.setTimeout(() => {
      this.apply(fault)
      this.#follow(schedule)
    }, afterMs)
  }
}

/**
 * A proxy on loopback for links over TCP, between processes or within one: dial its `address` instead of `target`.
 * Needs Node.
 *
 * @param target where somebody listens; the proxy connects there for each connection that it accepts
 * @since 0.1.0
 * @example
 * const proxy = await faultProxy(listener.address)
 * const connection = await manager.connect(proxy.address.href)
 * proxy.links[0]?.reset()
 * await proxy.close()
 */
export async function faultProxy(target: URL | string, options: FaultProxyOptions = {}): Promise<FaultProxy> {
  assertKnown('', options, KNOWN)
  const url = new URL(target)
  if (url.port === '') throw new TypeError(`target must name a port, as tcp://127.0.0.1:7000; got ${shownAddress(url.href)}`)
  const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return new FaultProxy(server, url, options)
}
