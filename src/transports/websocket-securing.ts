/** The TLS handshake of a dial by `wss:`, told to whoever takes notice of it. */
import type { ClientRequest } from 'node:http'
import type { TLSSocket } from 'node:tls'
import type { DialOptions } from './transport.ts'

/** What `ws` calls when it has made the request; it is sent then. */
type FinishRequest = (request: ClientRequest) => void

/** Has the handshake of a request told; undefined: nobody takes notice, or there is none. */
export function securingOf({ protocol }: URL, options: DialOptions): FinishRequest | undefined {
  if (protocol !== 'wss:' || options.securing === undefined) return undefined
  return (request) => {
    request.on('socket', (socket) => follow(socket as TLSSocket, options))
    request.end()
  }
}

function follow(socket: TLSSocket, options: DialOptions): void {
  let over: ((error: unknown) => void) | undefined
  const end = (error: unknown): void => {
    socket.off('connect', onConnect).off('secureConnect', onSecure).off('error', onError).off('close', onClose)
    over?.(error)
  }
  const onConnect = (): void => {
    over = options.securing?.()
  }
  const onSecure = (): void => end(undefined)
  const onError = (error: unknown): void => end(error)
  const onClose = (): void => end(new Error('the connection ended in the TLS handshake'))
  // Before `ws` hears of it, and the dial is over.
  socket.prependListener('error', onError).on('close', onClose)
  socket.on('connect', onConnect).on('secureConnect', onSecure)
}
