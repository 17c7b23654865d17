/** Addresses of callers are read once, before anything begins, and no more are kept than a dial tries. */
import { dialOrder } from '../../../machines/policy/dial-order.ts'
import { spelled } from '../errors/failures.ts'

/** What a caller gave, read; undefined: none. */
export type Addresses = readonly string[] | undefined

/** Reads addresses of the app's, and copies them. @throws TypeError that names the one that is none, and what a getter throws */
export function readAddresses(name: string, given: readonly unknown[]): string[] {
  return Array.from(given, (address, index) => {
    if (typeof address === 'string') return address
    // A URL of whatever realm.
    const href = (address as { readonly href?: unknown } | undefined | null)?.href
    if (typeof href === 'string') return href
    throw new TypeError(`${name}[${index}] must be a string or a URL, got ${spelled(address)}`)
  })
}

/** Adds addresses that a caller gave; no more of them are kept than a dial tries. */
export function noteAddresses(target: { addresses: readonly string[] | undefined }, given: Addresses): void {
  if (given === undefined || given.length === 0) return
  target.addresses = dialOrder([...(target.addresses ?? []), ...given])
}
