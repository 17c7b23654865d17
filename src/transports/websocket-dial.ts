/** A dial by WebSocket in Node ends in a link whose other side speaks our sub-protocol, or in nothing. */
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type * as WsPackage from 'ws'
import { shownAddress } from '../../machines/domain/shown.ts'
import { ConnectionError, type ConnectionErrorDetails } from '../errors.ts'
import { assertNotDenied, lookupFor } from './dial-lookup.ts'
import { isMissing } from './late-package.ts'
import { systemError } from './link-error.ts'
import { readRefusal, rejectedByPeer } from './refusal.ts'
import { FENCE_HEADER, fenceHeader } from './link-fence.ts'
import { hostOf } from './tcp-address.ts'
import { expectedAt, secured } from './tls-dial.ts'
import type { DialOptions, Link } from './transport.ts'
import { portOf, reachedAddressOf } from './websocket-address.ts'
import { dialInBun } from './websocket-bun.ts'
import { HELLO_HEADER } from './websocket-credentials.ts'
import { NodeWebSocketLink } from './websocket-node-link.ts'
import { isBun, type WebSocketSettings } from './websocket-options.ts'
import type { Proven } from './websocket-platform.ts'
import { OLD_SUBPROTOCOL, saidNothing, SUBPROTOCOL } from './websocket-protocol.ts'
import { securingOf } from './websocket-securing.ts'
import { headersFor, protocolsFor } from './websocket-told.ts'
import { REFUSAL_HEADER } from './websocket-verdict.ts'
import { wsPackage } from './ws-package.ts'

/** How much of a refusal is read to tell it, in characters. */
const MAX_REFUSAL = 256

/** Loads the package `ws`, once. @param details who is dialled, so that the manager can say that it is for want of the package */
export async function loadWs(details: ConnectionErrorDetails = {}): Promise<typeof WsPackage> {
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

/** Dials a listener: the link of a socket whose other side has admitted us. */
export async function dial(address: URL, options: DialOptions, settings: WebSocketSettings): Promise<Link> {
  const { peerId, signal } = options
  signal.throwIfAborted()
  if (address.port === '0') throw new TypeError(`a WebSocket address to dial needs a port other than 0, got ${placeOf(address)}`)
  assertNotDenied(hostOf(address), options)
  if (isBun) return dialInBun(address, options, settings)
  const target = new URL(address)
  target.hash = ''
  const { identity } = settings
  const isProving = identity !== undefined && target.protocol === 'wss:'
  const expected = isProving ? expectedAt(target, peerId) : undefined
  if (isProving) target.username = ''
  const { WebSocket } = await loadWs({ peerId, address: placeOf(address) })
  signal.throwIfAborted()
  const ask: Ask = async () => {
    const asked = [headersFor(settings.headers, target, options), protocolsFor(settings.protocols, target, options)] as const
    const [headers, protocols] = await Promise.all(asked)
    signal.throwIfAborted()
    const { fence } = options
    return { headers: fence === undefined ? headers : { ...headers, [FENCE_HEADER]: fenceHeader(fence) }, protocols }
  }
  const common = { perMessageDeflate: false, maxPayload: settings.maxFrameBytes, autoPong: false }
  if (!isProving) {
    const { headers = {}, protocols } = await ask()
    const lookup = lookupFor(options, settings.tls?.lookup)
    const finishRequest = securingOf(target, options)
    const told = finishRequest === undefined ? {} : { finishRequest }
    return linkOf(
      new WebSocket(target, [...protocols], { ...settings.tls, ...common, ...told, lookup, headers }),
      target,
      options,
      settings,
    )
  }
  const place = { host: hostOf(target), port: portOf(target) }
  return secured(place, 'wss', options, { ...settings, ...identity }, { peerId, expected }, async (stream, proof) => {
    // Nobody is shown a token before it has proven who it is. What ends meanwhile is seen by the request.
    stream.on('error', () => {})
    try {
      const { headers, protocols } = await ask()
      const shown = { ...headers, [HELLO_HEADER]: proof.hello }
      const socket = new WebSocket(target, [...protocols], { ...common, headers: shown, createConnection: () => stream })
      return await linkOf(socket, target, options, settings, proof)
    } catch (error) {
      stream.destroy()
      throw error
    }
  })
}

/** Asks the app what it shows to the listener. */
type Ask = () => Promise<{ readonly headers: Readonly<Record<string, string>> | undefined; readonly protocols: readonly string[] }>

/** The link of a socket that is about to open; none, when this rejects. */
function linkOf(
  socket: WsPackage.WebSocket,
  target: URL,
  { signal }: DialOptions,
  settings: WebSocketSettings,
  proven?: Proven,
): Promise<Link> {
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
      if (socket.protocol !== SUBPROTOCOL)
        return fail(systemError('EPROTO', `${where} is no peer of this protocol: it did not choose ${SUBPROTOCOL}`))
      const opened = new NodeWebSocketLink(socket, stream!, reachedAddressOf(stream!, target), settings, true, proven)
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
