/** A scripted link: it does what `Link` documents, and only when the test says so. */
import type { PeerId } from '../../machines/domain/peer-id.ts'
import { ConnectionError } from '../errors.ts'
import type { CloseReason, EndReason, Link, LinkHandler } from '../transports/transport.ts'
import type { Rarities } from './link-rarities.ts'
import type { LinkOwner } from './link-script.ts'
import { ScriptedPings } from './scripted-pings.ts'

const CLOSING = 1
const OVER = 2
const PAUSED = 4
const COUNTED = 8
const INBOUND = 16
const ATTACHED = 32

const LOCAL: CloseReason = { kind: 'local' }
const REMOTE: CloseReason = { kind: 'remote' }
const NOTHING_SENT: readonly Uint8Array[] = []

/** A link whose other end is the test. @since 0.1.0 */
export class ScriptedLink implements Link {
  /** Whom the transport's ledger files it under: who was dialled, or who arrived, named as the contract has it. */
  readonly peerId: PeerId
  readonly remoteAddress: string
  declare readonly remotePeerId?: PeerId
  /** Bytes that `send` accepted and that have not left: what the test says with `setBuffered`. */
  bufferedBytes = 0
  readonly #owner: LinkOwner<ScriptedLink>
  #handler: LinkHandler | undefined
  #flags: number
  #rare: Rarities | undefined

  /** @internal use `dial.open()` or `transport.arrive()` */
  constructor(owner: LinkOwner<ScriptedLink>, peerId: PeerId, remoteAddress: string, remotePeerId: PeerId | undefined, inbound: boolean) {
    this.#owner = owner
    this.peerId = peerId
    this.remoteAddress = remoteAddress
    if (remotePeerId !== undefined) this.remotePeerId = remotePeerId
    this.#handler = undefined
    this.#flags = inbound ? INBOUND : 0
    this.#rare = undefined
  }

  // What the manager sees.

