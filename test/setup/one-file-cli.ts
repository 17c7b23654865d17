/**
 * The built command line in one file: tests start it some two hundred times, and of each start two thirds went to loading
 * five hundred modules. What it is made of is `dist`, as it would be published; that `dist` runs too is for `BuiltCommand`.
 */
import { copyFileSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build, type Plugin } from 'esbuild'

// Beside the other packages, where it finds those that are not in it.
const HOME = 'node_modules/.cache/qudag-cli'

/** The command line in one file. */
export const ONE_FILE_CLI = join(HOME, 'main.js')

/** Modules that look for files beside them. */
const lookBeside: Plugin = {
  name: 'look beside',
  setup({ onLoad }) {
    onLoad({ filter: /dist\/src\/console\/(?:charts|page-files)\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href)),
    }))
  },
}

/** Makes it anew where it is older than the build. */
export async function makeOneFileCli(builtAtMs: number): Promise<void> {
  const made = statSync(ONE_FILE_CLI, { throwIfNoEntry: false })?.mtimeMs ?? 0
  if (made > builtAtMs) return
  mkdirSync(HOME, { recursive: true })
  // It knows its name and version by that.
  copyFileSync('package.json', join(HOME, 'package.json'))
  await build({
    entryPoints: ['dist/src/cli/main.js', 'dist/src/cli/demo/peer-process.js'],
    entryNames: '[name]',
    outdir: HOME,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    external: ['ws', 'elkjs', 'fast-check', 'prom-client', '@opentelemetry/api', '@statelyai/inspect'],
    plugins: [lookBeside],
    logLevel: 'error',
  })
}
