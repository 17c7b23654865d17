/** Events of the stream below a WebSocket: its link is told of bytes and of the end, by functions that all sockets share. */
import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'

/** What hears the events of a stream. */
export interface StreamReader {
  /** Bytes came. */
  came(chunk: Buffer): void
  /** The other side will send nothing more. */
  ended(): void
  /** The stream broke; its end is told by `closed`. */
  streamFailed(error: Error): void
  /** The stream is gone; `rest` came before. */
  closed(rest: Buffer | null): void
  /** The stream has taken all that was queued. */
  streamEmptied(): void
}

// Shared functions that find the link on the socket: a closure a socket and event would cost more than the link.
const LINK = Symbol('link')
type Linked<T> = T & { [LINK]?: StreamReader }

/** Hands the bytes of a socket that `ws` has opened to the link, and takes them from `ws`. */
export function takeOver(socket: WebSocket, stream: Linked<Socket>, link: StreamReader): void {
  stream[LINK] = link
  // `ws` reads by this event alone. Its other listeners end the stream as the link does.
  for (const read of stream.listeners('data')) stream.off('data', read as () => void)
  // An error that nobody hears would end the process.
  socket.on('error', ignore)
  stream.on('data', onData).on('end', onEnd).on('error', onStreamError).on('drain', onDrain)
  // Before `ws`, which takes what is left.
  stream.prependListener('close', onClose)
}

function ignore(): void {}

function onData(this: Linked<Socket>, chunk: Buffer): void {
  this[LINK]?.came(chunk)
}

function onEnd(this: Linked<Socket>): void {
  this[LINK]?.ended()
}

function onStreamError(this: Linked<Socket>, error: Error): void {
  this[LINK]?.streamFailed(error)
}

function onDrain(this: Linked<Socket>): void {
  this[LINK]?.streamEmptied()
}

function onClose(this: Linked<Socket>): void {
  const { readableLength } = this
  this[LINK]?.closed(readableLength > 0 ? (this.read(readableLength) as Buffer | null) : null)
}
