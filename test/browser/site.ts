/** A test's page is one bundle made for browsers, served over HTTP as a user would serve it. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { build } from 'esbuild'
import { afterAll, beforeAll } from 'vitest'

const PAGE =
  '<!doctype html><html lang="en"><meta charset="utf-8"><title>test</title><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>'

/** What a page is made of. */
export interface SiteOptions {
  /** The page's program, in TypeScript; its imports are found from `test/browser/`. */
  readonly program: string
  /** What runs before any module of it. @default nothing */
  readonly before?: string
  /** Whether the package's name leads to `dist` and not to its source. @default false */
  readonly built?: boolean
}

/**
 * Serves a page for the tests of a file.
 *
 * @returns says where
 */
export function useSite({ program, before = '', built = false }: SiteOptions): () => string {
  let server: Server | undefined
  let url = ''
  beforeAll(async () => {
    const script = before + (await bundle(program, built))
    server = createServer((request, response) => {
      const isScript = request.url === '/page.js'
      response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html')
      // A connection that is kept would count as a socket of the transport under test.
      response.setHeader('connection', 'close')
      response.end(isScript ? script : PAGE)
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  })
  afterAll(() => server?.close())
  return () => url
}

async function bundle(contents: string, built: boolean): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: import.meta.dirname, loader: 'ts' },
    bundle: true,
    format: 'esm',
    platform: 'browser',
    conditions: built ? ['browser'] : ['source', 'browser'],
    target: 'es2023',
    write: false,
    logLevel: 'error',
  })
  return outputFiles[0]!.text
}
