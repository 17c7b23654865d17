/**
 * `npm run demo:fleet`: three nodes and a Redis, twelve peers that the nodes keep between them. One node is killed, and its peers
 * move to the others. Where there is no Redis, the nodes meet in this process. Everything is on loopback, and ends with it.
 */
import { spawn } from 'node:child_process'
import cluster from 'node:cluster'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const PEERS = 12
const NAMES = ['ann', 'bob', 'eve']
const cli = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url))
const unpacked = fileURLToPath(new URL('../../node_modules/.cache/qudag/redis-server/run/redis-server', import.meta.url))
const redis = [...(process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'redis-server')), unpacked].find(existsSync)
const folder = mkdtempSync(join(tmpdir(), 'qudag-demo-'))
const children = new Set()
const owners = new Map()
const isBrief = process.argv.includes('--brief')
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(0))

const port = await freePort()
if (redis === undefined) (await import('../../dist/src/fleet/stores/cluster-store.js')).serveClusterStore()
else start(redis, ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no'])
const ports = []
for (let i = 0; i < PEERS; i++) ports.push(await freePort())
const urls = ports.map((of) => `tcp://127.0.0.1:${of}`)
run(['--echo', '--max', '100', ...urls.flatMap((url) => ['--listen', url])], false, () => {})

const meeting = redis === undefined ? 'the memory of this process (no redis-server is installed)' : `a Redis at port ${port}`
console.log(`${PEERS} peers, and three nodes that share them by ${meeting}: each peer has one owner.`)
console.log(redis === undefined ? '' : 'The store is new, so that nothing is granted for one lease: four seconds.\n')
const nodes = new Map(
  NAMES.map((name, index) => [
    name,
    node(
      name,
      urls.filter((_, i) => i % NAMES.length === index),
    ),
  ]),
)
await until(() => owners.size === PEERS)
show('Placed')
const [victim] = [...owners.values()]
const from = Date.now()
console.log(`\nkill -9 ${victim} (pid ${nodes.get(victim).pid})\n`)
nodes.get(victim).kill('SIGKILL')
const orphans = [...owners].filter(([, name]) => name === victim).map(([url]) => url)
for (const url of orphans) owners.delete(url)
show('Now')
await until(() => owners.size === PEERS)
show(`After ${((Date.now() - from) / 1_000).toFixed(1)} s`)
console.log(`\nThe ${orphans.length} peers of ${victim} have moved. A console for each node: add --console to run.`)
if (isBrief) process.exit(0)
console.log('Ctrl-C ends the demo.')

/** A node that keeps its share of the peers; those of a node that is gone come to it by themselves. */
function node(name, own) {
  const keep = own.flatMap((url) => ['--keep', url])
  const args = [
    '--fleet',
    redis === undefined ? 'cluster' : `redis://127.0.0.1:${port}`,
    '--fleet-node',
    name,
    '--fleet-lease',
    '3000',
    '--fleet-limit',
    '100',
    '--reconnect-max',
    '2000',
  ]
  return run([...args, ...keep], redis === undefined, ({ type, peerId, to }) => {
    if (type !== 'transition') return
    if (to === 'Connected') owners.set(peerId, name)
    else if (owners.get(peerId) === name) owners.delete(peerId)
  })
}

function run(args, isWorker, told) {
  const child = isWorker ? startWorker(['run', '--json', ...args]) : start(process.execPath, [cli, 'run', '--json', ...args])
  createInterface({ input: child.stdout }).on('line', (line) => told(JSON.parse(line)))
  return child
}

function start(program, args) {
  const child = watched(spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] }))
  if (program === redis) child.stdout.resume()
  return child
}

function startWorker(args) {
  cluster.setupPrimary({ exec: cli, args, silent: true })
  const { process: child } = cluster.fork()
  child.stderr.pipe(process.stderr)
  return watched(child)
}

function watched(child) {
  children.add(child)
  child.once('exit', () => children.delete(child))
  return child
}

function show(title) {
  console.log(title)
  for (const name of NAMES) {
    const held = [...owners].filter(([, owner]) => owner === name).map(([url]) => `:${url.slice(-5)}`)
    console.log(`  ${name}  ${String(held.length).padStart(2)} ${'#'.repeat(held.length).padEnd(PEERS)} ${held.toSorted().join(' ')}`)
  }
}

async function until(holds) {
  for (let tries = 0; !holds(); tries++) {
    if (tries > 1_200) throw new Error('the fleet does not come to rest')
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port: free } = server.address()
  await new Promise((resolve) => server.close(resolve))
  return free
}
