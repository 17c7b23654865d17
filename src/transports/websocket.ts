/** The WebSocket transport of Node: a dial ends in a link whose other side speaks our sub-protocol, or in nothing. */
import { withDescriptors } from './descriptors.ts'
import type { Transport } from './transport.ts'
// Not when it is needed: a process that has no descriptor left at that moment could never load it again.
import { listen } from './websocket-listener.ts'
import { yieldDescriptor } from './unproven-connections.ts'
import { dial, loadWs } from './websocket-dial.ts'
import { checkOptions, type WebSocketOptions } from './websocket-options.ts'

export type { HandshakeLimits } from './handshake-limits.ts'
export type { IdentityOptions } from './tls-options.ts'
export type { WebSocketAuthorization, WebSocketOptions } from './websocket-options.ts'
export type { ToldToPeer } from './websocket-told.ts'

/**
 * Links over WebSocket: `ws://127.0.0.1:7000`, `wss://peer.example/peers`. It needs the package `ws` beside this one,
 * and loads it when it first dials or listens; without it both reject with `ERR_NO_TRANSPORT`. Where it is
 * there and cannot be loaded just now, for want of file descriptors say, they reject with that error, and the next one tries again. It proves no peer id but to a listener, where the option `authorize` names the peer that a request proves;
 * `wss:` encrypts, and proves to a dialer which host it reached, or with `tls: { identity }` to both ends who the other one is.
 *
 * Both sides name the sub-protocol `qudag-connections.v2`: a side that does not is refused. A dial
 * resolves when the listener has admitted it and said so. It fails with `ERR_REJECTED_BY_PEER` where the listener turns
 * it away, with the platform's own error (`ECONNREFUSED`, a certificate's), with `ECONNREFUSED` and the HTTP status where
 * another server refuses, with `ETIMEDOUT` where no hello comes, and with `EPROTO` where it is no peer of this protocol;
 * with `tls: { identity }` also as one of `tls()` does.
 * A delivered message may be kept. It may be a view on a larger buffer: mind `byteOffset`, do not transfer its `buffer`,
 * and copy a small one that is kept for long, because with it up to 64 KiB are kept.
 *
 * @throws TypeError or RangeError that names the option
 * @since 0.1.0
 * @example
 * const manager = new ConnectionManager(100, { transport: websocket() })
 * const connection = await manager.connect('wss://peer.example/peers')
 */
export function websocket(options: WebSocketOptions = {}): Transport {
  const settings = checkOptions(options)
  return {
    schemes: ['ws', 'wss'],
    ...(settings.localPeerId === undefined ? {} : { localPeerId: settings.localPeerId }),
    dial: (address, dialOptions) => withDescriptors(() => dial(address, dialOptions, settings), yieldDescriptor),
    async listen(address, listenOptions) {
      const { WebSocketServer } = await loadWs()
      return listen(address, listenOptions, settings, WebSocketServer)
    },
  }
}
