/** A WebSocket link on any platform: open, closing or over, and what arrived in order is delivered in order. */
import { HeldMessages } from './held-messages.ts'
import { throwLater } from './later-error.ts'
import { frameTooLarge, notConnected, systemError } from './link-error.ts'
import { Pings } from './pings.ts'
import { rejectedByPeer } from './refusal.ts'
import type { CloseReason, EndReason, Link, LinkFence, LinkHandler } from './transport.ts'
import { hungUp, unread } from './websocket-errors.ts'
import { type Pong, WebSocketPlatform } from './websocket-platform.ts'
import { CloseCode, goodbyeText, parseControl, parseGreeting, pongText } from './websocket-protocol.ts'

/** All of a link but its socket: each platform extends this with its own. */
export abstract class WebSocketLink extends WebSocketPlatform implements Link {
  #stage: 'open' | 'closing' | 'over' = 'open'
  declare fence?: LinkFence
  #handler: LinkHandler | undefined
  #reason: CloseReason | undefined
  #held: HeldMessages | undefined
  /** How the link ends once all that is held has been delivered. */
  #end: CloseReason | undefined
  #isGone = false
  #isScheduled = false
  #isPaused = false
  #isFull = false
  #owedPong: Pong | undefined
  #pings: Pings | undefined
  #closed: Promise<void> | undefined
  #onceOver: (() => void) | undefined
  /** Is told whether the other side has admitted us; undefined: that is known. */
  #onGreeting: ((failure: Error | undefined) => void) | undefined

  /**
   * Waits for the first text of a listener, before anybody attaches. `done` is called once: without a failure when it
   * is a hello; else the link is over.
   */
  awaitHello(done: (failure: Error | undefined) => void): void {
    this.#onGreeting = done
    this.flow()
  }

  abstract get receivedBytes(): number

  get bufferedBytes(): number {
    return this.#stage === 'over' ? 0 : this.queuedBytes()
  }

