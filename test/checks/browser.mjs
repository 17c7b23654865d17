/** In a browser no entry that pages import reaches a `node:` module, nor anything that a bundler leaves out. */
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

/** What pages import: the rest of the entries needs sockets, files or a terminal. */
const ENTRIES = [
  '',
  '/alerting',
  '/compile',
  '/inspect',
  '/inspect/stately',
  '/machines',
  '/metrics',
  '/opentelemetry',
  '/testing',
  '/transports/memory',
  '/transports/websocket',
]

for (const entry of ENTRIES) await check(`qudag-connections${entry}`)

async function check(entry) {
  const { metafile, outputFiles } = await build({
    stdin: { contents: `export * from '${entry}'`, resolveDir: process.cwd() },
    bundle: true,
    format: 'esm',
    platform: 'browser',
    conditions: ['browser'],
    target: 'es2023',
    minify: true,
    metafile: true,
    write: false,
    logLevel: 'error',
    // Left as they are instead of being an error, so that the check can say who imports them.
    external: ['node:*'],
  })

  const reached = Object.entries(metafile.inputs).flatMap(([file, { imports }]) =>
    imports.filter((it) => it.external || it.path.startsWith('node:')).map((it) => `${file} imports ${it.path}`),
  )
  // Where the platform is detected it may be Node after all; a bundle for pages has the browser's.
  const nodes = Object.keys(metafile.inputs).filter((file) => /\/platform\/(traces|node|detected)/.test(file))
  reached.push(...nodes.map((file) => `${file}, which is Node's own, is in it`))
  for (const line of reached) console.error(line)

  const { contents, text } = outputFiles[0]
  if (/\bfrom\s*["']node:|\brequire\(/.test(text)) reached.push('the bundle itself')
  if (reached.length > 0) {
    console.error(`${entry} cannot be used in a browser: move what needs Node behind #platform.`)
    process.exitCode = 1
  }
  console.log(
    `${entry} for browsers: ${kilobytes(contents.length)} minified, ${kilobytes(gzipSync(contents).length)} gzipped, ` +
      `from ${Object.keys(metafile.inputs).length} modules`,
  )
}

function kilobytes(bytes) {
  return `${(bytes / 1024).toFixed(1)} KB`
}
