/** The WebSocket transport of Node: a dial ends in a link whose other side speaks our sub-protocol, or in nothing. */
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type * as WsPackage from 'ws'
import { shownAddress } from '../../machines/domain/shown.ts'
import { ConnectionError, type ConnectionErrorDetails } from '../errors.ts'
import { withDescriptors } from './descriptors.ts'
import { FENCE_HEADER, fenceHeader } from './link-fence.ts'
import { assertNotDenied, lookupFor } from './dial-lookup.ts'
import { isMissing } from './late-package.ts'
import { systemError } from './link-error.ts'
import { hostOf } from './tcp-address.ts'
import type { DialOptions, Link, Transport } from './transport.ts'
// Not when it is needed: a process that has no descriptor left at that moment could never load it again.
import { listen } from './websocket-listener.ts'
import { yieldDescriptor } from './unproven-connections.ts'
import { reachedAddressOf } from './websocket-address.ts'
import { NodeWebSocketLink } from './websocket-node-link.ts'
import { dialInBun } from './websocket-bun.ts'
import { checkOptions, isBun, type WebSocketOptions, type WebSocketSettings } from './websocket-options.ts'
import { readRefusal, rejectedByPeer } from './refusal.ts'
import { OLD_SUBPROTOCOL, saidNothing, SUBPROTOCOL } from './websocket-protocol.ts'
import { REFUSAL_HEADER } from './websocket-verdict.ts'
import { wsPackage } from './ws-package.ts'

export type { HandshakeLimits } from './handshake-limits.ts'
export type { WebSocketOptions } from './websocket-options.ts'

/** How much of a refusal is read to tell it, in characters. */
const MAX_REFUSAL = 256

/**
 * Links over WebSocket: `ws://127.0.0.1:7000`, `wss://peer.example/peers`. It needs the package `ws` beside this one,
 * and loads it when it first dials or listens; without it both reject with `ERR_NO_TRANSPORT`. Where it is
 * there and cannot be loaded just now, for want of file descriptors say, they reject with that error, and the next one tries again. It proves no peer id but to a listener, where the option `identify` names the peer that a request proves;
 * `wss:` encrypts, and proves to a dialer which host it reached.
 *
 * Both sides name the sub-protocol `qudag-connections.v2`: a side that does not is refused. A dial
 * resolves when the listener has admitted it and said so. It fails with `ERR_REJECTED_BY_PEER` where the listener turns
 * it away, with the platform's own error (`ECONNREFUSED`, a certificate's), with `ECONNREFUSED` and the HTTP status where
 * another server refuses, with `ETIMEDOUT` where no hello comes, and with `EPROTO` where it is no peer of this protocol.
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

/** @param details who is dialled, so that the manager can say that it is for want of the package */
async function loadWs(details: ConnectionErrorDetails = {}): Promise<typeof WsPackage> {
  try {
    return await wsPackage.load()
  } catch (cause) {
    if (!isMissing(cause)) throw cause
    throw new ConnectionError(
      'ERR_NO_TRANSPORT',
      `ws: and wss: need the package 'ws' in Node, and it could not be loaded (${(cause as Error).message}); npm install ws`,
      { ...details, cause },
    )
  }
}

