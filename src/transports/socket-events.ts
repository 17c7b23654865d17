/** Keeps one thing true: a socket tells at most one listener, and nobody once that has let it go. */
import type { Socket } from 'node:net'
import { systemError } from './link-error.ts'

/** Who wants to know what happens to a socket. */
export interface SocketListener {
  /** Bytes came. */
  received(chunk: Uint8Array): void
  /** The other side will send nothing more. */
  ended(): void
  /** The socket broke. */
  failed(error: Error): void
  /** Everything that was written has left. */
  drained(): void
}

// Shared functions that find the listener on the socket: a closure a socket and event would cost more than the link.
const LISTENER = Symbol('listener')
type HeardSocket = Socket & { [LISTENER]?: SocketListener | undefined }

/** Tells `listener` what happens to `socket`. The socket begins to read. */
export function listenTo(socket: HeardSocket, listener: SocketListener): void {
  socket[LISTENER] = listener
  socket.on('data', onData).on('end', onEnd).on('error', onError).on('close', onClose).on('drain', onDrain)
}

/** Tells nobody any more. Errors are still caught: one that comes after the end concerns nobody and must not end the process. */
export function letGo(socket: HeardSocket): void {
  socket[LISTENER] = undefined
}

function onData(this: HeardSocket, chunk: Uint8Array): void {
  this[LISTENER]?.received(chunk)
}

function onEnd(this: HeardSocket): void {
  this[LISTENER]?.ended()
}

function onError(this: HeardSocket, error: Error): void {
  this[LISTENER]?.failed(error)
}

function onClose(this: HeardSocket): void {
  this[LISTENER]?.failed(systemError('ECONNRESET', 'the socket was closed'))
}

function onDrain(this: HeardSocket): void {
  this[LISTENER]?.drained()
}
