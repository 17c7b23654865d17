/** Runs the simulation of a fleet from a checkout that nobody has built: `npm run simulate -- --nodes 20 --peers 2000 --seed 1`. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const cache = fileURLToPath(new URL('../../node_modules/.cache', import.meta.url))
mkdirSync(cache, { recursive: true })
const home = mkdtempSync(join(cache, 'qudag-simulate-'))
try {
  const outfile = join(home, 'simulate.mjs')
  await build({
    entryPoints: [fileURLToPath(new URL('simulate.ts', import.meta.url))],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    conditions: ['source', 'module'],
    external: ['esbuild', 'ws', 'ioredis'],
  })
  await import(pathToFileURL(outfile).href)
} finally {
  rmSync(home, { recursive: true, force: true })
}
