/** WebSockets in Bun, whose `ws` gives no stream to read frames from, are as in a browser, dialled or accepted. */
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { assertNotDenied } from './dial-lookup.ts'
import { FENCE_HEADER, fenceHeader } from './link-fence.ts'
import { hostOf } from './tcp-address.ts'
import type { WebSocket as SocketOfWs } from 'ws'
import type { DialOptions, Link, Refusal } from './transport.ts'
import { BrowserWebSocketLink } from './websocket-browser-link.ts'
import { dial } from './websocket-browser.ts'
import type { WebSocketSettings } from './websocket-options.ts'
import type { Proven } from './websocket-platform.ts'
import { CloseCode, HELLO, refusedText } from './websocket-protocol.ts'
import { headersFor, protocolsFor } from './websocket-told.ts'
import { closeWordsOf, REFUSAL_HEADER } from './websocket-verdict.ts'

/** What Bun's `WebSocket` takes beside what a browser's takes. */
type BunWebSocket = new (
  address: string,
  options: { readonly protocols: readonly string[]; readonly headers: object; readonly tls?: object },
) => WebSocket

/** Dials as a browser does, with the headers and the certificates of a server. */
export async function dialInBun(address: URL, options: DialOptions, settings: WebSocketSettings): Promise<Link> {
  await assertNoneDenied(hostOf(address), options)
  const { tls } = settings
  const [headers, protocols] = await Promise.all([
    headersFor(settings.headers, address, options),
    protocolsFor(settings.protocols, address, options),
  ])
  const shown = options.fence === undefined ? {} : { [FENCE_HEADER]: fenceHeader(options.fence) }
  const Socket = globalThis.WebSocket as unknown as BunWebSocket
  // What a constructor returns takes the place of what it makes.
  const Opened = function (href: string) {
    return new Socket(href, { protocols, headers: { ...headers, ...shown, [REFUSAL_HEADER]: 'by-websocket' }, ...(tls && { tls }) })
  } as unknown as new (href: string) => WebSocket
  return dial(address, options, { ...settings, protocols: undefined, WebSocket: Opened })
}

/** The platform does not say which address it takes: none that a name leads to may be denied. */
async function assertNoneDenied(host: string, options: DialOptions): Promise<void> {
  if (options.denies === undefined || isIP(host) !== 0) return
  for (const found of await lookup(host, { all: true })) assertNotDenied(found.address, options)
}

/** The link of a peer that is let in, which is told so. */
export function acceptInBun(opened: SocketOfWs, remoteAddress: string, settings: WebSocketSettings, proven?: Proven): BrowserWebSocketLink {
  opened.binaryType = 'arraybuffer'
  // An error that nobody hears would end the process; a close follows it.
  opened.on('error', () => {})
  opened.send(HELLO)
  return new BrowserWebSocketLink(opened as unknown as WebSocket, remoteAddress, settings, proven)
}

/** Tells a page that it is not let in. */
export function refuseInBun(opened: SocketOfWs, refusal: Refusal): void {
  opened.send(refusedText(refusal))
  opened.close(CloseCode.Refused, closeWordsOf(refusal))
}
