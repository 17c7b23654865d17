/** In the natural order, peers first and then the server, a program goes on, and its process ends when it wants to. */
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { expect, onTestFinished, test } from 'vitest'

const run = promisify(execFile)

/** What a user writes: `await manager.listen()`, and only then `server.listen()`. */
const PROGRAM = `
  import { createServer } from 'node:http'
  import { ConnectionManager } from 'qudag-connections'
  import { websocket } from 'qudag-connections/transports/websocket'

  const server = createServer((request, response) => response.end('a page'))
  const manager = new ConnectionManager(4, { transport: websocket({ server, path: '/peers' }) })
  const listener = await manager.listen('ws://127.0.0.1/peers')
  console.log('before', listener.address.port)
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address()
  console.log('after', Number(listener.address.port) === port)

  const client = new ConnectionManager(2, { transport: websocket() })
  const connection = await client.connect('ws://127.0.0.1:' + port + '/peers')
  console.log('connected', manager.metrics.connections)
  await client.shutdown()
  await manager.shutdown()
  console.log('page', await (await fetch('http://127.0.0.1:' + port + '/')).text())
  server.close()
  server.closeAllConnections()
`

test('a manager listens on a server of the app before that listens itself: at once, and the process does not end with code 13', async () => {
  // Below node_modules, where `ws` is found.
  mkdirSync('node_modules/.cache', { recursive: true })
  const home = mkdtempSync(join('node_modules/.cache', 'qudag-natural-order-'))
  onTestFinished(() => rmSync(home, { recursive: true, force: true }))
  const outfile = join(home, 'program.mjs')
  await build({
    stdin: { contents: PROGRAM, resolveDir: import.meta.dirname, loader: 'js' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    conditions: ['source', 'module'],
    external: ['ws'],
    outfile,
    logLevel: 'error',
  })

  const { stdout, stderr } = await run(process.execPath, [outfile], { timeout: 20_000 })

  expect(stderr).toBe('')
  expect(stdout.trimEnd().split('\n')).toEqual(['before 0', 'after true', 'connected 1', 'page a page'])
})
