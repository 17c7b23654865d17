/** One look at the table says how many links there are of how many, how they fare, and what failed last. */
import type { NetworkMetrics } from '../metrics/network-metrics.ts'
import { heldLinks } from './limit-watch.ts'
import { dialsOf, inboundOf, latencyOf, poolOf, trafficOf } from './metrics-fields.ts'
import type { Fact } from './report.ts'
import { widthOf, type Span, type Style, type StyledLine } from './styled-line.ts'
import { peerRow, type NamedPeer } from './peer-row.ts'
import { failureRows, nameColumn, transitionRow, type NamedTransition } from './transition-row.ts'

/** What a table shows. */
export interface Glance {
  readonly title: string
  /** What stands at the right of the title. */
  readonly aside: string
  readonly metrics: NetworkMetrics
  /** The most links that were ever held at one time. */
  readonly most: number
  readonly refused: number
  readonly facts: readonly Fact[]
  /** Most important first. */
  readonly peers: readonly NamedPeer[]
  /** Newest first. */
  readonly failures: readonly NamedTransition[]
  /** Newest first. */
  readonly recent: readonly NamedTransition[]
}

/** How much room there is, in columns and rows. */
export interface Room {
  readonly width: number
  readonly height: number
}

const LABEL = 14
const LONGEST_BAR = 48

/** Below so many rows, the empty lines between the parts are left out. */
const AIRY = 30

/** The table as lines. In a low room fewer peers, failures and transitions are shown. */
export function tableOf(glance: Glance, { width, height }: Room): readonly StyledLine[] {
  const { metrics, most, refused, facts, peers, failures, recent } = glance
  const gap: readonly StyledLine[] = height < AIRY ? [] : [[]]
  const numbers = [
    titleLine(glance, width),
    ...gap,
    ...statusRows(metrics, most, width),
    ...gap,
    ...fieldRows('Traffic', trafficOf(metrics), width),
    ...fieldRows('Round trip', latencyOf(metrics), width),
    ...fieldRows('Pool', poolOf(metrics), width),
    ...fieldRows('Dials', dialsOf(metrics, refused), width),
    ...fieldRows('Inbound', inboundOf(metrics), width),
    ...facts.flatMap(([name, fields]) => fieldRows(name, fields, width)),
  ]
  const sections = [peers, failures, recent].filter(({ length }) => length > 0).length
  const room = height - numbers.length - (gap.length + 1) * sections
  const column = nameColumn([...peers, ...failures, ...recent], width)
  const known = peers.slice(0, Math.max(0, Math.floor(room / 3))).map((named) => peerRow(named, column))
  const failed = whole(
    failures.map((named) => failureRows(named, width, column)),
    (room - known.length) / 2,
  )
  const passed = recent.slice(0, Math.max(0, room - known.length - failed.length)).map((named) => transitionRow(named, width, column))
  return [
    ...numbers,
    ...section(peers.length > known.length ? `Peers (${known.length} of ${peers.length})` : 'Peers', known, gap),
    ...section('Last failures', failed, gap),
    ...section('Last transitions', passed, gap),
  ].slice(0, height)
}

function titleLine({ title, aside }: Glance, width: number): StyledLine {
  const gap = width - title.length - aside.length - 2
  return [[` ${title}`, 'bold'], ...(gap < 2 ? [] : ([[' '.repeat(gap)], [aside, 'dim']] as const))]
}

function statusRows(metrics: NetworkMetrics, most: number, width: number): readonly StyledLine[] {
  const { connections, dialing, pooled, closing, limit, byStatus } = metrics
  const held = heldLinks(metrics)
  const room = Math.max(4, Math.min(limit * 2, LONGEST_BAR, width - LABEL - 24))
  const bar = (...parts: readonly Part[]): readonly Span[] => barOf(parts, limit, room)
  const closed = byStatus.Disconnected - pooled - closing
  return [
    [
      label('Links'),
      [`${held} of ${limit}`.padEnd(10), 'bold'],
      ...bar([connections, 'green'], [dialing, 'yellow'], [pooled, 'cyan'], [closing, 'dim'], [limit - held, 'plain', '·']),
      [held < limit ? `  most ${most}` : '  limit reached', held < limit ? 'dim' : 'yellow'],
    ],
    [label('Connecting'), [String(dialing).padEnd(10)], ...bar([dialing, 'yellow'])],
    [label('Connected'), [String(connections).padEnd(10)], ...bar([connections, 'green'])],
    [
      label('Disconnected'),
      [String(byStatus.Disconnected).padEnd(10)],
      ...bar([pooled, 'cyan'], [closing, 'dim']),
      [`${pooled + closing > 0 ? '  ' : ''}${pooled} pooled, ${closing} closing, ${closed} closed`, 'dim'],
    ],
    [label('Failed'), [String(byStatus.Failed).padEnd(10), byStatus.Failed > 0 ? 'red' : 'plain']],
  ]
}

type Part = readonly [count: number, style: Style, character?: string]

/** Parts side by side, to scale: the rounding of one is made up for by the next. */
function barOf(parts: readonly Part[], limit: number, room: number): readonly Span[] {
  let count = 0
  let drawn = 0
  return parts.map(([part, style, character = '█']) => {
    count += Math.max(0, part)
    const length = Math.max(0, Math.min(room, Math.round((count / limit) * room)) - drawn)
    drawn += length
    return [character.repeat(length), style]
  })
}

/** Fields after a label, wrapped where the room ends. */
function fieldRows(name: string, fields: readonly string[], width: number): readonly StyledLine[] {
  const rows: Span[][] = [[label(name)]]
  for (const field of fields) {
    const row = rows[rows.length - 1]!
    if (row.length > 1 && widthOf(row) + 3 + field.length > width) rows.push([label(''), [field]])
    else row.push([row.length > 1 ? `   ${field}` : field])
  }
  return rows
}

function section(title: string, rows: readonly StyledLine[], gap: readonly StyledLine[]): readonly StyledLine[] {
  return rows.length === 0 ? [] : [...gap, [[` ${title}`, 'bold']], ...rows]
}

/** As many of the first blocks as fit into `height` rows, each of them whole. */
function whole(blocks: readonly (readonly StyledLine[])[], height: number): readonly StyledLine[] {
  let left = height
  return blocks.filter((block) => (left -= block.length) >= 0).flat()
}

function label(text: string): Span {
  return [` ${text}`.padEnd(LABEL), 'dim']
}
