/** The name of a lease of etcd: a whole number of 63 bits that the client chooses, so that a grant that is asked for twice is one lease. */
import { randomBytes } from 'node:crypto'

/** A name that nobody else has. */
export function newLease(): string {
  return String((randomBytes(8).readBigUInt64BE() >> 1n) | 1n)
}

/** Whether it can be the name of a lease of etcd; any other is one that nobody was granted. */
export function isLeaseName(lease: string): boolean {
  return /^[1-9]\d{0,18}$/.test(lease) && BigInt(lease) < 2n ** 63n
}
