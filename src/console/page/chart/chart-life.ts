/** Counts, flows and pulses are painted onto a drawn chart only where they changed. */
import type { Chart, ChartEdge } from '../../wire.ts'
import { rateOf, type Flow, type FlowBook } from '../state/flow-book.ts'
import { inNextFrame } from '../state/frame.ts'
import { short } from '../state/numbers.ts'
import { Dots } from './dots.ts'

/** How long what moved is lit, in milliseconds; it fades by itself after that. */
const LIT = 140
/** How often flows are written, in milliseconds. */
const WRITE_EVERY = 400

interface LiveNode {
  readonly element: Element
  readonly text: Element | null
  readonly places: readonly number[]
  shown: number
  changedAt: number
  isLit: boolean
}

interface LiveEdge {
  readonly line: Element
  readonly label: Element | null
  /** The lines of what flowed: the event, and how often. */
  readonly flow: readonly SVGTSpanElement[]
  /** How wide a line may be. */
  readonly room: number
  shown: string
  weight: number
  isLit: boolean
}

/** What lives in one drawn chart. */
export class ChartLife {
  readonly #chart: Chart
  readonly #flows: FlowBook
  readonly #nodes: LiveNode[]
  readonly #edges: LiveEdge[]
  readonly #dots: Dots
  #counts: readonly number[] = []
  #wroteAt = -Infinity
  #isOver = false

  /** `states`: what the numbers of {@link show} count, by place; none: the chart shows no counts. */
  constructor(root: Element, chart: Chart, flows: FlowBook, states: readonly string[]) {
    this.#chart = chart
    this.#flows = flows
    this.#dots = new Dots(root)
    this.#nodes = [...root.querySelectorAll('[data-node]')].map((element) => {
      const id = element.getAttribute('data-node') ?? ''
      const places = states.flatMap((state, place) => (state === id || state.startsWith(`${id}.`) ? [place] : []))
      return { element, text: element.querySelector('.count'), places, shown: -1, changedAt: -Infinity, isLit: false }
    })
    this.#edges = chart.edges.map(({ label: { width } }, index) => {
      const label = root.querySelector(`[data-edge-label="${index}"]`)
      return {
        line: root.querySelector(`[data-edge="${index}"]`)!,
        label,
        flow: [...(label?.querySelectorAll<SVGTSpanElement>('.flow tspan') ?? [])],
        room: width,
        shown: '',
        weight: 0,
        isLit: false,
      }
    })
  }

  /** Shows these counts, and what flowed since. */
  show(counts: readonly number[]): void {
    this.#counts = counts
    inNextFrame(this.#paint)
  }

  /** Paints no more. */
  end(): void {
    this.#isOver = true
  }

  readonly #paint = (): void => {
    if (this.#isOver) return
    const now = performance.now()
    let isMoving = false
    for (const node of this.#nodes) isMoving = this.#paintNode(node, now) || isMoving
    const isTime = now - this.#wroteAt >= WRITE_EVERY
    for (const [index, edge] of this.#edges.entries()) isMoving = this.#paintEdge(edge, index, now, isTime) || isMoving
    if (isTime) this.#wroteAt = now
    if (isMoving) inNextFrame(this.#paint)
  }

  #paintNode(node: LiveNode, now: number): boolean {
    if (node.places.length === 0) return false
    const count = node.places.reduce((sum, place) => sum + (this.#counts[place] ?? 0), 0)
    if (count !== node.shown) {
      if (node.text !== null) node.text.textContent = short(count)
      node.element.classList.toggle('empty', count === 0)
      if (node.shown >= 0) node.changedAt = now
      node.shown = count
    }
    const isLit = now - node.changedAt < LIT
    if (isLit !== node.isLit) node.element.classList.toggle('lit', (node.isLit = isLit))
    return isLit
  }

  #paintEdge(edge: LiveEdge, index: number, now: number, isTime: boolean): boolean {
    const flow = this.#flows.of(this.#chart.id, index)
    const isLit = now - flow.movedAt < LIT
    const rate = rateOf(flow, now)
    if (flow.fresh > 0) {
      if (rate < 8) this.#dots.send(edge.line)
      flow.fresh = 0
    }
    if (isLit !== edge.isLit) {
      edge.isLit = isLit
      edge.line.classList.toggle('lit', isLit)
      edge.label?.classList.toggle('lit', isLit)
    }
    if (!isTime) return isLit || rate > 0.05
    const weight = flow.total === 0 ? 0 : rate < 0.2 ? 1 : Math.min(5, 2 + Math.floor(Math.log10(Math.max(1, rate))))
    if (weight !== edge.weight) edge.line.setAttribute('data-weight', String((edge.weight = weight)))
    const text = labelOf(this.#chart.edges[index]!, flow, rate)
    if (text !== edge.shown) {
      edge.shown = text
      const lines = text.split('\n')
      for (const [at, line] of edge.flow.entries()) write(line, lines[at] ?? '', edge.room)
    }
    return isLit || rate > 0.05
  }
}

/** The event that went along an edge most often, with dots where others did too, and how much went. */
function labelOf({ transitions }: ChartEdge, { totals, total }: Flow, rate: number): string {
  const most = totals.reduce((best, times, place) => (times > (totals[best] ?? 0) ? place : best), 0)
  const event = transitions[most]?.event ?? ''
  if (event === '' || total === 0) return ''
  const hasOthers = transitions.some((other, place) => other.event !== event && (totals[place] ?? 0) > 0)
  const pace = rate < 0.2 ? '' : ` · ${rate < 9.5 ? rate.toFixed(1) : short(Math.round(rate))}/s`
  return `${event}${hasOthers ? ' …' : ''}\n×${short(total)}${pace}`
}

/** Writes a line, and draws it together where a browser's font is wider than the room that the layout has kept. */
function write(line: SVGTSpanElement, text: string, room: number): void {
  line.removeAttribute('textLength')
  line.textContent = text
  if (text === '' || line.getComputedTextLength() <= room) return
  line.setAttribute('textLength', String(room))
  line.setAttribute('lengthAdjust', 'spacingAndGlyphs')
}
