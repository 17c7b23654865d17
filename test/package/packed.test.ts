import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import manifest from 'qudag-connections/package.json' with { type: 'json' }
import { consumerHome, NEEDED, run } from './consumer-home.ts'

const SUBPATHS = Object.keys(manifest.exports).filter((subpath) => subpath !== './package.json')
const specifier = (subpath: string): string => manifest.name + subpath.slice(1)

/** What the contract promises of each subpath, by name. */
const PROMISED: Readonly<Record<string, readonly string[]>> = {
  '.': ['ConnectionManager', 'ConnectionStatus', 'ConnectionError', 'createSupervisorLogic'],
  './alerting': ['alertEvents', 'alertWebhook'],
  './compile': ['compile', 'UncompilableError'],
  './console': ['serveConsole', 'managerSource'],
  './fleet': ['fleet', 'memoryStore'],
  './fleet/cluster': ['clusterStore', 'serveClusterStore'],
  './fleet/etcd': ['etcdStore'],
  './fleet/redis': ['redisStore'],
  './fleet/testing': ['testFleetStore'],
  './inspect': ['Collector', 'inspectionOf'],
  './inspect/record': ['record', 'readRecording'],
  './inspect/stately': ['statelyInspector', 'serveStatelyProtocol'],
  './machines': ['peerMachine', 'supervisorMachine'],
  './metrics': ['foldMetrics', 'transitionsOf', 'alerts', 'mergeMetrics'],
  './opentelemetry': ['instrument'],
  './prometheus': ['collect'],
  './testing': ['VirtualClock', 'testTransport'],
  './testing/fault-proxy': ['faultProxy'],
  './transports/memory': ['memory'],
  './transports/tcp': ['tcp'],
  './transports/tls': ['tls', 'createIdentity', 'identityFromPem', 'loadIdentity', 'saveIdentity'],
  './transports/unix': ['unix'],
  './transports/websocket': ['websocket'],
}

