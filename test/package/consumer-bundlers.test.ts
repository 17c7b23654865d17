import { nodeResolve } from '@rollup/plugin-node-resolve'
import { build } from 'esbuild'
import { rollup, type RollupBuild } from 'rollup'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { consumerHome, NEEDED, run, type ConsumerHome } from './consumer-home.ts'

/** Two managers in one process, over the transports that are there by default. */
const PROGRAM = `
import { ConnectionManager } from 'qudag-connections'
const hub = new ConnectionManager(4)
const peer = new ConnectionManager(4)
hub.messages$.subscribe(({ peerId, data }) => void hub.get(peerId)?.send(data))
for (const scheme of ['tcp', 'ws']) {
  const { address } = await hub.listen(scheme + '://127.0.0.1:0')
  const connection = await peer.connect(address.href)
  connection.send(new TextEncoder().encode(scheme))
  for await (const message of connection) {
    console.log(new TextDecoder().decode(message))
    break
  }
}
await peer.shutdown()
await hub.shutdown()
`

describe('a consumer whose bundler is told nothing of the platform', () => {
  let consumer: ConsumerHome
  let rolled: RollupBuild | undefined

  beforeAll(async () => {
    consumer = await consumerHome(NEEDED)
    consumer.write('app.js', PROGRAM)
    rolled = await rollup({ input: `${consumer.home}/app.js`, plugins: [nodeResolve()], external: ['ws'], onwarn: () => {} })
  }, 120_000)
  afterAll(async () => {
    await rolled?.close()
    consumer.remove()
  })

  test('has the transports of Node in Node, from Rollup with its default resolution', async () => {
    await rolled!.write({ dir: `${consumer.home}/rolled`, format: 'es' })

    expect((await run(process.execPath, ['rolled/app.js'], { cwd: consumer.home })).stdout).toBe('tcp\nws\n')
  })

  test('has the transports of Node in Node, from esbuild with platform "node", in one file', async () => {
    await bundled({ platform: 'node', outfile: `${consumer.home}/built.mjs` })

    expect((await run(process.execPath, ['built.mjs'], { cwd: consumer.home })).stdout).toBe('tcp\nws\n')
  })

  test('has the transports of Node in Node, from esbuild that is told to be neutral', async () => {
    await bundled({ platform: 'neutral', splitting: true, outdir: `${consumer.home}/neutral`, external: ['ws', 'node:*'] })

    expect((await run(process.execPath, ['neutral/app.js'], { cwd: consumer.home })).stdout).toBe('tcp\nws\n')
  })

  test('loads no module of Node in a browser: what is bundled for nobody in particular asks for them in chunks of their own', async () => {
    const { output } = await rolled!.generate({ format: 'es' })
    const chunks = new Map(output.flatMap((chunk) => (chunk.type === 'chunk' ? [[chunk.fileName, chunk] as const] : [])))
    const reached = new Set<string>()
    const reach = (name: string): void => {
      if (reached.has(name)) return
      reached.add(name)
      for (const next of chunks.get(name)?.imports ?? []) reach(next)
    }
    for (const chunk of chunks.values()) if (chunk.isEntry) reach(chunk.fileName)

    expect([...reached].filter((name) => name.startsWith('node:'))).toEqual([])
  })

  const bundled = (options: object) =>
    build({
      entryPoints: [`${consumer.home}/app.js`],
      bundle: true,
      format: 'esm',
      external: ['ws'],
      logLevel: 'silent',
      ...options,
    })
})
