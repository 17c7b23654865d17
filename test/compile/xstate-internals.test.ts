/** What the compiler uses of XState beyond its types is as it was when that was written. */
import { readdirSync, readFileSync } from 'node:fs'
import { compile } from 'qudag-connections/compile'
import { type AnyEventObject, createActor, createMachine, fromTransition, transition } from 'xstate'
import { expect, test } from 'vitest'
import manifest from 'xstate/package.json' with { type: 'json' }
import ours from 'qudag-connections/package.json' with { type: 'json' }

/** The versions that all tests have passed with. One that is added to the range is added here. */
const TESTED = ['5.33.3']

test('the version that the lock file installs was tested, and is where the range of the package begins', () => {
  const { dependencies } = ours

  expect(TESTED).toContain(manifest.version)
  expect(dependencies.xstate).toBe(`^${TESTED[0]!}`)
})

test('an actor has its own scope, and says whether it runs', () => {
  const seen: unknown[] = []
  const logic = fromTransition((state: object, _event: AnyEventObject, scope) => {
    const { _actorScope: own, _processingStatus: status } = scope.self as unknown as Record<string, unknown>
    seen.push([own === scope, status])
    return state
  }, {})
  const actor = createActor(logic)
  const statusOf = (): unknown => (actor as unknown as Record<string, unknown>)['_processingStatus']
  expect(statusOf()).toBe(0)
  actor.start()
  actor.send({ type: 'go' })
  expect(seen.splice(0)).toEqual([[true, 1]])
  actor.stop()
  expect(statusOf()).toBe(2)

  // `transition()` runs in a scope that is no actor's.
  transition(logic, actor.getSnapshot(), { type: 'go' })
  expect(seen.at(-1)).toEqual([false, 0])
})

test('an inspection event is copied for those who inspect, and not looked at while nobody does', () => {
  const actor = createActor(createMachine({}))
  const { _sendInspectionEvent: send } = actor.system as unknown as { _sendInspectionEvent: (event: object) => void }
  let looks = 0
  const event = {
    type: '@xstate.action',
    get action() {
      return ++looks
    },
  }
  send(event)
  expect(looks).toBe(0)

  const seen: unknown[] = []
  const inspection = actor.system.inspect((one) => seen.push(one))
  send(event)
  send(event)
  inspection.unsubscribe()
  send(event)
  expect(seen).toEqual([1, 2].map((action) => ({ type: '@xstate.action', action, rootId: actor.sessionId })))
})

test('who begins to inspect, and ends it again, sees the steps between', () => {
  const seen: string[] = []
  const actor = createActor(compile(createMachine({ on: { go: { actions: ['one', 'two'] } } }))).start()
  actor.send({ type: 'go' })
  const inspection = actor.system.inspect(({ type }) => seen.push(type))
  actor.send({ type: 'go' })
  inspection.unsubscribe()
  actor.send({ type: 'go' })
  expect(seen).toEqual(['@xstate.event', '@xstate.action', '@xstate.action', '@xstate.microstep', '@xstate.snapshot'])
})

test('src/compile imports xstate and itself', () => {
  const imported = sourcesIn('src/compile').flatMap(({ source }) => [...source.matchAll(/from '([^']+)'/g)].map(([, from]) => from!))

  expect([...new Set(imported.filter((from) => !from.startsWith('./')))]).toEqual(['xstate'])
})

test('two files alone reach behind the types of XState', () => {
  const reaching = ['src', 'machines']
    .flatMap(sourcesIn)
    .filter(({ source }) => /_actorScope|_processingStatus|_sendInspectionEvent|eventListeners|_relay|_deferred/.test(source))

  expect(reaching.map(({ name }) => name)).toEqual(['src/compile/xstate-child.ts', 'src/compile/xstate-internals.ts'])
})

function sourcesIn(folder: string): readonly { readonly name: string; readonly source: string }[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.includes('xstate-inspect/'))
    .map((name) => ({ name: `${folder}/${name}`, source: readFileSync(`${folder}/${name}`, 'utf8') }))
}
