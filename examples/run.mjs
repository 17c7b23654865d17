/**
 * An example runs on every Node that the package supports, from a checkout that nobody has built.
 *
 * `npm run example quick-start`. The package's name leads to its source, as in the tests. An example of several files is
 * a folder, and begins in its `main.ts`.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const here = fileURLToPath(new URL('.', import.meta.url))
const cache = fileURLToPath(new URL('../node_modules/.cache', import.meta.url))
const names = readdirSync(here).flatMap((file) => {
  if (file.endsWith('.ts')) return [file.slice(0, -3)]
  return existsSync(join(here, file, 'main.ts')) ? [file] : []
})
const name = process.argv[2]?.replace(/\.ts$/, '')

if (name === undefined || !names.includes(name)) {
  console.error(`Which one? npm run example ${names.join(' | ')}`)
  process.exitCode = 1
} else {
  mkdirSync(cache, { recursive: true })
  const home = mkdtempSync(join(cache, 'qudag-example-'))
  try {
    const folder = join(here, name, 'main.ts')
    const entry = existsSync(folder) ? folder : join(here, `${name}.ts`)
    const outfile = join(home, `${name}.mjs`)
    await build({
      entryPoints: [entry],
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node20.19',
      conditions: ['source', 'module'],
      // CommonJS, which would ask a bundled ES module for `require`: found from below `node_modules`.
      external: ['esbuild', 'ws'],
      // An example finds what lies beside it as if it had not been moved.
      define: { 'import.meta.dirname': JSON.stringify(dirname(entry)) },
      sourcemap: 'inline',
      logLevel: 'error',
    })
    process.setSourceMapsEnabled(true)
    await import(pathToFileURL(outfile).href)
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}
