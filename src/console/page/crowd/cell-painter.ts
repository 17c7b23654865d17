/** A crowd of thousands is copied pixel by pixel from sprites, and put on the screen once a frame. */
import type { Layout } from './layout.ts'
import { makeSprites, type Paint } from './sprites.ts'

/** Paints cells. */
export class CellPainter {
  readonly #brush: CanvasRenderingContext2D
  readonly #image: ImageData
  readonly #pixels: Uint32Array
  readonly #size: number
  readonly #columns: number
  readonly #sprites: ReturnType<typeof makeSprites>

  constructor(canvas: HTMLCanvasElement, layout: Layout, paint: Paint, ratio: number) {
    this.#size = Math.max(1, Math.round(layout.width * ratio))
    this.#columns = layout.columns
    canvas.width = this.#columns * this.#size
    canvas.height = Math.max(1, Math.round(layout.windowHeight * ratio))
    canvas.style.width = `${layout.columns * layout.width}px`
    canvas.style.height = `${layout.windowHeight}px`
    this.#brush = canvas.getContext('2d', { willReadFrequently: true })!
    this.#image = this.#brush.createImageData(canvas.width, canvas.height)
    this.#pixels = new Uint32Array(this.#image.data.buffer)
    this.#sprites = makeSprites(paint, this.#size)
  }

  /** Paints one peer; `top`: how many device pixels were scrolled away. */
  paint(index: number, state: number, isFresh: boolean, top: number): void {
    const sprite = (isFresh ? this.#sprites.fresh : this.#sprites.plain)[state] ?? this.#sprites.none
    const size = this.#size
    const { width, height } = this.#image
    const x = (index % this.#columns) * size
    const y = Math.floor(index / this.#columns) * size - top
    const last = Math.min(size, height - y)
    for (let row = Math.max(0, -y); row < last; row++) {
      let to = (y + row) * width + x
      for (let from = row * size, end = from + size; from < end;) this.#pixels[to++] = sprite[from++]!
    }
  }

  /** Wipes everything away. */
  clear(): void {
    this.#pixels.fill(this.#sprites.none[0]!)
  }

  /** Shows what was painted. */
  show(): void {
    this.#brush.putImageData(this.#image, 0, 0)
  }
}
