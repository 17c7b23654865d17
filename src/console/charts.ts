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

/** Both charts: those that the build has laid out, beside this file, or else laid out now, once. */
export function charts(): Promise<readonly Chart[]> {
  return (made ??= keptCharts().then((kept) => kept?.charts ?? layOutAll().then(({ charts: fresh }) => fresh)))
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
    return JSON.parse(await readFile(new URL('charts.json', import.meta.url), 'utf8')) as KeptCharts
  } catch {
    // Run from its source.
    return undefined
  }
}
