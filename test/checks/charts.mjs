/** The charts that are published are those of the machines that are published. */
import { readFile, writeFile } from 'node:fs/promises'

const KEPT = new URL('../../dist/src/console/charts.json', import.meta.url)

/** Lays the machines' charts out into `dist`, where they have changed. It takes the built package, and `elkjs`. */
export async function buildCharts() {
  const { layOutAll } = await import('../../dist/src/console/charts.js')
  const kept = await readFile(KEPT, 'utf8').then(JSON.parse, () => undefined)
  const fresh = await layOutAll(kept)
  if (fresh !== kept) await writeFile(KEPT, JSON.stringify(fresh))
}
