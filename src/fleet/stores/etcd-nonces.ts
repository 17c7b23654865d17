/** The nonces of writes to an etcd: each write in flight has a key of its own, whose version says whether it was done. */
import { randomUUID } from 'node:crypto'
import { type EtcdGateway, EtcdRefusal, NOT_FOUND } from './etcd-gateway.ts'
import { newLease } from './etcd-lease.ts'

/** A key that one write at a time puts; nobody else does. */
export interface NonceSlot {
  readonly key: string
  readonly lease: string
  /** How often it was put. A write is done only while it has been put so often, and puts it. */
  version: number
}

/** The keys fall with a lease, so that a client that dies leaves none; it is renewed by the way. */
const LEASE_SECONDS = 600
const RENEW_AFTER_MS = 200_000

/** The slots of one client. */
export class EtcdNonces {
  readonly #gateway: EtcdGateway
  readonly #prefix: string
  readonly #now: () => number
  #lease: Promise<string> | undefined = undefined
  #renewedAt = 0
  #free: NonceSlot[] = []

  constructor(gateway: EtcdGateway, prefix: string, now: () => number) {
    this.#gateway = gateway
    this.#prefix = prefix
    this.#now = now
  }

  /** A slot for one write. */
  async take(signal: AbortSignal): Promise<NonceSlot> {
    const lease = await (this.#lease ??= this.#grant(signal))
    if (this.#now() - this.#renewedAt > RENEW_AFTER_MS) {
      this.#renewedAt = this.#now()
      await this.#gateway.ask('/v3/lease/keepalive', { ID: lease }, signal)
    }
    return this.#free.pop() ?? { key: `${this.#prefix}${randomUUID()}`, lease, version: 0 }
  }

  /** Gives a slot back whose version is known for sure. */
  give(slot: NonceSlot): void {
    this.#free.push(slot)
  }

  /** Whether the lease of a slot has ended; if so another is granted for the next one. */
  async hasEnded({ lease }: NonceSlot, signal: AbortSignal): Promise<boolean> {
    const { TTL } = await this.#gateway.ask('/v3/lease/timetolive', { ID: lease }, signal)
    if (Number(TTL) > 0) return false
    if ((await this.#lease) === lease) this.#lease = undefined
    this.#free = []
    return true
  }

  /** Ends the lease, and with it the keys. */
  async close(signal: AbortSignal): Promise<void> {
    const lease = await this.#lease?.catch(() => undefined)
    if (lease !== undefined) await this.#gateway.ask('/v3/lease/revoke', { ID: lease }, signal)
  }

  #grant(signal: AbortSignal): Promise<string> {
    const lease = newLease()
    const granted = this.#gateway.ask('/v3/lease/grant', { ID: lease, TTL: String(LEASE_SECONDS) }, signal).then(() => lease)
    granted.catch(() => (this.#lease = undefined))
    this.#renewedAt = this.#now()
    return granted
  }
}

/** Whether etcd says that a lease of a transaction is not there. */
export function isLeaseMissing(error: unknown): boolean {
  return error instanceof EtcdRefusal && error.code === NOT_FOUND
}
