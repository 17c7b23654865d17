/** The console's page in `dist` is what its source says now, and all of it is under 60 KB gzipped. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

const PAGE = 'src/console/page'
const BUILT = 'dist/src/console/page'
/** What it is made of; of the rest of the package it takes types alone. */
const SOURCES = [PAGE, 'src/console/wire.ts', 'machines/domain', 'package-lock.json']
const MOST_BYTES = 60 * 1024

/**
 * Builds the page, unless it is newer than all that it is made of.
 *
 * @throws {Error} when it has grown too large
 */
export async function buildPage() {
  const built = statSync(join(BUILT, 'index.html'), { throwIfNoEntry: false })?.mtimeMs ?? 0
  if (SOURCES.every((source) => newest(source) < built)) return
  // A test run says `test`, and would get a page for developers.
  process.env.NODE_ENV = 'production'
  const { build } = await import('vite')
  await build({ configFile: join(PAGE, 'vite.config.ts') })
  const bytes = files(BUILT).reduce((sum, file) => sum + gzipSync(readFileSync(file)).length, 0)
  console.log(`the console's page: ${(bytes / 1024).toFixed(1)} KB gzipped, all of it`)
  if (bytes > MOST_BYTES) throw new Error(`the console's page is to be under ${MOST_BYTES / 1024} KB gzipped`)
}

function files(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

/** When a file, anything in a folder, or its list of files last changed. */
function newest(path) {
  const { mtimeMs } = statSync(path)
  if (!statSync(path).isDirectory()) return mtimeMs
  return readdirSync(path).reduce((latest, name) => Math.max(latest, newest(join(path, name))), mtimeMs)
}
