/** A socket tells one listener all that happens to it, and no error of it goes unheard. */
import type { Socket } from 'node:net'
import { systemError } from './link-error.ts'

/** Who wants to know what happens to a socket. */
export interface SocketListener {
  /** Whether it wants to know nothing more. */
  readonly isOver: boolean
  /** Bytes came. */
  received(chunk: Uint8Array): void
  /** The other side will send nothing more. */
  ended(): void
  /** The socket broke. */
  failed(error: Error): void
  /** Everything that was written has left. */
  drained(): void
}

/** Who dials: it wants to know first when the socket is connected. */
export interface DialedListener extends SocketListener {
  connected(socket: Socket): void
}

// Shared functions that find the listener on the socket: a closure a socket and event would cost more than the link.
const LISTENER = Symbol('listener')
type HeardSocket = Socket & { [LISTENER]?: SocketListener }

/** Tells `listener` what happens to `socket`, to its very end and beyond, instead of who was told before. The socket begins to read. */
export function listenTo(socket: HeardSocket, listener: SocketListener): void {
  const isHeard = socket[LISTENER] !== undefined
  socket[LISTENER] = listener
  if (isHeard) return
  socket.on('error', onError)
  hear(socket)
}

/** The same for a socket that connects. */
export function listenToDial(socket: HeardSocket, listener: DialedListener): void {
  socket[LISTENER] = listener
  // Nothing can be heard of it before: it begins to read when it is connected.
  socket.on('error', onError).on('connect', onConnect)
}

function hear(socket: Socket): void {
  socket.on('data', onData).on('end', onEnd).on('close', onClose).on('drain', onDrain)
}

function onConnect(this: HeardSocket): void {
  const listener = this[LISTENER] as DialedListener | undefined
  if (listener === undefined || listener.isOver) return
  hear(this)
  listener.connected(this)
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
  // Mostly it was closed because its link was over: an error with its stack would be made for nobody.
  const listener = this[LISTENER]
  if (listener?.isOver === false) listener.failed(systemError('ECONNRESET', 'the socket was closed'))
}

function onDrain(this: HeardSocket): void {
  this[LISTENER]?.drained()
}
