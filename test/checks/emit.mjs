/** `npm run emit` writes the code of our machines anew, in a checkout that nobody has built. */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { build } from 'esbuild'
import { EMITTED } from './emitted-modules.mjs'

/** The exports of a source, as it is now. */
async function exportsOf(entry) {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    format: 'esm',
    platform: 'node',
    write: false,
    logLevel: 'error',
  })
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`)
}

const machines = await exportsOf('machines/index.ts')
const { emit } = await exportsOf('src/compile/index.ts')
for (const { file, machine, input, types } of EMITTED) {
  writeFileSync(file, emit(machines[machine], { input, types }))
  console.log(`${file} is written`)
}
const { status } = spawnSync(
  'node_modules/.bin/oxfmt',
  EMITTED.map(({ file }) => file),
  { stdio: 'ignore' },
)
process.exitCode = status ?? 1