async function dial(address: URL, options: DialOptions, settings: WebSocketSettings): Promise<Link> {
  const { peerId, signal } = options
  signal.throwIfAborted()
  if (address.port === '0') throw new TypeError(`a WebSocket address to dial needs a port other than 0, got ${placeOf(address)}`)
  assertNotDenied(hostOf(address), options)
  if (isBun) return dialInBun(address, options, settings)
  const { WebSocket } = await loadWs({ peerId, address: placeOf(address) })
  signal.throwIfAborted()
  const target = new URL(address)
  target.hash = ''
  const socket = new WebSocket(target, SUBPROTOCOL, {
    ...settings.tls,
    lookup: lookupFor(options, settings.tls?.lookup),
    headers: { ...settings.headers, ...(options.fence === undefined ? {} : { [FENCE_HEADER]: fenceHeader(options.fence) }) },
    perMessageDeflate: false,
    maxPayload: settings.maxFrameBytes,
    autoPong: false,
  })
  const where = placeOf(target)
  return new Promise((resolve, reject) => {
    let stream: Socket | undefined
    let link: NodeWebSocketLink | undefined
    let deadline: unknown
    const leave = (): void => {
      signal.removeEventListener('abort', onAbort)
      settings.clock.clearTimeout(deadline)
      socket.off('upgrade', onUpgrade).off('open', onOpen).off('error', onError).off('unexpected-response', onRefusal)
    }
    const fail = (error: Error): void => {
      leave()
      reject(error)
      if (link === undefined) socket.terminate()
      else link.abort(error)
    }
    const onUpgrade = (response: IncomingMessage): void => {
      stream = response.socket
    }
    const onOpen = (): void => {
      const opened = new NodeWebSocketLink(socket, stream!, reachedAddressOf(stream!, target), settings, true)
      link = opened
      deadline = settings.clock.setTimeout(() => fail(saidNothing(where, settings.handshakeTimeoutMs)), settings.handshakeTimeoutMs)
      opened.awaitHello((failure) => {
        leave()
        if (failure === undefined) resolve(opened)
        else reject(failure)
      })
    }
    const onError = (error: Error & { code?: unknown }): void => {
      const isPlatforms = typeof error.code === 'string' || error.name === 'AggregateError'
      fail(isPlatforms ? error : systemError('EPROTO', `${where} is no peer of this protocol (${SUBPROTOCOL}): ${error.message}`))
    }
    const onRefusal = (_request: unknown, response: IncomingMessage): void => {
      readWords(response, (words) => fail(refusedBy(where, response, words)))
    }
    const onAbort = (): void => fail(signal.reason as Error)
    signal.addEventListener('abort', onAbort)
    // It stays: `ws` tells of an end that we brought about too, and an error that nobody hears would end the process.
    socket.on('error', () => {})
    socket.on('upgrade', onUpgrade).on('open', onOpen).on('error', onError).on('unexpected-response', onRefusal)
  })
}

/** Calls back once with the first words of a response, when it ends or has said enough. */
function readWords(response: IncomingMessage, done: (words: string) => void): void {
  let words = ''
  const finish = (): void => {
    response.off('end', finish).off('close', finish).off('data', onData)
    done(words.slice(0, MAX_REFUSAL).trim())
  }
  const onData = (text: string): void => {
    words += text
    if (words.length >= MAX_REFUSAL) finish()
  }
  response.on('error', () => {})
  response.setEncoding('utf8').on('end', finish).on('close', finish).on('data', onData)
}

/** What a dial fails with that was refused by HTTP. */
function refusedBy(where: string, { statusCode, statusMessage, headers }: IncomingMessage, words: string): Error {
  const status = `the HTTP status ${statusCode} ${statusMessage}`
  const said = headers[REFUSAL_HEADER]
  if (typeof said === 'string') {
    const rejected = rejectedByPeer(readRefusal(said), where)
    rejected.message += `, with ${status}`
    return rejected
  }
  const isOld = words.includes(`offer the WebSocket sub-protocol ${OLD_SUBPROTOCOL}`)
  const how = `refused the connection with ${status}${words && `: ${words}`}`
  const error = isOld ? systemError('EPROTO', `${where} ${OLD_VERSION}`) : systemError('ECONNREFUSED', `${where} ${how}`)
  return Object.assign(error, { status: statusCode })
}

const OLD_VERSION = `speaks version 1 of this protocol (${OLD_SUBPROTOCOL}), this side speaks version 2 (${SUBPROTOCOL}): update the other side`

/** An address to be shown: where it leads, without who goes there. */
function placeOf(address: URL): string {
  const place = new URL(address)
  place.username = ''
  place.password = ''
  return shownAddress(place.href)
}
