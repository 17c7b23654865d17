/** A scripted dial is settled once, by the test or by its signal. */
import type { PeerId } from '../../machines/domain/peer-id.ts'
import type { Link } from '../transports/transport.ts'
import type { ScriptedLink } from './scripted-link.ts'

/** What a test may say of a link that a dial opens. @since 0.1.0 */
export interface OpenOptions {
  /** Who the other side proves to be. @default what the transport's `proveIds` says: nobody, or who was dialled */
  readonly remotePeerId?: PeerId | undefined
  /** @default the address that was dialled */
  readonly remoteAddress?: string
}

/** Whoever made a dial, and hears of its end. */
export interface DialOwner {
  openLink(dial: ScriptedDial, options: OpenOptions): ScriptedLink
  dialEnded(dial: ScriptedDial): void
  /** The signal was aborted after the dial was opened, and before anybody attached to its link. */
  linkUnwanted(link: ScriptedLink): void
  /** Whether an abort leaves the dial to the test, as a transport that is slow to give up would. */
  readonly ignoresAbort: boolean
}

/** A dial that waits for the test to open or fail it. @since 0.1.0 */
export class ScriptedDial {
  readonly address: URL
  readonly peerId: PeerId
  readonly signal: AbortSignal
  /** What the transport's `dial` returned. @internal */
  readonly promise: Promise<Link>
  /** The link that it opened. */
  link: ScriptedLink | undefined
  readonly #owner: DialOwner
  #resolve!: (link: Link) => void
  #reject!: (error: unknown) => void
  #outcome: 'opened' | 'failed' | undefined

  /** @internal dials are made by the transport */
  constructor(owner: DialOwner, address: URL, peerId: PeerId, signal: AbortSignal) {
    this.#owner = owner
    this.address = address
    this.peerId = peerId
    this.signal = signal
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    signal.addEventListener('abort', this.#onAbort)
    if (signal.aborted) this.#onAbort()
  }

  /** Whether its signal was aborted. */
  get aborted(): boolean {
    return this.signal.aborted
  }

  /** Whether its promise is settled. */
  get settled(): boolean {
    return this.#outcome !== undefined
  }

  /** Whether it still waits for the test, and nobody has aborted it. */
  get pending(): boolean {
    return !this.settled && !this.aborted
  }

  /**
   * The other side answers. After an abort this is a link that comes too late, possible only where the
   * transport's `onAbort` is `'ignore'`.
   */
  open(options: OpenOptions = {}): ScriptedLink {
    this.#settle('opened')
    const link = this.#owner.openLink(this, options)
    this.link = link
    this.#resolve(link)
    return link
  }

  /** The dial fails with this error. */
  fail(error: Error): void {
    const counted = !this.aborted
    this.#settle('failed')
    this.#release()
    if (counted) this.#owner.dialEnded(this)
    this.#reject(error)
  }

  /** Its link is taken or over: the signal has no more to say. @internal */
  release(): void {
    this.#release()
  }

  #settle(outcome: 'opened' | 'failed'): void {
    if (this.settled) {
      throw new Error(`the dial of ${this.peerId} at ${this.address.href} is settled already: ${this.aborted ? 'aborted' : this.#outcome}`)
    }
    this.#outcome = outcome
  }

  #release(): void {
    this.signal.removeEventListener('abort', this.#onAbort)
  }

  readonly #onAbort = (): void => {
    this.#release()
    if (this.link !== undefined) {
      this.#owner.linkUnwanted(this.link)
      return
    }
    this.#owner.dialEnded(this)
    if (this.#owner.ignoresAbort) return
    this.#outcome = 'failed'
    this.#reject(this.signal.reason)
  }
}
