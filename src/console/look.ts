/** A page that looks at a peer sees it as it is now, and nothing of the looking is left when it looks away. */
import { Subscription } from 'rxjs'
import type { PeerId } from '../../machines/domain/peer-id.ts'
import type { Clock } from '../clock.ts'
import type { PeerInside, ShownIds, Step } from '../inspect/index.ts'
import { redacted, type Redactor } from './redactor.ts'
import type { ConsoleSource } from './source.ts'
import type { PeerDetail } from './wire.ts'

const MOST_STEPS = 50
/** How soon after it was shown a peer is shown again, in milliseconds: when it has moved, and when it has not. */
const MOVED_MS = 100
const IDLE_MS = 1_000

/** What a look is made of. */
export interface LookOptions {
  readonly source: ConsoleSource
  readonly clock: Clock
  readonly redact: Redactor
  readonly ids: ShownIds
  /** Shows the peer. */
  show(detail: PeerDetail): void
}

/** One peer, looked at closely until it is closed. */
export class Look {
  readonly #peerId: PeerId
  readonly #options: LookOptions
  readonly #watching = new Subscription()
  readonly #steps: Step[] = []
  #shownAt = -Infinity
  #timer: unknown = undefined
  #dueAt = Infinity

  constructor(shownId: string, options: LookOptions) {
    const peerId = (this.#peerId = options.ids.meant(shownId))
    this.#options = options
    const { source } = options
    const seen = (step: Step): void => {
      this.#steps.unshift(step)
      if (this.#steps.length > MOST_STEPS) this.#steps.pop()
      this.#within(MOVED_MS)
    }
    this.#watching.add(source.look(peerId, seen))
    this.#watching.add(source.moves$.subscribe((move) => (move.peerId === peerId ? this.#within(MOVED_MS) : undefined)))
    this.#watching.add(source.jumps$?.subscribe(() => this.#within(MOVED_MS)))
    this.#show()
  }

  /** Ends it: no timer, subscription or observer of it is left. */
  close(): void {
    this.#watching.unsubscribe()
    this.#options.clock.clearTimeout(this.#timer)
  }

  #within(ms: number): void {
    const { clock } = this.#options
    const dueAt = Math.max(clock.now(), this.#shownAt + ms)
    if (dueAt >= this.#dueAt) return
    clock.clearTimeout(this.#timer)
    this.#dueAt = dueAt
    this.#timer = clock.setTimeout(this.#show, dueAt - clock.now())
  }

  /** A source may be an app's own, and this is called by a timer: what it throws is shown. */
  #inside(): PeerInside {
    const peerId = this.#peerId
    try {
      return this.#options.source.inside(peerId)
    } catch (error) {
      return { peerId, state: undefined, context: undefined, explanation: { error: String(error) }, valid: [] }
    }
  }

  readonly #show = (): void => {
    const { clock, source, redact, ids, show } = this.#options
    this.#shownAt = clock.now()
    this.#dueAt = Infinity
    const inside = this.#inside()
    show({
      peerId: ids.of(this.#peerId),
      state: inside.state,
      context: redacted(inside.context ?? null, redact, ['context']),
      explanation: redacted(inside.explanation ?? null, redact, ['explanation']),
      valid: inside.valid,
      commands: source.commandsFor(inside).map((command) => ({ ...command, peerId: ids.of(command.peerId) })),
      events: redacted(this.#steps, redact, ['events']) as PeerDetail['events'],
    })
    this.#within(IDLE_MS)
  }
}
