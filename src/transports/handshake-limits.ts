/** The limits on handshakes are checked once, and their defaults are said here. */
import { assertInteger } from '../../machines/domain/limits.ts'

/** Bounds on what arrives and has not shown yet that it is a peer. @since 0.2.0 */
export interface HandshakeLimits {
  /**
   * The most arriving connections of this transport that have not shown yet that they are peers. One more: the oldest
   * that has said nothing yields, of the host that has most of them. Fewer where the process has few file descriptors:
   * an eighth of those stays free of strangers.
   * @default 1_024
   */
  readonly maxHandshakes?: number
  /**
   * The most of them of one host (an IPv4 address, or an IPv6 /56); loopback, private and link-local addresses are not
   * counted by host. One more: the oldest of that host yields.
   * @default 64
   */
  readonly maxHandshakesPerHost?: number
}

/** Checks the bounds and fills in the defaults. @throws TypeError or RangeError that names the option */
export function checkHandshakeLimits({ maxHandshakes = 1_024, maxHandshakesPerHost = 64 }: HandshakeLimits): Required<HandshakeLimits> {
  assertInteger('maxHandshakes', maxHandshakes, 1)
  assertInteger('maxHandshakesPerHost', maxHandshakesPerHost, 1)
  return { maxHandshakes, maxHandshakesPerHost }
}
