/** A cell's look is painted once for each state, size and theme, and copied from then on. */
import { statusOf, type PeerState } from '../../../../machines/domain/peer-state.ts'
import { SHAPES, SHIELDS } from '../state/status.ts'
import { colour } from '../state/theme.ts'

/** How much of its status' colour a state has: what has not quite got there, or is on its way out, is paler. */
const STRENGTH: Readonly<Partial<Record<PeerState, number>>> = {
  'Connecting.waiting': 0.55,
  'Disconnected.closed': 0.45,
  'Disconnected.closing': 0.7,
}

/** The colours of the crowd, as of now. */
export interface Paint {
  readonly paper: string
  readonly line: string
  readonly ink: string
  readonly faint: string
  readonly ofState: readonly string[]
  readonly strengthOf: readonly number[]
  readonly shapeOf: readonly Path2D[]
  /** By how safe a link is; none for an open one. */
  readonly shields: readonly (Path2D | undefined)[]
}

/** Reads the colours of the theme. */
export function mixPaint(states: readonly PeerState[]): Paint {
  return {
    paper: colour('card'),
    line: colour('line'),
    ink: colour('ink'),
    faint: colour('faint'),
    ofState: states.map((state) => colour(statusOf(state).toLowerCase())),
    strengthOf: states.map((state) => STRENGTH[state] ?? 1),
    shapeOf: states.map((state) => new Path2D(SHAPES[statusOf(state)])),
    shields: SHIELDS.map((path) => (path === '' ? undefined : new Path2D(path))),
  }
}

/** The pixels of one cell in each state: plain, and as it looks when it just moved. The last is an empty cell. */
export function makeSprites(
  paint: Paint,
  size: number,
): { readonly plain: readonly Uint32Array[]; readonly fresh: readonly Uint32Array[]; readonly none: Uint32Array } {
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = size
  const brush = canvas.getContext('2d', { willReadFrequently: true })!
  const cell = (draw: () => void): Uint32Array => {
    brush.setTransform(1, 0, 0, 1, 0, 0)
    brush.globalAlpha = 1
    brush.fillStyle = paint.paper
    brush.fillRect(0, 0, size, size)
    draw()
    return new Uint32Array(brush.getImageData(0, 0, size, size).data.buffer.slice(0))
  }
  const shape = (place: number, strength: number): void => {
    const scale = (size - 1) / 16
    brush.setTransform(scale, 0, 0, scale, 0, 0)
    brush.globalAlpha = strength
    brush.fillStyle = paint.ofState[place]!
    brush.fill(paint.shapeOf[place]!)
  }
  return {
    plain: paint.ofState.map((_, place) => cell(() => shape(place, paint.strengthOf[place]!))),
    fresh: paint.ofState.map((color, place) =>
      cell(() => {
        brush.globalAlpha = 0.3
        brush.fillStyle = color
        brush.fillRect(0, 0, size, size)
        shape(place, 1)
      }),
    ),
    none: cell(() => {}),
  }
}
