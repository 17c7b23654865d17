/** The order of addresses: a dial tries each once, in the order given, and a bounded number of them. */

/** The most addresses that one dial tries. @since 0.1.0 */
export const MAX_ADDRESSES = 16

/** The addresses to dial, in order: duplicates dropped, cut at {@link MAX_ADDRESSES}. @since 0.1.0 */
export function dialOrder(addresses: readonly string[]): readonly string[] {
  return addresses.length < 2 ? addresses : [...new Set(addresses)].slice(0, MAX_ADDRESSES)
}
