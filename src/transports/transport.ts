/** A transport moves bytes and looks the same to the manager whatever it uses; its link is either open or over. */
import type { PeerId } from '../../machines/domain/peer-id.ts'

/** Opens links to addresses of its schemes, and may listen for links from others. @since 0.1.0 */
export interface Transport {
  /** The URL schemes that it serves, without the colon: `['tcp']`. */
  readonly schemes: readonly string[]
  /** The id that the other side will have proven of us; left out where this transport proves none. */
  readonly localPeerId?: PeerId
  /**
   * Opens a link; it is open when the other side has admitted it. Aborting `signal` ends the attempt at once and leaves
   * nothing behind. Rejects with `ERR_REJECTED_BY_PEER` where the other side turns it away.
   * A link that is returned belongs to the caller, who closes or aborts it.
   */
  dial(address: URL, options: DialOptions): Promise<Link>
  /** Listens at `address` until the returned listener is closed. */
  listen?(address: URL, options: ListenOptions): Promise<Listener>
}

/** The claim of a fleet's node on a peer, as a hello shows it to that peer. @since 0.2.0 */
export interface LinkFence {
  /** The fleet, by name: numbers of two fleets are not compared. */
  readonly fleet: string
  /** The fencing number: each claim on this peer has a higher one than every claim before it. */
  readonly fence: number
}

/** What a transport is told of the peer that it dials. @since 0.1.0 */
export interface DialOptions {
  readonly peerId: PeerId
  /** What is shown to the other side in the hello, where the transport has one; left out: nothing. */
  readonly fence?: LinkFence
  /** Aborted when nobody wants the link any more; its reason says why. */
  readonly signal: AbortSignal
  /**
   * Calls `f` with that reason when `signal` is aborted, at once where it is so already; only the last `f` is called,
   * undefined: none. A transport that asks this instead of `signal` spares the dial an AbortController. Left out: there
   * is the signal alone.
   *
   * @since 0.2.0
   */
  onAbort?(f: ((reason: unknown) => void) | undefined): void
  /**
   * Whether a rule forbids to connect to an IP address. A transport asks it of each address that a name leads to, before
   * it connects there, and fails with `ERR_DENIED` where none is left.
   */
  denies?(ip: string): boolean
  /**
   * Takes notice that a handshake begins which secures the link, as that of TLS. What it gives, where it gives anything, is
   * called once when that is over; with an error, in vain. A tracer draws it; a transport that does not tell works as well.
   */
  securing?(): ((error: unknown) => void) | undefined
}

/** Why a side turns a link away, as it tells the other side. @since 0.2.0 */
export interface Refusal {
  /** A `ConnectionErrorCode`, of this version or of a later one: `ERR_DENIED`, `ERR_RATE_LIMITED`, `ERR_MAX_CONNECTIONS`, … */
  readonly code: string
  /** The reason in a word: `host-limit`, `gate`, … */
  readonly reason: string
  /** Milliseconds until another attempt makes sense, where that is known. */
  readonly retryAfterMs?: number
}

/** Why a link is closed in order. @since 0.2.0 */
export type EndReason = 'disconnected' | 'shutdown' | 'evicted' | 'replaced' | 'idle'

/** How a link is secured, and by which algorithms the other side has proven who it is. @since 0.2.0 */
export interface LinkSecurity {
  /** The protocol: `TLSv1.3`. */
  readonly protocol: string
  /** The cipher: `TLS_AES_256_GCM_SHA384`. */
  readonly cipher: string
  /** How both sides agreed on a key: `X25519MLKEM768`, `X25519`; `unknown`: the platform does not tell this side, nor did the other. */
  readonly keyAgreement: string
  /** What kind of key the other side has proven itself by. */
  readonly identity: 'ed25519' | 'p256' | 'ml-dsa-65'
  /** What of it a quantum computer cannot break, as far as is known: the agreement (who records cannot read later), the proof of identity. */
  readonly postQuantum: { readonly keyAgreement: boolean; readonly identity: boolean }
  /** Whether an earlier session was resumed. */
  readonly resumed: boolean
}

/** A connection whose other side has shown that it is a peer, and which waits to be admitted. Exactly one of `admit` and `refuse` is called. @since 0.2.0 */
export interface Arrival {
  /** Where the other side is, as text. */
  readonly remoteAddress: string
  /** Who the other side is; only where the transport has proven it. */
  readonly remotePeerId?: PeerId
  /** What its hello showed of its claim, where it is a node of a fleet. */
  readonly fence?: LinkFence
  /** Says hello to the other side, whose dial succeeds by it, and gives the link. Throws `ERR_NOT_CONNECTED` when it is over already. */
  admit(): Link
  /** Tells the other side why it is turned away, and ends the connection: the caller has nothing more to do with it. Does nothing when it is over. */
  refuse(refusal: Refusal): void
  /** Calls `f` once when it is over before it was admitted or refused; soon, where it is so already. Only the last `f` is called. */
  onGone(f: () => void): void
}

