/** A matrix of TypeScript consumers: each compiler with each way to resolve modules, all declarations checked strictly. */
import { join } from 'node:path'
import { run, type ConsumerHome } from './consumer-home.ts'

/** What an app writes and publishes in its turn: every exported value has a type that its own declarations can name. */
const EXPORTING = `
import { ConnectionManager, createSupervisorLogic } from 'qudag-connections'
import { peerMachine } from 'qudag-connections/machines'
import { tcp } from 'qudag-connections/transports/tcp'
import { memory } from 'qudag-connections/transports/memory'
import { websocket } from 'qudag-connections/transports/websocket'
import { VirtualClock, scripted, arbitraries } from 'qudag-connections/testing'
export const transports = [tcp(), memory(), websocket({ maxBufferedBytes: 1_024 })]
export const manager = new ConnectionManager(10, { transport: transports })
export const actor = manager.actor('a')
export const snapshot = manager.actor('a')?.getSnapshot()
export const supervisor = manager.supervisor
export const state = manager.supervisor.getSnapshot()
export const logic = createSupervisorLogic({ maxConnections: 3 })
export const metrics = manager.metrics
export const metrics$ = manager.metrics$
export const changes$ = manager.changes$
export const connect = () => manager.connect('tcp://127.0.0.1:1')
export const listen = () => manager.listen('tcp://127.0.0.1:0')
export const explained = manager.explain('a')
export const whole = manager.explain()
export const saved = manager.export()
export const kept = manager.keep('a', { queue: {} })
export const views = [...manager.peers()]
export const clock = new VirtualClock()
export const script = scripted()
export const machine = peerMachine
export { arbitraries }
export async function use(): Promise<void> {
  const connection = await manager.connect('tcp://127.0.0.1:1')
  await connection[Symbol.asyncDispose]()
}
`

/** The same without what is Node's. */
const EXPORTING_IN_BROWSER = EXPORTING.replace(/import { tcp }.*\n/, '').replace('tcp(), ', '')

/** The oldest compiler that we promise, the last one written in JavaScript, and the present one. */
export const COMPILERS = { '5.4': 'typescript-5.4', '5.9': 'typescript-5.9', '7': 'typescript' } as const
export type Compiler = keyof typeof COMPILERS

/** Where a consumer compiles for, and how its compiler finds the package. */
export const TARGETS = {
  'Node, node16': { module: 'node16', moduleResolution: 'node16', lib: ['es2022'], types: ['node'] },
  'Node, nodenext': { module: 'nodenext', moduleResolution: 'nodenext', lib: ['es2022'], types: ['node'] },
  'Node, bundler': { module: 'esnext', moduleResolution: 'bundler', lib: ['es2022'], types: ['node'] },
  'a browser, bundler': { module: 'esnext', moduleResolution: 'bundler', customConditions: ['browser'], lib: ['es2022', 'dom'], types: [] },
} as const
export type Target = keyof typeof TARGETS

/** What a compiler says of a program that is strict and declares what it exports. */
export async function compile({ home, write }: ConsumerHome, version: Compiler, target: Target): Promise<string[]> {
  const strict = { target: 'es2022', strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, declaration: true, outDir: 'out' }
  write('app.ts', target.startsWith('Node') ? EXPORTING : EXPORTING_IN_BROWSER)
  write('tsconfig.json', JSON.stringify({ compilerOptions: { ...strict, ...TARGETS[target] }, files: ['app.ts'] }))
  try {
    await run(process.execPath, [join(process.cwd(), 'node_modules', COMPILERS[version], 'bin/tsc'), '-p', '.'], { cwd: home })
    return []
  } catch (error) {
    const { stdout = '', message } = error as { stdout?: string; message: string }
    // XState's own declarations do not hold under `exactOptionalPropertyTypes`.
    return (stdout || message)
      .split(/\n(?=\S)/)
      .filter((line) => line.trim() !== '' && !/node_modules.xstate./.test(line.split('(')[0] ?? ''))
  }
}