  attach(handler: LinkHandler): void {
    if (this.#handler !== undefined) throw new Error('attach: this link has a handler already')
    this.#handler = handler
    const reason = this.#reason
    if (reason !== undefined) queueMicrotask(() => handler.closed(reason))
    else this.#goOn()
  }

  /** The message's bytes are copied: the caller may use them again at once. */
  send(data: Uint8Array): boolean {
    if (this.#stage !== 'open') throw notConnected(this.remoteAddress)
    const { maxFrameBytes } = this.options
    if (data.byteLength > maxFrameBytes) throw frameTooLarge('a message', data.byteLength, maxFrameBytes)
    // The other side has closed, and the handler will hear of it: until then the message is on a wire that nobody reads.
    if (!this.#isUsable()) return false
    if (this.put(data)) return true
    this.#isFull = true
    return false
  }

  pause(): void {
    this.#isPaused = true
    if (this.#stage === 'open') this.halt()
  }

  resume(): void {
    this.#isPaused = false
    if (this.#stage === 'open' && this.#handler !== undefined) this.#goOn()
  }

  /**
   * Flushes, says goodbye, and resolves when the other side has read it all and hung up, or is gone. What arrives
   * meanwhile is still delivered, unless the link is paused: then nobody wants it and it is dropped.
   */
  close(reason?: EndReason): Promise<void> {
    if (this.#stage === 'over') return Promise.resolve()
    if (this.#closed === undefined) {
      this.#closed = new Promise((resolve) => (this.#onceOver = resolve))
      const hasHeard = this.#end !== undefined
      this.#stage = 'closing'
      if (!this.#isReading()) this.#held = undefined
      if (this.#isGone) {
        if (this.#held === undefined) this.#finish({ kind: 'local' })
      } else {
        if (hasHeard) this.hangUp()
        else if (this.isOpen()) this.putText(goodbyeText(reason))
        this.flow()
      }
    }
    return this.#closed
  }

  /** Without a cause the other side sees a close in order if nothing is lost by it; else, and with a cause, a break. */
  abort(cause?: Error, reason?: EndReason): void {
    this.#finish({ kind: 'local' }, cause === undefined ? CloseCode.Normal : CloseCode.Broken, cause === undefined ? reason : undefined)
  }

  ping(signal: AbortSignal): Promise<number> {
    if (!this.#isUsable()) return Promise.reject(notConnected(this.remoteAddress))
    this.#pings ??= new Pings({ putPing: (id) => this.putPing(id) })
    return this.#pings.send(signal)
  }

  assure(): void {
    // What waits to leave will prove it, and more of it would wait too.
    if (this.#isUsable() && this.queuedBytes() === 0) this.putAssurance()
  }

  /** Whether it is over. */
  protected get isOver(): boolean {
    return this.#stage === 'over'
  }

  /** Whether what comes may be read. While we close, it is to the end, even if nobody listens: that end is what we wait for. */
  protected mayRead(): boolean {
    return this.#stage === 'open' ? this.#isReading() || this.#onGreeting !== undefined : this.#stage !== 'over'
  }

  /** So much memory is held for a message that is not whole yet. */
  protected tellUnfinished(bytes: number): void {
    if (this.#stage === 'over') return
    try {
      this.#handler?.unfinished?.(bytes)
    } catch (error) {
      throwLater(error)
    }
  }

  /** A message came. */
  protected received(data: Uint8Array): void {
    if (this.#stage === 'over' || this.#end !== undefined) return
    if (this.#isReading()) {
      if (this.#held === undefined) return this.#tell(data)
    } else if (this.#stage === 'closing') {
      return
    } else if (this.#onGreeting !== undefined) {
      return this.#unclear('a message before its hello')
    }
    this.#hold(data)
  }

  /** A text came. */
  protected receivedText(text: string): void {
    if (this.#stage === 'over') return
    if (this.#onGreeting !== undefined) return this.#receivedGreeting(text, this.#onGreeting)
    const control = parseControl(text)
    switch (control?.kind) {
      case 'ping':
        return this.asked(pongText(control.id))
      case 'pong':
        return this.answered(control.id)
      case 'goodbye':
        return this.#heardGoodbye(control.reason)
      case undefined:
        this.#unclear('a text frame that is no control of this protocol; messages are binary')
    }
  }

  /** The other side wants a pong. While we close it gets none: it has no use for one. */
  protected asked(pong: Pong): void {
    // The latest answers for all before it (RFC 6455 §5.5.3).
    if (this.#isUsable() && !this.putPong(pong)) this.#owedPong = pong
  }

  /** A pong came. */
  protected answered(id: number): void {
    this.#pings?.answered(id)
  }

  /** What was sent has left. */
  protected drained(): void {
    if (this.#stage !== 'open') return
    this.answerOwed()
    if (!this.#isFull) return
    this.#isFull = false
    this.#handler?.drain()
  }

  /** Sends the pong that had to wait. */
  protected answerOwed(): void {
    const pong = this.#owedPong
    this.#owedPong = undefined
    if (pong !== undefined) this.asked(pong)
  }

  /** The socket is closed. */
  protected vanished(reason: CloseReason): void {
    this.#isGone = true
    this.#endAfterHeld(reason)
  }

  /** The link cannot go on. */
  protected broken(error: Error, code: CloseCode = CloseCode.Broken, words?: string): void {
    if (this.#stage === 'over') return
    this.destroy(code, words)
    this.#endAfterHeld({ kind: 'error', error })
  }

  #receivedGreeting(text: string, done: (failure: Error | undefined) => void): void {
    const greeting = parseGreeting(text)
    if (greeting === undefined) return this.#unclear('a first text that is neither a hello nor a refusal')
    this.#onGreeting = undefined
    if (greeting === 'hello') {
      // Nobody has attached yet.
      this.halt()
      return done(undefined)
    }
    this.abort()
    done(rejectedByPeer(greeting, this.remoteAddress))
  }

  /** The other side does not keep the protocol. */
  #unclear(words: string): void {
    this.broken(systemError('EPROTO', `the other side sent ${words}`), CloseCode.ProtocolError, words)
  }

  #heardGoodbye(reason: string | undefined): void {
    // Both sides close: each has flushed and has all of the other's, so that nothing is lost by hanging up.
    if (this.#stage === 'closing') this.hangUp()
    // What we still have queued is dropped: who has said goodbye in order no longer waits for it.
    else this.#endAfterHeld(reason === undefined ? { kind: 'remote' } : { kind: 'remote', reason })
  }

  #endAfterHeld(reason: CloseReason): void {
    if (this.#stage === 'over') return
    this.#end ??= reason
    if (this.#held === undefined) this.#finishEnded()
  }

  #finishEnded(): void {
    if (this.#end === undefined) return
    if (this.#stage === 'open') this.#finish(this.#end)
    else if (this.#isGone || this.#end.kind === 'error') this.#finish({ kind: 'local' })
  }

  #isUsable(): boolean {
    return this.#stage === 'open' && this.#end === undefined && this.isOpen()
  }

  #isReading(): boolean {
    return this.#handler !== undefined && !this.#isPaused && this.#stage !== 'over'
  }

  #goOn(): void {
    // Not from within resume or attach: their caller is not ready to be called.
    if (this.#held !== undefined && !this.#isScheduled) {
      this.#isScheduled = true
      this.soon(() => this.#deliver())
    }
    this.flow()
  }

  #hold(data: Uint8Array): void {
    this.#held ??= new HeldMessages()
    const { maxBufferedBytes } = this.options
    if (this.#held.add(data) <= maxBufferedBytes) return
    // Nobody reads: what is held would wait for ever, and with it the end.
    this.#held = undefined
    this.broken(unread(maxBufferedBytes), CloseCode.Broken, 'not read in time')
  }

  #deliver(): void {
    this.#isScheduled = false
    while (this.#held !== undefined && this.#isReading()) {
      const data = this.#held.take()
      if (this.#held.isEmpty) this.#held = undefined
      this.#tell(data)
    }
    if (this.#held === undefined) this.#finishEnded()
  }

  #tell(data: Uint8Array): void {
    try {
      this.#handler?.message(data)
    } catch (error) {
      throwLater(error)
    }
  }

  /** The one way out. */
  #finish(reason: CloseReason, code: CloseCode = reason.kind === 'error' ? CloseCode.Broken : CloseCode.Normal, words?: string): void {
    if (this.#stage === 'over') return
    this.#stage = 'over'
    this.#reason = reason
    this.#held = undefined
    this.destroy(code, words)
    this.#pings?.fail(() => notConnected(this.remoteAddress))
    this.#onceOver?.()
    this.#handler?.closed(reason)
    const onGreeting = this.#onGreeting
    this.#onGreeting = undefined
    onGreeting?.(reason.kind === 'error' ? reason.error : hungUp(this.remoteAddress, reason))
  }
}
