/** Keeps one thing true: in Bun, whose `ws` gives a dialer no stream, a dial goes through the platform's own `WebSocket`, as in a browser. */
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { assertNotDenied } from './dial-lookup.ts'
import { hostOf } from './tcp-address.ts'
import type { DialOptions, Link } from './transport.ts'
import { dial } from './websocket-browser.ts'
import type { WebSocketSettings } from './websocket-options.ts'

/** What Bun's `WebSocket` takes beside what a browser's takes. */
type BunWebSocket = new (
  address: string,
  options: { readonly protocols: readonly string[]; readonly headers?: object; readonly tls?: object },
) => WebSocket

/** Dials as a browser does, with the headers and the certificates of a server. */
export async function dialInBun(address: URL, options: DialOptions, settings: WebSocketSettings): Promise<Link> {
  await assertNoneDenied(hostOf(address), options)
  const { headers, tls, ...rest } = settings
  const Socket = globalThis.WebSocket as unknown as BunWebSocket
  // What a constructor returns takes the place of what it makes.
  const Opened = function (href: string, protocol: string) {
    return new Socket(href, { protocols: [protocol], ...(headers && { headers }), ...(tls && { tls }) })
  } as unknown as new (href: string, protocol: string) => WebSocket
  return dial(address, options, { ...rest, WebSocket: Opened })
}

/** The platform does not say which address it takes: none that a name leads to may be denied. */
async function assertNoneDenied(host: string, options: DialOptions): Promise<void> {
  if (options.denies === undefined || isIP(host) !== 0) return
  for (const found of await lookup(host, { all: true })) assertNotDenied(found.address, options)
}
