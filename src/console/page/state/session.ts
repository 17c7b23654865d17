/** The session: what the page shows is what the server said last; each message changes it here and nowhere else. */
import { batch, computed, signal } from '@preact/signals'
import { holdsSlot } from '../../../../machines/domain/peer-state.ts'
import type { NetworkMetrics } from '../../../metrics/network-metrics.ts'
import type { Batch, FleetView, Hello, PeerDetail, ReplayStatus, ServerMessage } from '../../wire.ts'
import { CrowdBook } from './crowd-book.ts'
import { FlowBook } from './flow-book.ts'
import { clearLog, keepLog } from './log-book.ts'

/** Ten minutes, at a sample a second. */
const HISTORY = 600
const SECOND = 1_000

/** How many peers are in each state, and as of which move. */
export interface Counted {
  readonly seq: number
  readonly at: number
  readonly counts: readonly number[]
}

/** What the server said first; null: nothing yet. */
export const hello = signal<Hello | null>(null)
export const counted = signal<Counted>({ seq: 0, at: 0, counts: [] })
export const supervisor = signal('')
/** The metrics of the last ten minutes, the oldest first. */
export const history = signal<readonly NetworkMetrics[]>([])
export const peer = signal<PeerDetail | null>(null)
export const replay = signal<ReplayStatus | undefined>(undefined)
/** How the manager stands in its fleet; undefined: it has none. */
export const fleet = signal<FleetView | undefined>(undefined)
/** Whether nothing will move any more. */
export const isOver = signal(false)
/** How many moves there are a second, lately. */
export const moveRate = signal(0)

export const metrics = computed(() => history.value.at(-1))
/** How many links are held, of those that may be. */
export const held = computed(() => {
  const states = hello.value?.states ?? []
  return counted.value.counts.reduce((sum, count, place) => sum + (states[place] !== undefined && holdsSlot(states[place]) ? count : 0), 0)
})
/** How many peers are known. */
export const known = computed(() => counted.value.counts.reduce((sum, count) => sum + count, 0))

/** Every peer; it says itself what changed. */
export const crowd = new CrowdBook()
/** What flowed along the edges of the charts. */
export const flows = new FlowBook()

/** Told of every batch, after it was taken in. */
export const batchListeners = new Set<() => void>()

let rateFrom: { readonly seq: number; readonly at: number } | undefined

/** Takes in what the server said. Answers to commands are not for here. */
export function takeIn(message: ServerMessage): void {
  switch (message.type) {
    case 'hello':
      return begin(message)
    case 'batch':
      return takeBatch(message)
    case 'metrics':
      history.value = withLatest(history.value, message.metrics)
      return
    case 'peer':
      peer.value = message.peer
      return
    case 'fleet':
      fleet.value = message.fleet
      return
    case 'replay':
      replay.value = message.replay
      return
    case 'ended':
      isOver.value = true
      return
    case 'answer':
  }
}

/** A manager that samples more often than once a second has its latest sample in the place of the one before. */
function withLatest(samples: readonly NetworkMetrics[], latest: NetworkMetrics): readonly NetworkMetrics[] {
  // Time goes back where a recording is moved through.
  const past = samples.filter(({ at }) => at < latest.at)
  const [last, before] = [past.at(-1), past.at(-2)]
  const isCrowded = last !== undefined && before !== undefined && last.at - before.at < SECOND * 0.9
  return [...(isCrowded ? past.slice(0, -1) : past), latest].slice(-HISTORY)
}

function begin(message: Hello): void {
  rateFrom = undefined
  clearLog()
  flows.clear()
  batch(() => {
    hello.value = message
    history.value = message.history.slice(-HISTORY)
    replay.value = message.replay
    fleet.value = message.fleet
    isOver.value = false
    moveRate.value = 0
  })
}

function takeBatch(message: Batch): void {
  crowd.apply(message)
  flows.apply(message)
  if (message.reset) clearLog()
  keepLog(message.log, message.skipped)
  measure(message)
  batch(() => {
    counted.value = { seq: message.seq, at: message.at, counts: message.counts }
    supervisor.value = message.supervisor
  })
  for (const tell of batchListeners) tell()
}

/** Measures the rate over a second or more; a replay that went back begins anew. */
function measure({ seq, at, reset }: Batch): void {
  if (reset || rateFrom === undefined || seq < rateFrom.seq) rateFrom = { seq, at }
  const seconds = (at - rateFrom.at) / 1000
  if (seconds < 1) return
  moveRate.value = (seq - rateFrom.seq) / seconds
  rateFrom = { seq, at }
}
