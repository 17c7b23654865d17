/** What a page is told of a fleet: at once, again when it is otherwise, bounded and redacted; and nothing where there is none. */
import { ConnectionManager } from 'qudag-connections'
import { serveConsole, type ConsoleOptions, managerSource } from 'qudag-connections/console'
import { fleet, memoryStore } from 'qudag-connections/fleet'
import { scripted } from 'qudag-connections/testing'
import { expect, onTestFinished, test } from 'vitest'
import { Page } from './page.ts'

async function served(options: ConsoleOptions = {}, name = 'ann') {
  const store = memoryStore()
  const node = fleet({ store, limit: 8, name, leaseMs: 600_000 })
  const manager = new ConnectionManager(4, {
    transport: scripted({ autoOpen: true, autoClose: 'sync' }),
    fleet: node,
    metrics: { sampleMs: 20 },
  })
  const source = managerSource(manager)
  const console = await serveConsole(source, options)
  onTestFinished(async () => {
    await console.close()
    await manager.shutdown()
  })
  await node.joined()
  return { store, node, manager, source, console }
}

test('a page hears how the node stands, and again when that is otherwise', async () => {
  const { manager, console } = await served()
  const page = new Page(console.url)
  const { hello } = await page.open()
  expect(hello.fleet).toMatchObject({ node: 'ann', fleet: 'fleet', state: 'joined', store: 'memory', owned: 0, permits: { limit: 8 } })
  await manager.connect('scripted://a')
  await page.next('fleet', ({ fleet: { owned } }) => owned === 1)
  await manager.shutdown()
  await page.next('fleet', ({ fleet: { state } }) => state === 'left')
})

test('what did not change is not told again', async () => {
  const { console } = await served()
  const page = new Page(console.url)
  await page.open()
  let told = 0
  page.socket.on('message', (data: Buffer) => (told += data.toString().startsWith('{"type":"fleet"') ? 1 : 0))
  // Permits and nodes may still come in; then nothing is told for as long as nothing changes.
  let quiet = 0
  for (let samples = 0; samples < 100 && quiet < 5; samples++) {
    const before = told
    await page.next('metrics')
    quiet = told === before ? quiet + 1 : 0
  }
  expect(quiet).toBe(5)
})

test('a hundred nodes are named, however many there are, and all of it passes the app’s own rule', async () => {
  const { source, console } = await served({ redact: (value, path) => (path.at(-1) === 'name' ? 'hidden' : value) })
  const standing = source.fleet?.()
  const living = Array.from({ length: 2_000 }, (_, i) => ({ id: `n${i}`, name: `n${i}`, since: i, epoch: i }))
  source.fleet = () => ({ ...standing!, nodes: 2_000, living })
  const { hello } = await new Page(console.url).open()
  expect(hello.fleet?.nodes).toBe(2_000)
  expect(hello.fleet?.living).toHaveLength(100)
  expect(hello.fleet?.living?.[0]).toEqual({ id: 'n0', name: 'hidden', since: 0, epoch: 0 })
})

test('without a fleet nothing is told', async () => {
  const manager = new ConnectionManager(1, { transport: scripted({ autoOpen: true, autoClose: 'sync' }) })
  const console = await serveConsole(manager)
  onTestFinished(async () => {
    await console.close()
    await manager.shutdown()
  })
  const { hello } = await new Page(console.url).open()
  expect(hello).not.toHaveProperty('fleet')
})
