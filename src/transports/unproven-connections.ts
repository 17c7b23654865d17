/** Connections that have proven nothing are bounded, in all and by host, and the oldest silent one yields to a newcomer. */
import type { Socket } from 'node:net'
import { cidrSet, hasIp, LOOPBACK, PRIVATE } from '../../machines/domain/cidr-set.ts'
import { ipOfAddress, parseCidr, type Cidr } from '../../machines/domain/ip.ts'
import { hostRanges } from '../../machines/policy/arrival.ts'
import { descriptorLimit, descriptorsInUse, isOutOfDescriptors, lastReserveOf, reserveOf } from './descriptors.ts'
import type { HandshakeLimits } from './handshake-limits.ts'
import type { HandshakeTally } from './transport.ts'

/** What ends a connection that yields; then {@link UnprovenConnections.leave} is called. */
export interface Yielding {
  cut(): void
}

/** A connection that has proven nothing yet. */
interface Unproven {
  readonly socket: Socket
  readonly host: string
  readonly owner: Yielding
  readonly tally: HandshakeTally | undefined
  /** When it came, by the monotonic clock. */
  readonly since: number
}

const UNCOUNTED = cidrSet([...LOOPBACK, ...PRIVATE].map(parseCidr).filter((range): range is Cidr => range !== undefined))
/** So long a newcomer is left in peace while there are some descriptors, in milliseconds: it may be about to speak. */
const GRACE_MS = 1_000
/** How many yield at once where an accept has failed for want of descriptors. */
const AT_ONCE = 4

/** The rooms of this process where anybody waits: a descriptor that one of them gives back serves all. */
const rooms = new Set<UnprovenConnections>()

/**
 * Has the oldest silent connection of the process yield its descriptor. False: there is none.
 *
 * @param graceMs how long it must have been there
 */
export function yieldDescriptor(graceMs = 0): boolean {
  let fullest: UnprovenConnections | undefined
  for (const room of rooms) if (fullest === undefined || room.size > fullest.size) fullest = room
  return fullest?.yieldOne(graceMs) ?? false
}

/** A server told of an error: where it could not accept for want of descriptors, some are given back. */
export function acceptFailed(error: Error): void {
  if (!isOutOfDescriptors(error)) return
  for (let i = 0; i < AT_ONCE; i++) yieldDescriptor()
}

/** The connections of one transport that have proven nothing yet. */
export class UnprovenConnections {
  readonly #limits: Required<HandshakeLimits>
  readonly #hosts = new Map<string, Set<Unproven>>()
  readonly #known = new Map<Socket, Unproven>()

  constructor(limits: Required<HandshakeLimits>) {
    this.#limits = limits
  }

  /** How many there are. */
  get size(): number {
    return this.#known.size
  }

  /**
   * A connection has come: others yield to it, or it may not stay (false), because there is no descriptor for it.
   *
   * @param owner ends it, and calls {@link leave}
   * @param tally counts it beside those of other transports
   */
  enter(socket: Socket, remoteAddress: string, owner: Yielding, tally?: HandshakeTally): boolean {
    const ip = ipOfAddress(remoteAddress)
    const host = (ip === undefined ? undefined : hostRanges(ip)[0]?.range) ?? ''
    const others = this.#hosts.get(host)
    const isCrowded = others !== undefined && others.size >= this.#limits.maxHandshakesPerHost
    if (isCrowded && ip !== undefined && !hasIp(UNCOUNTED, ip)) oldestOf(others)?.owner.cut()
    if (this.size >= this.#limits.maxHandshakes || isFull(tally)) this.yieldOne()
    if (!leavesDescriptors(socket)) return false
    const newcomer: Unproven = { socket, host, owner, tally, since: performance.now() }
    this.#known.set(socket, newcomer)
    tally?.entered()
    // What yielded may have been the last of that host.
    const ofHost = this.#hosts.get(host)
    if (ofHost === undefined) this.#hosts.set(host, new Set([newcomer]))
    else ofHost.add(newcomer)
    rooms.add(this)
    return true
  }

  /** A connection is a peer's, or over. */
  leave(socket: Socket): void {
    const known = this.#known.get(socket)
    if (known === undefined) return
    this.#known.delete(socket)
    known.tally?.left()
    const ofHost = this.#hosts.get(known.host)
    ofHost?.delete(known)
    if (ofHost?.size === 0) this.#hosts.delete(known.host)
    if (this.#known.size === 0) rooms.delete(this)
  }

  /** Has the oldest silent one yield, of the host that has most. False: there is none. @param graceMs how long it must have been there */
  yieldOne(graceMs = 0): boolean {
    let crowd: Set<Unproven> | undefined
    for (const ofHost of this.#hosts.values()) if (crowd === undefined || ofHost.size > crowd.size) crowd = ofHost
    const oldest = crowd && oldestOf(crowd)
    if (oldest === undefined || (graceMs > 0 && performance.now() - oldest.since < graceMs)) return false
    oldest.owner.cut()
    // Whatever `cut` did, it is not chosen twice.
    this.leave(oldest.socket)
    return true
  }
}

function isFull(tally: HandshakeTally | undefined): boolean {
  return tally !== undefined && tally.current >= tally.limit
}

/** The oldest that has said nothing; where all have said something, the oldest. */
function oldestOf(ofHost: ReadonlySet<Unproven>): Unproven | undefined {
  let oldest: Unproven | undefined
  for (const unproven of ofHost) {
    if (unproven.socket.bytesRead === 0) return unproven
    oldest ??= unproven
  }
  return oldest
}

/** Whether descriptors are left beside that of a newcomer, when those who can have yielded. */
function leavesDescriptors(newcomer: Socket): boolean {
  const limit = descriptorLimit()
  if (limit === Infinity) return true
  const reserve = reserveOf(limit)
  const used = descriptorsInUse(newcomer, limit - reserve + 1)
  if (used === undefined) return true
  let missing = used - (limit - reserve)
  if (missing <= 0) return true
  const last = lastReserveOf(limit)
  // Some more than are missing, so that they need not be counted for each that comes.
  for (let toYield = missing + last; toYield > 0 && yieldDescriptor(GRACE_MS); toYield--) missing--
  while (missing > reserve - last && yieldDescriptor()) missing--
  return missing <= reserve - last
}
