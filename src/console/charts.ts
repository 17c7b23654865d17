/** The charts that are shown are those of the machines that run. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { peerOutline, supervisorOutline } from '../inspect/index.ts'
import { layOut } from './layout.ts'
import type { Chart } from './wire.ts'

/** Both charts, as they are kept. */
export interface KeptCharts {
  /** Of what they were made of; other machines, or another way to lay them out, have another one. */
  readonly hash: string
  readonly charts: readonly Chart[]
}

/** Changed with the way charts are laid out. */
const LAYOUT = 5

let made: Promise<readonly Chart[]> | undefined

/** Run from its source, where a build may be of other machines. */
const IS_SOURCE = import.meta.url.endsWith('.ts')

/** Both charts: those that the build has laid out, or else laid out now, once. */
export function charts(): Promise<readonly Chart[]> {
  return (made ??= keptCharts().then(async (kept) => (kept !== undefined && !IS_SOURCE ? kept : await layOutAll(kept)).charts))
}

/** Lays both charts out, unless what is kept is of the same machines. */
export async function layOutAll(kept?: KeptCharts): Promise<KeptCharts> {
  const outlines = [peerOutline, supervisorOutline]
  const hash = createHash('sha256')
    .update(JSON.stringify([LAYOUT, outlines]))
    .digest('hex')
  return kept?.hash === hash ? kept : { hash, charts: await Promise.all(outlines.map(layOut)) }
}

async function keptCharts(): Promise<KeptCharts | undefined> {
  try {
    const place = IS_SOURCE ? '../../dist/src/console/charts.json' : 'charts.json'
    return JSON.parse(await readFile(new URL(place, import.meta.url), 'utf8')) as KeptCharts
  } catch {
    // Run from its source, and never built.
    return undefined
  }
}
