/** Keeps one thing true: over WebSockets the contract holds, in Node and with a browser's socket, and no stranger, crash or flood breaks it. */
import { describe, test } from 'vitest'
import { type ClientOptions, WebSocket } from 'ws'
import { testTransport } from '../../src/testing/test-transport.ts'
import { websocket as browserWebsocket } from '../../src/transports/websocket-browser.ts'
import { websocket } from '../../src/transports/websocket.ts'
import { linkContract } from './link-contract.ts'

const MIB = 1024 * 1024

/** How many sockets this process has. */
const socketCount = (): number => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length
const ends = (host: string) => () => ({ dialer: websocket(), listener: websocket(), address: `ws://${host}:0`, sockets: socketCount })

testTransport('websocket', ends('127.0.0.1'), { describe, test })
linkContract('websocket', () => ({ transport: websocket(), address: new URL('ws://127.0.0.1:0'), maxFrameBytes: 16 * MIB }))
/** What stands in for a browser's class: the same events, and as in a browser every ping is answered. */
class BrowserLike extends WebSocket {
  constructor(address: string, protocol: string) {
    super(address, protocol, { perMessageDeflate: false, maxPendingAutoPongs: 0 } as ClientOptions)
  }
}

testTransport(
  'websocket of a browser',
  {
    open: () => ({
      dialer: browserWebsocket({ WebSocket: BrowserLike as unknown as typeof globalThis.WebSocket }),
      listener: websocket(),
      address: 'ws://127.0.0.1:0',
      sockets: socketCount,
    }),
    cannot: { dialer: ['pause'] },
  },
  { describe, test },
)
