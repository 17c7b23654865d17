/** The canvas shows the crowd in its order; only what changed is painted, at most once a frame. */
import { effect } from '@preact/signals'
import type { PeerState } from '../../../../machines/domain/peer-state.ts'
import type { CrowdBook } from '../state/crowd-book.ts'
import { inNextFrame } from '../state/frame.ts'
import { isCalm, palette } from '../state/theme.ts'
import { CellPainter } from './cell-painter.ts'
import { layOut, type Layout } from './layout.ts'
import { Order, type View } from './order.ts'
import { mixPaint } from './sprites.ts'
import { TilePainter } from './tile-painter.ts'

/** A crowd up to here is put in order at once; a larger one now and then, in milliseconds. */
const SMALL = 500
const REORDER_EVERY = 450
/** How long a cell that moved looks so, in milliseconds. */
const FRESH = 260

/** What the canvas tells of itself when it was put in order. */
export interface Shown {
  readonly count: number
  readonly layout: Layout
}

/** Paints the crowd. */
export class CrowdCanvas {
  readonly order: Order
  readonly #book: CrowdBook
  readonly #canvas: HTMLCanvasElement
  readonly #states: readonly PeerState[]
  readonly #tell: (shown: Shown) => void
  readonly #stop: () => void
  readonly #touched: number[] = []
  readonly #moved: number[] = []
  #freshUntil = new Float64Array(1024)
  #fresh: number[] = []
  #view: View
  #layout: Layout = layOut(0, 320)
  #painter: CellPainter | TilePainter | undefined
  #width = 0
  #scroll = 0
  #isStale = true
  #orderedAt = -Infinity
  #ordered = ''

  constructor(canvas: HTMLCanvasElement, book: CrowdBook, states: readonly PeerState[], view: View, tell: (shown: Shown) => void) {
    this.#canvas = canvas
    this.#book = book
    this.#states = states
    this.#view = view
    this.#tell = tell
    this.order = new Order(book)
    this.#stop = effect(() => {
      if (palette.value >= 0) this.#restart()
    })
  }

  /** Shows something else, or in another order. */
  look(view: View): void {
    this.#view = view
    this.#restart()
  }

  resize(width: number): void {
    if (Math.floor(width) === this.#width) return
    this.#width = Math.floor(width)
    this.#restart()
  }

  /** `top`: how many CSS pixels were scrolled away. */
  scrollTo(top: number): void {
    this.#scroll = top
    this.#isStale = true
    inNextFrame(this.paint)
  }

  /** The place of the peer at a point; -1: nobody is there. */
  placeAt(x: number, y: number): number {
    const { columns, width, height } = this.#layout
    const column = Math.floor(x / width)
    const place = Math.floor((y + this.#scroll) / height) * columns + column
    return column >= 0 && column < columns && place >= 0 && place < this.order.slots.length ? place : -1
  }

  end(): void {
    this.#stop()
    this.#painter = undefined
    this.#width = 0
  }

  #restart(): void {
    this.#painter = undefined
    this.#orderedAt = -Infinity
    this.#ordered = ''
    inNextFrame(this.paint)
  }

  /** Paints what changed. */
  readonly paint = (): void => {
    if (this.#width === 0) return
    const now = performance.now()
    this.#book.takeTouched(this.#touched, this.#moved)
    this.#reorder(now)
    this.#freshen(now)
    if (this.#isStale) this.#paintAll(now)
    else for (const slot of this.#touched) this.#paintSlot(slot, now)
    this.#fade(now)
    if (this.#painter instanceof CellPainter && (this.#isStale || this.#touched.length > 0 || this.#fresh.length > 0)) this.#painter.show()
    this.#isStale = false
    if (this.#fresh.length > 0) inNextFrame(this.paint)
  }

  /** Order follows who is there at once while they are few; sorting by what changes all the time waits its turn. */
  #reorder(now: number): void {
    const { names, size } = this.#book
    const isByLife = this.#view.sort !== 'id' || this.#view.text !== '' || this.#view.shown.includes(false)
    const ordered = isByLife ? '' : `${names}`
    if (ordered !== '' && ordered === this.#ordered) return
    if (isByLife && this.#touched.length === 0 && this.#orderedAt > 0 && this.#ordered === 'settled') return
    if (size > SMALL && now - this.#orderedAt < REORDER_EVERY) {
      this.#ordered = 'late'
      return inNextFrame(this.paint)
    }
    this.#orderedAt = now
    this.#ordered = isByLife ? 'settled' : ordered
    const before = this.order.slots
    this.order.rebuild(this.#view)
    const layout = layOut(this.order.slots.length, this.#width)
    const isSame =
      layout.kind === this.#layout.kind &&
      layout.columns === this.#layout.columns &&
      layout.windowHeight === this.#layout.windowHeight &&
      layout.width === this.#layout.width
    if (!isSame || this.#painter === undefined) this.#painter = undefined
    this.#layout = layout
    this.#isStale = this.#painter === undefined || this.#isStale || !alike(before, this.order.slots)
    this.#tell({ count: this.order.slots.length, layout })
  }

  /** What just moved is lit, unless so much moves that everything would be. */
  #freshen(now: number): void {
    if (this.#freshUntil.length < this.#book.top) {
      const grown = new Float64Array(this.#book.top * 2)
      grown.set(this.#freshUntil)
      this.#freshUntil = grown
    }
    if (isCalm.matches || this.#moved.length > Math.max(24, this.#book.size / 25) || this.#fresh.length > 2_000) return
    for (const slot of this.#moved) {
      if (this.#freshUntil[slot] === 0) this.#fresh.push(slot)
      this.#freshUntil[slot] = now + FRESH
    }
  }

  #fade(now: number): void {
    if (this.#fresh.length === 0) return
    this.#fresh = this.#fresh.filter((slot) => {
      if (this.#freshUntil[slot]! > now) return true
      this.#freshUntil[slot] = 0
      this.#paintSlot(slot, now)
      return false
    })
  }

  #paintAll(now: number): void {
    this.#painter ??= this.#makePainter()
    this.#painter.clear()
    const { columns, height, windowHeight } = this.#layout
    const first = Math.floor(this.#scroll / height) * columns
    const last = Math.min(this.order.slots.length, first + (Math.ceil(windowHeight / height) + 1) * columns)
    for (let index = first; index < last; index++) this.#paintSlot(this.order.slots[index]!, now)
  }

  #makePainter(): CellPainter | TilePainter {
    const Painter = this.#layout.kind === 'cells' ? CellPainter : TilePainter
    return new Painter(this.#canvas, this.#layout, mixPaint(this.#states), Math.min(2, devicePixelRatio))
  }

  #paintSlot(slot: number, now: number): void {
    const index = this.order.place[slot] ?? -1
    if (index < 0) return
    const isFresh = this.#freshUntil[slot]! > now
    const painter = this.#painter
    if (painter instanceof TilePainter) painter.paint(index, this.#book, slot, this.#states, isFresh)
    else painter?.paint(index, this.#book.state[slot]!, isFresh, Math.round(this.#scroll * Math.min(2, devicePixelRatio)))
  }
}

function alike(a: Int32Array, b: Int32Array): boolean {
  if (a.length !== b.length) return false
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false
  return true
}