/** What a transport does with the links that arrive. @since 0.1.0 */
export interface ListenOptions {
  /** Takes over an arriving link. Nothing is delivered on it before `attach`. */
  onLink(link: Link): void
  /**
   * Takes over an arriving connection that waits to be admitted. Where it is given, a transport that can calls it instead
   * of `onLink`, and reads no message before `admit`.
   */
  readonly onArrival?: (arrival: Arrival) => void
  /** Takes an error of a function of the app's that the transport was told to ask, and the name of that function. */
  readonly onError?: (thrown: unknown, callback: string) => void
  /** Counts the handshakes under way, of this and of the other listeners: where they are too many, the oldest silent one is to yield. */
  readonly handshakes?: HandshakeTally
  /**
   * Says whether a connection from there may go on: asked at most once for each, when it comes and before any byte of a
   * handshake, where the transport can. A refusal is counted. A transport that asks does so for every connection of
   * the listener, and gives its link the same `remoteAddress`.
   */
  admits?(remoteAddress: string): AcceptVerdict
}

/** Handshakes under way: connections that have come, and have not shown or proven yet what they are to. @since 0.2.0 */
export interface HandshakeTally {
  readonly current: number
  /** How many there may be. */
  readonly limit: number
  /** One has come. */
  entered(): void
  /** One is a peer's, or over. Called once for each. */
  left(): void
}

/** Why an arriving connection may not go on; undefined: it may. @since 0.2.0 */
export type AcceptVerdict = undefined | (Omit<Refusal, 'code'> & Partial<Pick<Refusal, 'code'>>)

/** A place where a transport accepts links. @since 0.1.0 */
export interface Listener {
  /** Where it listens, the port filled in where 0 was asked for; port 0 on a server of the application's that does not listen yet. */
  readonly address: URL
  /** Stops accepting; resolves when no more links can arrive. Links that have arrived go on. */
  close(): Promise<void>
}

/** How a link ended. @since 0.1.0 */
export type CloseReason =
  /** This side closed or aborted it. */
  | { readonly kind: 'local' }
  /** The other side closed it in order; why, in a word, where it said so: an {@link EndReason}, or a word of the future. */
  | { readonly kind: 'remote'; readonly reason?: string }
  /** It broke: reset, vanished, a malformed frame, a crash of the other side. */
  | { readonly kind: 'error'; readonly error: Error }

/** The callbacks of a link. A handler must allow being called from within the link's own `attach`, `close` and `abort`. @since 0.1.0 */
export interface LinkHandler {
  /** One whole message, in order. */
  message(data: Uint8Array): void
  /** `send` may go on after it returned false. */
  drain(): void
  /** The link is over. Called at most once, and nothing is called after it. */
  closed(reason: CloseReason): void
  /**
   * The link holds so many bytes of memory for a message that is not whole yet; 0: for none any more. Called when at
   * least 64 KiB more have arrived, and before 0 only; never for small messages. The handler may abort the link.
   */
  unfinished?(bytes: number): void
}

/** Whoever hears of pongs. @since 0.2.0 */
export interface PongListener {
  /** A ping was answered after so many milliseconds. Not called once the link is over. */
  pong(ms: number): void
}

/** An open connection to one peer: whole messages, in order, in both directions. @since 0.1.0 */
export interface Link {
  /** Where the other side is, as text. */
  readonly remoteAddress: string
  /** Who the other side is; only where the transport has proven it. */
  readonly remotePeerId?: PeerId
  /** How it is secured; left out where it is not. */
  readonly security?: LinkSecurity
  /** The claim that it is held under, which one of its sides showed the other; left out: neither is a node of a fleet. */
  readonly fence?: LinkFence
  /** Bytes accepted by `send` that have not left yet. */
  readonly bufferedBytes: number
  /** Counts every byte that has arrived, those of half a message too: each proves that the other side lives. Only compared. */
  readonly receivedBytes?: number
  /** Sets the handler, once. Nothing is delivered, and nothing lost, before it. */
  attach(handler: LinkHandler): void
  /** Sends a message; false: accepted, but above the high-water mark, wait for `drain`. Throws `ERR_FRAME_TOO_LARGE`, and `ERR_NOT_CONNECTED` once it is over. */
  send(data: Uint8Array): boolean
  /** Stops receiving. What cannot stop its source aborts past a bounded buffer. */
  pause(): void
  /** Goes on receiving. */
  resume(): void
  /** Closes in order: flushes, tells the other side, with the reason where it can; resolves when it is over. */
  close(reason?: EndReason): Promise<void>
  /** Ends it now: our end is free when this returns. With a cause, the other side sees an error; without, the reason where it can. */
  abort(cause?: Error, reason?: EndReason): void
  /** Measures a round trip, in milliseconds. Rejects with the signal's reason, or when the link ends. */
  ping?(signal: AbortSignal): Promise<number>
  /**
   * Measures a round trip for somebody who asks often: `listener.pong` is called with it where the pong comes, and with
   * nothing else; it needs neither a promise nor a signal. Only the last `listener` is called, once for each of its
   * pings. Throws `ERR_NOT_CONNECTED` once the link is over. Left out: there is `ping` alone.
   *
   * @since 0.2.0
   */
  measure?(listener: PongListener): void
  /**
   * Tells the other side that this end lives, and asks for no answer; nothing where bytes wait to leave already. Called
   * now and then while this end does not read: the other side's pings wait behind what is not read.
   */
  assure?(): void
}
