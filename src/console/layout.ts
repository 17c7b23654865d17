/** A chart is laid out once, where it is built, and a page only draws it. */
import type { ElkExtendedEdge, ElkNode } from 'elkjs'
import type { Outline, OutlineEdge, OutlineNode } from '../inspect/index.ts'
import type { Chart, ChartEdge, ChartNode } from './wire.ts'

/** How wide a character is taken to be, and how high a line, in CSS pixels; the page sets its font to fit. */
const STATE_FONT = { character: 8.2, line: 20 }
const LABEL_FONT = { character: 6.2, line: 15 }
/** What flowed is written in two lines: the event, and how often; the second is at most so long. */
const FLOW_FONT = { character: 6.8, line: 15 }
const LONGEST_COUNT = '×999.9k · 999/s'.length
const POINT = 16
const ROOT_OPTIONS = {
  'elk.algorithm': 'layered',
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.direction': 'RIGHT',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.layered.spacing.nodeNodeBetweenLayers': '36',
  'elk.spacing.nodeNode': '28',
  'elk.spacing.edgeNode': '16',
  'elk.spacing.edgeEdge': '12',
  'elk.layered.spacing.edgeNodeBetweenLayers': '16',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '12',
  'elk.spacing.edgeLabel': '3',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
  'elk.layered.cycleBreaking.strategy': 'MODEL_ORDER',
  // Of what was tried this gives few crossings and short lines. Do not compact the result: lines then run along the
  // borders of states, and into each other.
  'elk.layered.thoroughness': '100',
  'elk.layered.edgeLabels.sideSelection': 'SMART_UP',
  'elk.padding': '[top=16,left=16,bottom=16,right=16]',
}

/**
 * Lays a chart out, with ELK's layered algorithm. It takes about half a second, and needs the package `elkjs`: a
 * published package brings its charts along.
 */
export async function layOut(outline: Outline): Promise<Chart> {
  const { default: Elk } = await import('elkjs/lib/elk.bundled.js')
  const children = (parent: string | undefined): ElkNode[] =>
    outline.nodes.filter((node) => node.parent === parent).map((node) => elkNode(node, children(node.id)))
  const edgesIn = outline.edges.map((edge, index) => elkEdge(edge, index))
  const graph: ElkNode = { id: outline.id, layoutOptions: ROOT_OPTIONS, children: children(undefined), edges: edgesIn }
  const laid = await new Elk.default().layout(graph)
  const origins = new Map<string, Point>([[laid.id, { x: 0, y: 0 }]])
  const places = new Map<string, ElkNode & Point>()
  place(laid, { x: 0, y: 0 }, origins, places)
  const edges = new Map((laid.edges ?? []).map((edge) => [edge.id, edge]))
  return {
    id: outline.id,
    width: Math.ceil(laid.width!),
    height: Math.ceil(laid.height!),
    nodes: outline.nodes.map((node) => chartNode(node, places.get(node.id)!)),
    edges: outline.edges.map((edge, index) => chartEdge(edge, edges.get(String(index))!, origins)),
  }
}

interface Point {
  readonly x: number
  readonly y: number
}

function elkNode({ id, label, kind }: OutlineNode, children: ElkNode[]): ElkNode {
  if (kind !== 'state') return { id, width: POINT, height: POINT }
  if (children.length > 0) {
    return { id, children, layoutOptions: { 'elk.padding': '[top=40,left=20,bottom=20,right=20]' } }
  }
  // Room for a count below the name.
  return { id, width: Math.max(96, label.length * STATE_FONT.character + 32), height: STATE_FONT.line * 2 + 16 }
}

function elkEdge(edge: OutlineEdge, index: number): ElkExtendedEdge {
  const text = textOf(edge)
  const lines = text.split('\n')
  const longest = Math.max(...lines.map((line) => line.length))
  // With dots, where other events went along as well.
  const flow = Math.max(longest + (lines.length > 1 ? 2 : 0), LONGEST_COUNT)
  const width = Math.max(longest * LABEL_FONT.character, flow * FLOW_FONT.character) + 8
  const height = Math.max(lines.length * LABEL_FONT.line, 2 * FLOW_FONT.line) + 4
  const labels = text === '' ? [] : [{ text, width, height }]
  return { id: String(index), sources: [edge.source], targets: [edge.target], labels }
}

/** The events of an edge, each once, one a line. */
function textOf({ transitions }: OutlineEdge): string {
  return [...new Set(transitions.map(({ event }) => event))].filter((event) => event !== '').join('\n')
}

/** Where everything is, from the corner of the whole: ELK says it from the corner of what it is in. */
function place(node: ElkNode, at: Point, origins: Map<string, Point>, places: Map<string, ElkNode & Point>): void {
  for (const child of node.children ?? []) {
    const corner = { x: at.x + child.x!, y: at.y + child.y! }
    origins.set(child.id, corner)
    places.set(child.id, { ...child, ...corner })
    place(child, corner, origins, places)
  }
}

function chartNode(node: OutlineNode, { x, y, width, height }: ElkNode & Point): ChartNode {
  return { ...node, x: round(x), y: round(y), width: round(width!), height: round(height!) }
}

function chartEdge({ source, target, transitions }: OutlineEdge, laid: ElkExtendedEdge, origins: Map<string, Point>): ChartEdge {
  const { container = '' } = laid as { readonly container?: string }
  const origin = origins.get(container) ?? { x: 0, y: 0 }
  const moved = ({ x, y }: Point): Point => ({ x: round(origin.x + x), y: round(origin.y + y) })
  const points = (laid.sections ?? []).flatMap((one) => [one.startPoint, ...(one.bendPoints ?? []), one.endPoint]).map(moved)
  const [label] = laid.labels ?? []
  const shown =
    label === undefined
      ? { text: '', ...(points[0] ?? { x: 0, y: 0 }), width: 0, height: 0 }
      : { text: label.text!, ...moved({ x: label.x!, y: label.y! }), width: round(label.width!), height: round(label.height!) }
  return { source, target, points, label: shown, transitions }
}

function round(length: number): number {
  return Math.round(length * 10) / 10
}
