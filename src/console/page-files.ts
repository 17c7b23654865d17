/** The page's files: nothing else is served, and the page may talk to nobody but this server. */
import { readdir, readFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { extname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/** One file, ready to be sent. */
export interface PageFile {
  readonly type: string
  readonly body: Buffer
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
}

const PLACEHOLDER =
  '<!doctype html><meta charset="utf-8"><title>qudag-connections</title><p>The console page has not been built: npm run build.</p>'

/** The page's files by their path from its root, `index.html` among them; read once, as they are small. */
export async function readPage(): Promise<ReadonlyMap<string, PageFile>> {
  const home = fileURLToPath(await pageFolder())
  const files = new Map<string, PageFile>([['index.html', { type: TYPES['.html']!, body: Buffer.from(PLACEHOLDER) }]])
  const entries = await readdir(home, { recursive: true, withFileTypes: true }).catch(() => [])
  for (const entry of entries) {
    const type = TYPES[extname(entry.name)]
    if (!entry.isFile() || type === undefined) continue
    const path = join(entry.parentPath, entry.name)
    files.set(relative(home, path).split(sep).join('/'), { type, body: await readFile(path) })
  }
  return files
}

/** Beside this file where it was built; run from its source, where the build puts it. */
async function pageFolder(): Promise<URL> {
  return new URL(import.meta.url.endsWith('.ts') ? '../../dist/src/console/page/' : 'page/', import.meta.url)
}

/**
 * What every answer says to the browser: scripts, styles and connections of this server alone, no frame around it, no
 * guessing of types, no word about where a link led from. @param host as the request named it, and it was found right
 */
export function secure(response: ServerResponse, host: string): void {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    `connect-src 'self' ws://${host}`,
    "img-src 'self' data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ]
  response.setHeader('content-security-policy', policy.join('; '))
  response.setHeader('x-content-type-options', 'nosniff')
  response.setHeader('referrer-policy', 'no-referrer')
  response.setHeader('cross-origin-opener-policy', 'same-origin')
  response.setHeader('cross-origin-resource-policy', 'same-origin')
  response.setHeader('x-frame-options', 'DENY')
}
