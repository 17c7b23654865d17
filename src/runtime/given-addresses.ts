/** Keeps one thing true: however often callers give addresses, no more are kept than a dial tries. */
import { dialOrder } from '../../machines/policy/dial-order.ts'

/** What a caller gave; undefined: none. */
export type Addresses = readonly (string | URL)[] | undefined

/** Adds addresses that a caller gave; no more of them are kept than a dial tries. */
export function noteAddresses(target: { addresses: readonly string[] | undefined }, given: Addresses): void {
  if (given === undefined || given.length === 0) return
  target.addresses = dialOrder([...(target.addresses ?? []), ...given.map(String)])
}
