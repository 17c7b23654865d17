/** Keeps one thing true: `npm run readme` is all that a stale README needs, in a checkout that nobody has built. */
import { readFileSync, writeFileSync } from 'node:fs'
import { build } from 'esbuild'
import { generatedParts, renew } from './generated.mjs'

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
const before = readFileSync('README.md', 'utf8')
const after = Object.entries(generatedParts({ peerMachine, SETTINGS })).reduce((readme, [name, part]) => renew(readme, name, part), before)
writeFileSync('README.md', after)
console.log(before === after ? 'README.md was fresh' : 'README.md is fresh now')