  attach(handler: LinkHandler): void {
    if (this.#has(ATTACHED)) throw new Error(`the link to ${this.peerId} has a handler already: attach is for once`)
    this.#flags |= ATTACHED
    this.#handler = handler
    if (!this.#has(OVER)) this.#owner.linkAttached(this)
    this.#deliver()
  }

  send(data: Uint8Array): boolean {
    if (this.#has(CLOSING | OVER)) throw this.#overError()
    const { script } = this.#owner
    if (data.byteLength > script.maxFrameBytes) {
      throw new ConnectionError('ERR_FRAME_TOO_LARGE', `a message of ${data.byteLength} bytes is over ${script.maxFrameBytes}`, {
        peerId: this.peerId,
      })
    }
    if (script.record) {
      const rare = this.#rarities()
      rare.sent ??= []
      rare.sent.push(data)
    }
    this.#owner.messageSent(data.byteLength)
    return this.bufferedBytes <= script.highWaterMark
  }

  pause(): void {
    this.#flags |= PAUSED
  }

  resume(): void {
    this.#flags &= ~PAUSED
    this.#deliver()
  }

  close(reason?: EndReason): Promise<void> {
    const closed = this.#closed()
    if (this.#has(CLOSING | OVER)) return closed
    this.#flags |= CLOSING
    if (reason !== undefined) this.#rarities().farewell = reason
    this.#owner.ledger.closingBegan(this.peerId)
    const { autoClose } = this.#owner.script
    if (autoClose === 'sync') this.finishClose()
    else if (autoClose === 'microtask') queueMicrotask(() => this.finishClose())
    return closed
  }

  // The cause is the other side's to see, and the other side is the test.
  abort(_cause?: Error, reason?: EndReason): void {
    if (this.#has(OVER)) return
    if (reason !== undefined) this.#rarities().farewell = reason
    delete this.#rare?.queue
    this.#end(LOCAL)
  }

  // What the test holds in its hand.

  /** Where its life stands. */
  get state(): 'open' | 'closing' | 'over' {
    return this.#has(OVER) ? 'over' : this.#has(CLOSING) ? 'closing' : 'open'
  }

  /** Whether receiving is paused. */
  get paused(): boolean {
    return this.#has(PAUSED)
  }

  /** Whether somebody attached a handler. */
  get attached(): boolean {
    return this.#has(ATTACHED)
  }

  /** Who opened it. */
  get direction(): 'inbound' | 'outbound' {
    return this.#has(INBOUND) ? 'inbound' : 'outbound'
  }

  /** What was sent on it, in order; empty where the transport does not record. */
  get sent(): readonly Uint8Array[] {
    return this.#rare?.sent ?? NOTHING_SENT
  }

  /** Messages that have arrived and wait: the link is paused, or nobody has attached. */
  get waiting(): number {
    return this.#rare?.queue?.length ?? 0
  }

  /** How many pings wait for an answer. */
  get pings(): number {
    return this.#rare?.pings?.length ?? 0
  }

  /** A message arrives; false: the link is over, or its other side has closed it, and nothing can arrive. */
  receive(data: Uint8Array): boolean {
    if (this.#has(OVER) || this.#rare?.end !== undefined) return false
    if (this.#handler !== undefined && !this.#has(PAUSED) && this.waiting === 0) {
      this.#handler.message(data)
      return true
    }
    const rare = this.#rarities()
    rare.queue ??= []
    rare.queue.push(data)
    return true
  }

  /** Part of a message arrives, of so many bytes: a link that pings counts them. The message itself comes with {@link receive}. */
  receivePart(bytes: number): void {
    this.#rarities().partBytes = this.partBytes + bytes
  }

  /** How often it was to tell the other side that this one lives; only a link that pings is. */
  get assurances(): number {
    return this.#rare?.assurances ?? 0
  }

  /** Why our side ended it, as the other side is told; undefined: it did not say, or has not ended it. */
  get farewell(): EndReason | undefined {
    return this.#rare?.farewell
  }

  /** The other side closes in order, after the messages that wait, and may say why; false: it is over already. */
  remoteClose(reason?: string): boolean {
    if (this.#has(OVER) || this.#rare?.end !== undefined) return false
    const end: CloseReason = reason === undefined ? REMOTE : { kind: 'remote', reason }
    if (this.waiting > 0) this.#rarities().end = end
    else this.#end(end)
    return true
  }

  /** The link breaks, at once; what waits on a paused link is lost with it; false: it is over already. */
  fail(error: Error): boolean {
    if (this.#has(OVER)) return false
    if (this.#has(ATTACHED)) delete this.#rare?.queue
    this.#end({ kind: 'error', error })
    return true
  }

  /** Ends a graceful close that `close()` began; false: there is none. */
  finishClose(): boolean {
    if (!this.#has(CLOSING) || this.#has(OVER)) return false
    delete this.#rare?.queue
    this.#end(LOCAL)
    return true
  }

  /** Sets how many bytes wait to leave; above the high-water mark `send` returns false. */
  setBuffered(bytes: number): void {
    this.bufferedBytes = bytes
  }

  /** Everything has left: `bufferedBytes` is 0, and the handler is told. */
  drain(): void {
    this.bufferedBytes = 0
    this.#handler?.drain()
  }

  /** Answers the oldest ping with this round trip, in milliseconds; false: none waits. */
  answerPing(ms: number): boolean {
    return this.#rare?.pings?.settleOldest(ms) ?? false
  }

  /** Fails the oldest ping; false: none waits. */
  failPing(error: Error): boolean {
    return this.#rare?.pings?.settleOldest(error) ?? false
  }

  // Between the transport and its links.

  /** Whether the ledger counts it. @internal */
  get counted(): boolean {
    return this.#has(COUNTED)
  }

  /** @internal */
  setCounted(counted: boolean): void {
    this.#flags = counted ? this.#flags | COUNTED : this.#flags & ~COUNTED
  }

  /** @internal */
  protected get partBytes(): number {
    return this.#rare?.partBytes ?? 0
  }

  /** @internal */
  protected noteAssurance(): void {
    this.#rarities().assurances = this.assurances + 1
  }

  /** What `ping` does on a link that has one. @internal */
  protected sendPing(signal: AbortSignal): Promise<number> {
    if (signal.aborted) return Promise.reject(signal.reason)
    if (this.#has(CLOSING | OVER)) return Promise.reject(this.#overError())
    this.#owner.pingSent()
    const { autoPing } = this.#owner.script
    if (autoPing !== undefined) return Promise.resolve(autoPing)
    return (this.#rarities().pings ??= new ScriptedPings()).wait(signal)
  }

  #has(flags: number): boolean {
    return (this.#flags & flags) !== 0
  }

  #rarities(): Rarities {
    return (this.#rare ??= {})
  }

  #closed(): Promise<void> {
    if (this.#has(OVER)) return Promise.resolve()
    const rare = this.#rarities()
    return (rare.closed ??= new Promise((resolve) => {
      rare.resolveClosed = resolve
    }))
  }

  #overError(): ConnectionError {
    return new ConnectionError('ERR_NOT_CONNECTED', `the link to ${this.peerId} is ${this.state}`, { peerId: this.peerId })
  }

  #deliver(): void {
    let message: Uint8Array | undefined
    while (this.#handler !== undefined && !this.#has(PAUSED) && (message = this.#rare?.queue?.shift()) !== undefined) {
      this.#handler.message(message)
    }
    const end = this.#rare?.end
    if (end === undefined || this.waiting > 0) return
    if (!this.#has(OVER)) this.#end(end)
    else this.#tell(end)
  }

  /** The one place where a link ends: the ledger first, so that whoever is told sees it gone. */
  #end(reason: CloseReason): void {
    this.#flags |= OVER
    this.#owner.linkOver(this)
    const rare = this.#rare
    while (this.pings > 0) rare?.pings?.settleOldest(this.#overError())
    if (this.waiting > 0) this.#rarities().end = reason
    else if (reason === LOCAL && this.#owner.script.tellLocalEnd === 'microtask') queueMicrotask(() => this.#tell(reason))
    else this.#tell(reason)
    rare?.resolveClosed?.()
  }

  #tell(reason: CloseReason): void {
    const handler = this.#handler
    if (handler === undefined) {
      // Kept for whoever attaches later; one that was told already has no more to hear.
      if (!this.#has(ATTACHED)) this.#rarities().end = reason
      return
    }
    this.#handler = undefined
    if (this.#rare !== undefined) this.#rare.end = undefined
    handler.closed(reason)
  }
}
