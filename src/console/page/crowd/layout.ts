/** Few peers get room for their names, many get a cell each, and every peer has a place. */

/** Where peers are drawn, in CSS pixels. */
export interface Layout {
  readonly kind: 'tiles' | 'cells'
  readonly columns: number
  readonly rows: number
  /** What each takes, with the gap to the next. */
  readonly width: number
  readonly height: number
  /** How high the window onto it is; what is higher is scrolled. */
  readonly windowHeight: number
}

const TILE = { width: 164, height: 50 }
/** Smaller cells could not be told apart, nor hit. */
const SMALLEST = 8
const LARGEST = 22
const HIGHEST = 460

/** Lays out `count` peers in a box of a width. */
export function layOut(count: number, width: number): Layout {
  const across = Math.max(1, Math.floor(width / TILE.width))
  const tall = Math.ceil(count / across) * TILE.height
  if (tall <= HIGHEST)
    return {
      kind: 'tiles',
      columns: across,
      rows: Math.ceil(count / across),
      width: width / across,
      height: TILE.height,
      windowHeight: Math.max(TILE.height, tall),
    }
  let size = Math.min(LARGEST, Math.max(SMALLEST, Math.floor(Math.sqrt((width * HIGHEST) / count))))
  while (size > SMALLEST && Math.ceil(count / Math.floor(width / size)) * size > HIGHEST) size--
  const columns = Math.max(1, Math.floor(width / size))
  const rows = Math.ceil(count / columns)
  return { kind: 'cells', columns, rows, width: size, height: size, windowHeight: Math.min(HIGHEST, rows * size) }
}