describe('the packed package', () => {
  let home: string
  let installed: string
  let remove: () => void

  beforeAll(async () => {
    ;({ home, installed, remove } = await consumerHome([...NEEDED, '@types']))
  })
  afterAll(() => remove())

  test('every subpath is promised something, and gives it', async () => {
    writeFileSync(
      join(home, 'names.js'),
      [
        'const names = {}',
        ...SUBPATHS.map(
          (subpath) => `names[${JSON.stringify(subpath)}] = Object.keys(await import(${JSON.stringify(specifier(subpath))}))`,
        ),
        'console.log(JSON.stringify(names))',
      ].join('\n'),
    )

    const { stdout } = await run(process.execPath, ['names.js'], { cwd: home })

    const names = JSON.parse(stdout) as Record<string, string[]>
    const missing = SUBPATHS.flatMap((subpath) =>
      (PROMISED[subpath] ?? ['a promise in this test'])
        .filter((name) => !names[subpath]?.includes(name))
        .map((name) => `${name} of ${subpath}`),
    )
    expect(missing).toEqual([])
  })

  test('a strict consumer on Node compiles against every subpath, and so do our declarations', async () => {
    const program = `${SUBPATHS.map((subpath, i) => `export * as s${i} from '${specifier(subpath)}'`).join('\n')}\n${FIRST_PROGRAM}`

    expect(await compile(home, 'node', program, { lib: ['es2023', 'esnext.disposable'], types: ['node'] })).toBe('')
  })

  test('a strict consumer in a browser needs no types of Node', async () => {
    const subpaths = SUBPATHS.filter(
      (subpath) => !['./transports/tcp', './transports/tls', './testing/fault-proxy', './inspect/record'].includes(subpath),
    )
    const program = `${subpaths.map((subpath, i) => `export * as s${i} from '${specifier(subpath)}'`).join('\n')}\n${FIRST_PROGRAM}`
    const bundler = { module: 'esnext', moduleResolution: 'bundler', customConditions: ['browser'] }

    expect(await compile(home, 'browser', program, { ...bundler, lib: ['es2023', 'dom', 'esnext.disposable'], types: [] })).toBe('')
  })

  test('what it says of itself is in it', () => {
    const mentioned = ['LICENSE', 'README.md', ...Object.values(manifest.bin), ...targets(manifest.exports), ...targets(manifest.imports)]

    expect(mentioned.filter((path) => !existsSync(join(installed, path)))).toEqual([])
    expect(Object.values(manifest.bin).map((path) => readFileSync(join(installed, path), 'utf8').split('\n')[0])).toEqual([
      '#!/usr/bin/env node',
    ])
  })

  test('every source map leads to a source that is in it', () => {
    const maps = readdirSync(join(installed, 'dist'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.map'))
    const lost = maps.flatMap((file) => {
      const path = join(installed, 'dist', file)
      const { sources } = JSON.parse(readFileSync(path, 'utf8')) as { sources: string[] }
      return sources.filter((source) => !existsSync(join(dirname(path), source))).map((source) => `${file}: ${source}`)
    })

    expect(maps.length).toBeGreaterThan(0)
    expect(lost).toEqual([])
  })
})

/** A program such as a user would begin with; it is compiled, not run. */
const FIRST_PROGRAM = `
import { ConnectionError, ConnectionManager, ConnectionStatus, createSupervisorLogic } from 'qudag-connections'
import type { Connection, Failure, Link, ManagerOptions, NetworkMetrics, PeerId, PeerView, Transition, Transport } from 'qudag-connections'

const peer: PeerId = 'tcp://127.0.0.1:9000'
const options: ManagerOptions = { poolTimeoutMs: 60_000 }
const manager = new ConnectionManager(100, options)
manager.metrics$.subscribe((metrics: NetworkMetrics) => metrics.pool.hitRatio?.toFixed(2))
manager.transitions$.subscribe(({ from, to, failure }: Transition) => [from, to, failure satisfies Failure | undefined])
try {
  const connection: Connection = await manager.connect(peer)
  connection.send(new Uint8Array([1, 2, 3])) satisfies boolean
  for await (const message of connection) message satisfies Uint8Array
  await connection.release()
} catch (error) {
  if (ConnectionError.is(error)) error.code satisfies string
}
const status: ConnectionStatus | undefined = await manager.getStatus(peer)
if (status === ConnectionStatus.Failed) for (const view of manager.peers()) view satisfies PeerView
await manager.shutdown()
export const logic = createSupervisorLogic({ maxConnections: 2, ...options })
export const transport: Transport = { schemes: ['none'], dial: (): Promise<Link> => Promise.reject(new Error('none')) }
`

/** What the compiler says of a program in the strictest way, declarations of the package included. */
async function compile(home: string, name: string, program: string, compilerOptions: object): Promise<string> {
  writeFileSync(join(home, `${name}.ts`), program)
  const strict = { strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, skipLibCheck: false, noEmit: true }
  const nodenext = { target: 'es2023', module: 'nodenext', moduleResolution: 'nodenext' }
  const config = { compilerOptions: { ...nodenext, ...strict, ...compilerOptions }, files: [`${name}.ts`] }
  writeFileSync(join(home, `tsconfig.${name}.json`), JSON.stringify(config))
  const tsc = join(process.cwd(), 'node_modules/typescript/bin/tsc')
  return run(process.execPath, [tsc, '-p', `tsconfig.${name}.json`], { cwd: home }).then(
    () => '',
    (error: { stdout?: string; message: string }) => ours(error.stdout ?? error.message),
  )
}

/** What is said of anything but XState's own declarations: those do not hold under `exactOptionalPropertyTypes`. */
function ours(diagnostics: string): string {
  return diagnostics
    .split(/\n(?=\S)/)
    .filter((diagnostic) => !diagnostic.includes('node_modules/xstate/'))
    .join('\n')
    .trim()
}

/** Every file that an `exports` or `imports` field leads to, under any condition. */
function targets(field: unknown): string[] {
  if (typeof field === 'string') return [field]
  return Object.values(field as object).flatMap(targets)
}
