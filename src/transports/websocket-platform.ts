/** A WebSocket platform: what a link asks of the socket that Node, Bun or a browser gives it. */
import type { PeerId } from '../../machines/domain/peer-id.ts'
import type { LinkSecurity } from './transport.ts'
import type { CloseCode } from './websocket-protocol.ts'

/** What all links of one `websocket()` share. */
export interface WebSocketLinkOptions {
  readonly maxFrameBytes: number
  readonly highWaterMark: number
  /** How much may be held for a side that does not read, in bytes. */
  readonly maxBufferedBytes: number
}

/** A pong: as text, or the payload of a ping frame to send back. */
export type Pong = string | Uint8Array

/** What is known of the other side of a link. */
export interface Proven {
  readonly peerId: PeerId
  /** How the link is secured, where both ends have proven their ids by it. */
  readonly security?: LinkSecurity
}

/** A socket as a link uses it; each platform writes its own. */
export abstract class WebSocketPlatform {
  readonly remoteAddress: string
  declare readonly remotePeerId?: PeerId
  declare readonly security?: LinkSecurity
  protected readonly options: WebSocketLinkOptions

  constructor(remoteAddress: string, options: WebSocketLinkOptions, proven?: Proven) {
    this.remoteAddress = remoteAddress
    if (proven !== undefined) this.remotePeerId = proven.peerId
    if (proven?.security !== undefined) this.security = proven.security
    this.options = options
  }

  /** Whether the socket takes anything. */
  protected abstract isOpen(): boolean
  /** What the socket has accepted and not sent, in bytes. */
  protected abstract queuedBytes(): number
  /** Sends a message; false: above the high-water mark, and `drained` will be called. Copies the bytes, or sends them at once. */
  protected abstract put(data: Uint8Array): boolean
  protected abstract putText(text: string): void
  protected abstract putPing(id: number): void
  /** Sends a pong now, or calls `drained` later and returns false: a flood of pings must not fill our memory with pongs. */
  protected abstract putPong(pong: Pong): boolean
  /** Sends something that proves that this end lives. */
  protected abstract putAssurance(): void
  /** Goes on reading, or begins to. */
  protected abstract flow(): void
  /** Stops reading, where that can be done. */
  protected abstract halt(): void
  /** Flushes and closes the socket in order; `vanished` is called when it is gone. */
  protected abstract hangUp(): void
  /** Calls back in a later task, or at least after those who wait for this link have been given it. */
  protected abstract soon(f: () => void): void
  /** Ends the socket now, and tells the other side why as far as that needs no waiting. May be called again. */
  protected abstract destroy(code: CloseCode, words?: string): void
}
