/**
 * Keeps one thing true: an example runs on every Node that the package supports, from a checkout that nobody has built.
 *
 * `npm run example quick-start`. The package's name leads to its source, as in the tests.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const here = fileURLToPath(new URL('.', import.meta.url))
const names = readdirSync(here).flatMap((file) => (file.endsWith('.ts') ? [file.slice(0, -3)] : []))
const name = process.argv[2]?.replace(/\.ts$/, '')

if (name === undefined || !names.includes(name)) {
  console.error(`Which one? npm run example ${names.join(' | ')}`)
  process.exitCode = 1
} else {
  const home = mkdtempSync(join(tmpdir(), 'qudag-example-'))
  try {
    const outfile = join(home, `${name}.mjs`)
    await build({
      entryPoints: [join(here, `${name}.ts`)],
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node20.19',
      conditions: ['source', 'module'],
      sourcemap: 'inline',
      logLevel: 'error',
    })
    process.setSourceMapsEnabled(true)
    await import(pathToFileURL(outfile).href)
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}
