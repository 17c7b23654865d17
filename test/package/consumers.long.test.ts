import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { compile, COMPILERS, TARGETS, type Compiler, type Target } from './consumer-compile.ts'
import { consumerHome, NEEDED, run, type ConsumerHome } from './consumer-home.ts'

/** Two managers in one process, over the transports that are there by default. */
const PROGRAM = `
import { ConnectionManager } from 'qudag-connections'
export async function talk() {
  const heard = []
  const hub = new ConnectionManager(4)
  const peer = new ConnectionManager(4)
  hub.messages$.subscribe(({ peerId, data }) => void hub.get(peerId)?.send(data))
  for (const scheme of ['tcp', 'ws']) {
    const { address } = await hub.listen(scheme + '://127.0.0.1:0')
    const connection = await peer.connect(address.href)
    connection.send(new TextEncoder().encode(scheme))
    for await (const message of connection) {
      heard.push(new TextDecoder().decode(message))
      break
    }
  }
  await peer.shutdown()
  await hub.shutdown()
  return heard.join(' ')
}
`

/** Listens over WebSocket, has the runtime that it is told dial twice, admits it once, and tells what that says. */
const CROSSED = `
import { execFile } from 'node:child_process'
import { websocket } from 'qudag-connections/transports/websocket'
const [, file, does, to] = process.argv
const transport = websocket()
const signal = new AbortController().signal
if (does === 'dial') {
  const link = await transport.dial(new URL(to), { peerId: 'x', signal })
  await new Promise((done) => {
    link.attach({ message: (data) => data.length > 2 && done(), drain() {}, closed() {} })
    link.send(new Uint8Array(2))
    link.send(new Uint8Array(2_000_000))
  })
  await link.ping(signal)
  const { code, reason, retryAfterMs } = await transport.dial(new URL(to), { peerId: 'x', signal }).catch((error) => error)
  await link.close('idle')
  console.log('echoed', code, reason, retryAfterMs)
} else {
  let arrived = 0
  const listener = await transport.listen(new URL('ws://127.0.0.1:0'), {
    onLink() {},
    onArrival(arrival) {
      if (arrived++ > 0) return arrival.refuse({ code: 'ERR_DENIED', reason: 'gate', retryAfterMs: 5 })
      const link = arrival.admit()
      link.attach({ message: (data) => void link.send(data), drain() {}, closed: ({ kind, reason }) => console.log(kind, reason) })
    },
  })
  execFile(to, [file, 'dial', listener.address.href], (error, stdout, stderr) => {
    console.log(error ? stderr : stdout.trim())
    process.exit()
  })
}
`

describe('every compiler, for every target', () => {
  let inNode: ConsumerHome
  let bare: ConsumerHome
  beforeAll(async () => {
    inNode = await consumerHome([...NEEDED, '@types'])
    bare = await consumerHome(['xstate', 'rxjs'])
  })
  afterAll(() => {
    inNode.remove()
    bare.remove()
  })

  const all = Object.keys(COMPILERS).flatMap((version) => Object.keys(TARGETS).map((target) => [version, target] as [Compiler, Target]))
  test.each(all)('TypeScript %s, for %s', async (version, target) => {
    expect(await compile(target.startsWith('Node') ? inNode : bare, version, target)).toEqual([])
  })
})

describe('whatever runs or bundles the package, it talks over TCP and WebSocket', () => {
  let consumer: ConsumerHome
  const inConsumer = {
    get cwd() {
      return consumer.home
    },
    timeout: 120_000,
  }
  const node = (...args: string[]) => run(process.execPath, args, inConsumer)

  beforeAll(async () => {
    consumer = await consumerHome([])
    // From the registry: they are large, and only this long run needs them.
    await run(
      'npm',
      ['install', '--no-save', '--no-audit', '--no-fund', consumer.tarball, 'ws@8', 'webpack@5', 'vite@8', 'jest@30', 'bun@1', 'deno@2'],
      {
        ...inConsumer,
        timeout: 300_000,
      },
    )
    consumer.write('talk.mjs', PROGRAM)
    consumer.write('main.mjs', "import { talk } from './talk.mjs'\nconsole.log(await talk())\n")
  }, 400_000)
  afterAll(() => consumer.remove())

  test('Node', async () => {
    expect((await node('main.mjs')).stdout).toBe('tcp ws\n')
  })

  test('webpack, for Node', async () => {
    consumer.write(
      'webpack.mjs',
      `import webpack from 'webpack'
webpack({ mode: 'production', target: 'node20', entry: './main.mjs', experiments: { outputModule: true },
  output: { path: process.cwd() + '/packed', filename: 'main.mjs', module: true, chunkFormat: 'module', library: { type: 'module' } } },
  (error, stats) => { if (error || stats.hasErrors()) { console.error(error ?? stats.toString()); process.exit(1) } })`,
    )
    await node('webpack.mjs')
    expect((await node('packed/main.mjs')).stdout).toBe('tcp ws\n')
  })

  test('Vite, as a library for Node', async () => {
    consumer.write(
      'vite.mjs',
      `import { build } from 'vite'
await build({ logLevel: 'error', build: { ssr: 'main.mjs', outDir: 'vited', target: 'node20' }, ssr: { noExternal: true, external: ['ws'] } })`,
    )
    await node('vite.mjs')
    const [file = ''] = readdirSync(join(consumer.home, 'vited')).filter((name) => /^main\.m?js$/.test(name))
    expect((await node(`vited/${file}`)).stdout).toBe('tcp ws\n')
  })

  test('Jest, whose modules see values of another realm', async () => {
    consumer.write(
      'talk.test.mjs',
      "import { talk } from './talk.mjs'\ntest('talks', async () => { expect(await talk()).toBe('tcp ws') })\n",
    )
    consumer.write('jest.config.mjs', "export default { testMatch: ['**/*.test.mjs'], transform: {}, testEnvironment: 'node' }\n")
    const { stderr } = await node('--experimental-vm-modules', 'node_modules/jest/bin/jest.js')
    expect(stderr).toContain('1 passed')
  })

  test('Bun', async () => {
    const { stdout } = await run(join(consumer.home, 'node_modules/bun/bin/bun.exe'), ['main.mjs'], inConsumer)
    expect(stdout).toBe('tcp ws\n')
  })

  test('Bun and Node, each dialling the other: an echo, a refusal with its reason, and a reason at the end', async () => {
    consumer.write('crossed.mjs', CROSSED)
    const bun = join(consumer.home, 'node_modules/bun/bin/bun.exe')
    for (const [listens, dials] of [
      [bun, process.execPath],
      [process.execPath, bun],
    ] as const) {
      const { stdout } = await run(listens, ['crossed.mjs', 'listen', dials], inConsumer)
      expect(stdout).toBe('remote idle\nechoed ERR_REJECTED_BY_PEER gate 5\n')
    }
  })

  test('Deno', async () => {
    const { stdout } = await run(join(consumer.home, 'node_modules/deno/bin.cjs'), ['run', '-A', 'main.mjs'], inConsumer)
    expect(stdout).toBe('tcp ws\n')
  })
})
