/** `npm run pages` renews what the pages have from the code, in a checkout that nobody has built. */
import { build } from 'esbuild'
import { generatedParts } from './generated.mjs'
import { renewPart } from './pages.mjs'

/** The exports of a source, as it is now. */
async function exportsOf(entry) {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    format: 'esm',
    platform: 'node',
    conditions: ['source', 'module'],
    // Loaded only by who dials.
    external: ['ws'],
    write: false,
    logLevel: 'error',
  })
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`)
}

const { peerMachine } = await exportsOf('machines/index.ts')
const { SETTINGS } = await exportsOf('src/cli/run/settings.ts')
const { INSTRUMENTS } = await exportsOf('src/observability/instruments.ts')
const { FLEET_INSTRUMENTS } = await exportsOf('src/observability/fleet-instruments.ts')
const stale = Object.entries(generatedParts({ peerMachine, SETTINGS, INSTRUMENTS, FLEET_INSTRUMENTS }))
  .map(([name, part]) => renewPart(name, part))
  .filter(({ isStale }) => isStale)
for (const page of new Set(stale.map((one) => one.page))) console.log(`${page} is fresh now`)
if (stale.length === 0) console.log('every page was fresh')
