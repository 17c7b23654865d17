/** An edge's line goes through the layout's points, with its corners rounded, and what is written on it stays where the layout has room for it. */
import type { ChartEdge } from '../../wire.ts'

const RADIUS = 9

/** The path of a line through points. */
export function pathOf(points: ChartEdge['points']): string {
  const [first, ...rest] = points
  if (first === undefined) return ''
  let path = `M${first.x} ${first.y}`
  for (const [index, corner] of rest.entries()) {
    const before = points[index]!
    const after = rest[index + 1]
    if (after === undefined) return `${path}L${corner.x} ${corner.y}`
    const into = towards(corner, before)
    const out = towards(corner, after)
    path += `L${into.x} ${into.y}Q${corner.x} ${corner.y} ${out.x} ${out.y}`
  }
  return path
}

/** Where the middle of an edge's label is: in the room that the layout has kept for it, clear of every state. */
export function middleOf({ label: { x, width } }: ChartEdge): number {
  return x + width / 2
}

/** What a line stands for, in words: one transition a line. */
export function titleOf({ source, target, transitions }: ChartEdge): string {
  const rows = transitions.map(
    ({ event, guard, reason }) => `${event}${guard === undefined ? '' : ` [${guard}]`}${reason === undefined ? '' : ` – ${reason}`}`,
  )
  return [`${source} → ${target}`, ...rows].join('\n')
}

function towards(from: { x: number; y: number }, to: { x: number; y: number }): { x: number; y: number } {
  const length = Math.hypot(to.x - from.x, to.y - from.y)
  const share = length === 0 ? 0 : Math.min(RADIUS, length / 2) / length
  return { x: round(from.x + (to.x - from.x) * share), y: round(from.y + (to.y - from.y) * share) }
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
