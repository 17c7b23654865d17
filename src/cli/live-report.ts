/** The table on the terminal is redrawn in place, and the terminal is given back as it was. */
import type { Subscription } from 'rxjs'
import type { Transition } from '../../machines/domain/transition.ts'
import type { ConsoleOutput } from './console-output.ts'
import { LimitWatch } from './limit-watch.ts'
import { tableOf, type Glance } from './live-table.ts'
import { plainLine } from './plain-lines.ts'
import { bytes, elapsed } from './quantities.ts'
import type { Report, Watched } from './report.ts'
import { Screen } from './screen.ts'
import { TransitionLog } from './transition-log.ts'
import type { NamedTransition } from './transition-row.ts'

const REDRAW_MS = 250
/** Each a row; the table leaves out what the terminal has no room for. */
const KEPT = { recent: 10, failures: 3 }

/** A table that is redrawn four times a second, and once more for good at the end. */
export class LiveReport implements Report {
  readonly #watched: Watched
  readonly #output: ConsoleOutput
  readonly #screen: Screen
  readonly #log = new TransitionLog(KEPT)
  readonly #limit = new LimitWatch()
  readonly #started = performance.now()
  readonly #timer: NodeJS.Timeout
  readonly #subscription: Subscription
  #isOpen = true

  constructor(watched: Watched, output: ConsoleOutput) {
    this.#watched = watched
    this.#output = output
    this.#screen = new Screen(output, this.#draw)
    this.#subscription = watched.manager.transitions$.subscribe((transition) => {
      this.#limit.look(watched.manager.metrics)
      // That a peer is forgotten is no news: it had gone before.
      if (transition.reason !== 'forgotten') this.#log.add(transition)
    })
    this.#timer = setInterval(this.#draw, REDRAW_MS)
    this.#draw()
  }

  note(label: string, text: string): void {
    if (this.#isOpen) this.#draw()
    else this.#output.print(plainLine(Date.now(), label, text))
  }

  mention(label: string, text: string): void {
    this.note(label, text)
  }

  close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    clearInterval(this.#timer)
    this.#subscription.unsubscribe()
    this.#screen.close()
    // The last table stays where the shell goes on.
    const { columns } = this.#output
    this.#screen.print(tableOf({ ...this.#glance(), aside: '' }, { width: columns, height: Infinity }))
  }

  readonly #draw = (): void => {
    const { columns, rows } = this.#output
    this.#screen.draw(tableOf(this.#glance(), { width: columns, height: rows }))
  }

  // Named when it is shown: who an arriving peer is shows a little after it has arrived.
  readonly #named = (transition: Transition): NamedTransition => ({ transition, name: this.#watched.nameOf(transition.peerId) })

  #glance(): Glance {
    const { title, manager, refused, facts, peers = [] } = this.#watched
    const { metrics } = manager
    return {
      title,
      aside: `${bytes(metrics.memoryUsage)}  ${elapsed(performance.now() - this.#started)}  Ctrl-C ends`,
      metrics,
      most: this.#limit.most,
      refused,
      facts,
      peers: peers.map((peer) => ({ peer, name: this.#watched.nameOf(peer.peerId) })),
      failures: this.#log.failures.map(this.#named),
      recent: this.#log.recent.map(this.#named),
    }
  }
}
