/** Keeps one thing true: `npm run readme` is all that a stale README needs, in a checkout that nobody has built. */
import { readFileSync, writeFileSync } from 'node:fs'
import { build } from 'esbuild'
import { generatedParts, renew } from './generated.mjs'

const { outputFiles } = await build({
  entryPoints: ['machines/index.ts'],
  bundle: true,
  format: 'esm',
  platform: 'node',
  write: false,
  logLevel: 'error',
})
const machines = await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`)

const before = readFileSync('README.md', 'utf8')
const after = Object.entries(generatedParts(machines)).reduce((readme, [name, part]) => renew(readme, name, part), before)
writeFileSync('README.md', after)
console.log(before === after ? 'README.md was fresh' : 'README.md is fresh now')
