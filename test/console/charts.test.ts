/** In a chart everything can be read: nothing is left out, and nothing lies over something else. */
import { peerOutline, supervisorOutline } from 'qudag-connections/inspect'
import { beforeAll, describe, expect, test } from 'vitest'
import { layOutAll, type KeptCharts } from '../../src/console/charts.ts'
import type { Chart, ChartNode } from '../../src/console/wire.ts'

let kept: KeptCharts
beforeAll(async () => {
  kept = await layOutAll()
})

interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height
}

function holds(outer: Box, inner: Box): boolean {
  const isAcross = inner.x >= outer.x && inner.x + inner.width <= outer.x + outer.width
  return isAcross && inner.y >= outer.y && inner.y + inner.height <= outer.y + outer.height
}

function pairs<T>(all: readonly T[]): (readonly [T, T])[] {
  return all.flatMap((a, i) => all.slice(i + 1).map((b) => [a, b] as const))
}

describe.each([
  ['peer', peerOutline],
  ['supervisor', supervisorOutline],
] as const)('the chart of the %s', (id, outline) => {
  const chart = (): Chart => kept.charts.find((one) => one.id === id)!
  const nodeOf = (name: string): ChartNode => chart().nodes.find((node) => node.id === name)!

  test('has every state and every transition of its outline', () => {
    expect(chart().nodes.map((node) => node.id)).toEqual(outline.nodes.map((node) => node.id))
    expect(chart().edges.map(({ source, target, transitions }) => ({ source, target, transitions }))).toEqual(outline.edges)
  })

  test('has no siblings that overlap, and every child within its parent', () => {
    const { nodes, width, height } = chart()
    const siblings = pairs(nodes).filter(([a, b]) => a.parent === b.parent)
    expect(siblings.filter(([a, b]) => overlap(a, b)).map(([a, b]) => `${a.id} ${b.id}`)).toEqual([])
    for (const node of nodes)
      expect(holds(node.parent === undefined ? { x: 0, y: 0, width, height } : nodeOf(node.parent), node)).toBe(true)
  })

  test('has labels that lie over no other label and over no innermost state', () => {
    const { nodes, edges } = chart()
    const labels = edges.map(({ label }) => label).filter(({ text }) => text !== '')
    const inner = nodes.filter(({ id: name }) => !nodes.some(({ parent }) => parent === name))
    expect(
      pairs(labels)
        .filter(([a, b]) => overlap(a, b))
        .map(([a, b]) => [a.text, b.text]),
    ).toEqual([])
    expect(labels.filter((label) => inner.some((node) => overlap(label, node))).map(({ text }) => text)).toEqual([])
  })

  test('has lines that keep away from every innermost state but their own two', () => {
    const { nodes, edges } = chart()
    const inner = nodes.filter(({ id: name }) => !nodes.some(({ parent }) => parent === name))
    const near = edges.flatMap(({ source, target, points }) =>
      points.slice(1).flatMap((to, index) => {
        const from = points[index]!
        const [x, y] = [Math.min(from.x, to.x) - 2, Math.min(from.y, to.y) - 2]
        const line = { x, y, width: Math.abs(from.x - to.x) + 4, height: Math.abs(from.y - to.y) + 4 }
        const others = inner.filter((node) => node.id !== source && node.id !== target)
        return others.filter((node) => overlap(line, node)).map((node) => `${source} to ${target} by ${node.id}`)
      }),
    )
    expect(near).toEqual([])
  })

  test('has lines that begin at the border of their source and end at that of their target', () => {
    const touches = ({ x, y, width, height }: Box, point: { x: number; y: number }): boolean => {
      const onSide = Math.abs(point.x - x) < 1 || Math.abs(point.x - x - width) < 1
      const onTop = Math.abs(point.y - y) < 1 || Math.abs(point.y - y - height) < 1
      return onSide || onTop
    }
    for (const { source, target, points } of chart().edges) {
      expect([source, touches(nodeOf(source), points[0]!)]).toEqual([source, true])
      expect([target, touches(nodeOf(target), points.at(-1)!)]).toEqual([target, true])
    }
  })
})

test('what was laid out before is kept for as long as the machines are the same', async () => {
  expect(await layOutAll(kept)).toBe(kept)
  expect(await layOutAll({ ...kept, hash: 'of other machines' })).toEqual(kept)
})
