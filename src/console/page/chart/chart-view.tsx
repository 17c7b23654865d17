/** A statechart is drawn once as the server laid it out; what lives in it is painted on by others. */
import { memo } from './memo.ts'
import type { Chart, ChartEdge, ChartNode } from '../../wire.ts'
import { SHAPES, statusIn } from '../state/status.ts'
import { middleOf, pathOf, titleOf } from './edge-path.ts'

/** A chart as a picture. Its states carry `data-node`, its edges `data-edge`. */
export const ChartView = memo(({ chart, label }: { chart: Chart; label: string }) => {
  const parents = new Set(chart.nodes.map(({ parent }) => parent))
  return (
    <div class="chart-scroll" tabIndex={0} role="region" aria-label={label}>
      <svg
        class="chart"
        role="img"
        aria-label={label}
        viewBox={`0 0 ${chart.width} ${chart.height}`}
        width={chart.width}
        height={chart.height}
        data-testid={`chart-${chart.id}`}
      >
        <defs>
          <marker
            id={`arrow-${chart.id}`}
            viewBox="0 0 8 8"
            refX="7"
            refY="4"
            markerWidth="8"
            markerHeight="8"
            markerUnits="userSpaceOnUse"
            orient="auto"
          >
            <path class="arrow" d="M0 .5L8 4L0 7.5Z" />
          </marker>
        </defs>
        {chart.nodes
          .filter(({ id }) => parents.has(id))
          .map((node) => (
            <Node key={node.id} node={node} isOuter />
          ))}
        {chart.edges.map((edge, index) => (
          <Line key={index} chart={chart.id} edge={edge} index={index} />
        ))}
        {chart.nodes
          .filter(({ id }) => !parents.has(id))
          .map((node) => (
            <Node key={node.id} node={node} isOuter={false} />
          ))}
        {chart.edges.map((edge, index) => (
          <Label key={index} edge={edge} index={index} />
        ))}
        <g class="dots" />
      </svg>
    </div>
  )
})

function Node({ node, isOuter }: { node: ChartNode; isOuter: boolean }) {
  const { x, y, width, height } = node
  if (node.kind !== 'state') return <Point node={node} />
  const status = statusIn(node.id)
  const isStatus = status !== undefined && node.parent === undefined
  // An outer box has its row of shape, name and count at the top; an inner one has its name above, shape and count below.
  const base = isOuter ? 25 : height - 9
  return (
    <g class={`node ${isOuter ? 'outer' : 'inner'}`} data-node={node.id} data-status={status ?? 'none'} transform={`translate(${x} ${y})`}>
      <title>{node.description === undefined ? node.id : `${node.id}: ${node.description}`}</title>
      <rect class="box" width={width} height={height} rx={isOuter ? 14 : 9} />
      {node.isInitial && <circle class="initial" cy={Math.min(height / 2, 28)} r={5} />}
      {isStatus && <path class="shape" d={SHAPES[status]} transform={`translate(12 ${base - 14}) scale(.95)`} />}
      <text class="name" x={isOuter && isStatus ? 35 : 11} y={isOuter ? base : 21}>
        {node.label}
      </text>
      <text class="count" x={width - 11} y={base} text-anchor="end" />
    </g>
  )
}

function Point({ node }: { node: ChartNode }) {
  const { x, y, width, height } = node
  const r = Math.min(width, height) / 2
  return (
    <g class={`point ${node.kind}`} transform={`translate(${x + width / 2} ${y + height / 2})`}>
      <title>{node.kind === 'begin' ? 'The peer is not known yet' : 'The peer is forgotten'}</title>
      <circle r={r} />
      {node.kind === 'end' && <circle class="core" r={r * 0.55} />}
    </g>
  )
}

function Line({ chart, edge, index }: { chart: Chart['id']; edge: ChartEdge; index: number }) {
  return (
    <g class="edge" data-edge={index}>
      <path class="touch" d={pathOf(edge.points)}>
        <title>{titleOf(edge)}</title>
      </path>
      <path class="line" d={pathOf(edge.points)} marker-end={`url(#arrow-${chart})`} />
    </g>
  )
}

/** What flowed is written over the line; all that may flow is written there on demand. */
function Label({ edge, index }: { edge: ChartEdge; index: number }) {
  const { text, y, height } = edge.label
  const lines = text.split('\n')
  const middle = middleOf(edge)
  const top = y + (height - lines.length * 15) / 2
  return (
    <g class="edge-label" data-edge-label={index}>
      <title>{titleOf(edge)}</title>
      <text class="all" text-anchor="middle">
        {lines.map((line, at) => (
          <tspan key={line} x={middle} y={top + 12 + at * 15}>
            {line}
          </tspan>
        ))}
      </text>
      <text class="flow" text-anchor="middle">
        <tspan x={middle} y={y + height / 2 - 4} />
        <tspan x={middle} y={y + height / 2 + 11} />
      </text>
    </g>
  )
}
