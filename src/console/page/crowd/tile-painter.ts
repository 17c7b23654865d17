/** Tiles: where peers are few, each shows its name, its state and its round trip. */
import type { PeerState } from '../../../../machines/domain/peer-state.ts'
import type { CrowdBook } from '../state/crowd-book.ts'
import { duration } from '../state/numbers.ts'
import type { Layout } from './layout.ts'
import type { Paint } from './sprites.ts'

const GAP = 6

/** Paints tiles. */
export class TilePainter {
  readonly #brush: CanvasRenderingContext2D
  readonly #layout: Layout
  readonly #paint: Paint
  readonly #font: string
  readonly #ratio: number

  constructor(canvas: HTMLCanvasElement, layout: Layout, paint: Paint, ratio: number) {
    this.#layout = layout
    this.#paint = paint
    this.#ratio = ratio
    this.#font = getComputedStyle(document.body).fontFamily
    canvas.width = Math.round(layout.columns * layout.width * ratio)
    canvas.height = Math.max(1, Math.round(layout.windowHeight * ratio))
    canvas.style.width = `${layout.columns * layout.width}px`
    canvas.style.height = `${layout.windowHeight}px`
    this.#brush = canvas.getContext('2d')!
  }

  /** Paints one peer. */
  paint(index: number, book: CrowdBook, slot: number, states: readonly PeerState[], isFresh: boolean): void {
    const { columns, width, height } = this.#layout
    const state = book.state[slot]!
    const x = (index % columns) * width
    const y = Math.floor(index / columns) * height
    const brush = this.#brush
    const color = this.#paint.ofState[state] ?? this.#paint.faint
    const [w, h] = [width - GAP, height - GAP]
    brush.setTransform(this.#ratio, 0, 0, this.#ratio, 0, 0)
    brush.clearRect(x, y, width, height)
    brush.translate(x, y)
    brush.beginPath()
    brush.roundRect(0.5, 0.5, w - 1, h - 1, 8)
    brush.globalAlpha = isFresh ? 0.3 : 0.09
    brush.fillStyle = color
    brush.fill()
    brush.globalAlpha = isFresh ? 1 : 0.45
    brush.strokeStyle = color
    brush.stroke()
    brush.save()
    brush.translate(10, 8)
    brush.scale(0.8, 0.8)
    brush.globalAlpha = this.#paint.strengthOf[state] ?? 1
    brush.fillStyle = color
    if (this.#paint.shapeOf[state] !== undefined) brush.fill(this.#paint.shapeOf[state])
    brush.restore()
    brush.globalAlpha = 1
    const latency = book.latency[slot]!
    const shield = this.#paint.shields[book.safety[slot]!]
    if (shield !== undefined) this.#drawShield(shield, w - 22)
    this.#write(book.ids[slot]!, 30, 18, shield === undefined ? w - 38 : w - 58, `600 12.5px ${this.#font}`, this.#paint.ink)
    const more = book.failures[slot] ?? (Number.isNaN(latency) ? '' : duration(latency))
    const [status = '', substate] = (states[state] ?? '').split('.')
    this.#write(
      [substate ?? status, more].filter((part) => part !== '').join(' · '),
      30,
      34,
      w - 38,
      `11.5px ${this.#font}`,
      this.#paint.faint,
    )
  }

  /** Wipes everything away. */
  clear(): void {
    this.#brush.setTransform(1, 0, 0, 1, 0, 0)
    this.#brush.clearRect(0, 0, this.#brush.canvas.width, this.#brush.canvas.height)
  }

  #drawShield(shield: Path2D, x: number): void {
    const brush = this.#brush
    brush.save()
    brush.translate(x, 8)
    brush.scale(0.8, 0.8)
    brush.fillStyle = this.#paint.ink
    brush.fill(shield, 'evenodd')
    brush.restore()
  }

  #write(text: string, x: number, y: number, room: number, font: string, color: string): void {
    this.#brush.font = font
    this.#brush.fillStyle = color
    let shown = text
    while (shown.length > 1 && this.#brush.measureText(shown).width > room) shown = `${shown.slice(0, -2)}…`
    this.#brush.fillText(shown, x, y)
  }
}
