/** A program of `node:cluster` whose primary keeps the store of its workers; it does what its first argument names and prints the result. */
import cluster from 'node:cluster'
import { once } from 'node:events'
import { clusterStore, serveClusterStore } from 'qudag-connections/fleet/cluster'
import { testFleetStore } from 'qudag-connections/fleet/testing'
import fc from 'fast-check'
import { drive, histories } from './store-histories.mjs'

const say = (value) => console.log(JSON.stringify(value))

/** The next message of the program itself: those of the store pass through the same channel. */
const hear = (from) =>
  new Promise((resolve) => {
    const listen = ({ app }) => {
      if (app === undefined) return
      from.off('message', listen)
      resolve(app)
    }
    from.on('message', listen)
  })
const tell = (app) => process.send({ app })

/** What the primary does. */
const PRIMARY = {
  async suite() {
    const store = serveClusterStore()
    const worker = cluster.fork()
    let said
    while ((said = await hear(worker)) === 'lose') store.forget()
    say(said)
    worker.kill()
  },
  async histories() {
    serveClusterStore()
    const worker = cluster.fork()
    say(await hear(worker))
    worker.kill()
  },
  /** Four workers claim the same fifty keys at once. */
  async contenders() {
    const store = clusterStore()
    const workers = Array.from({ length: 4 }, () => cluster.fork())
    await Promise.all(workers.map(hear))
    const claimed = workers.map(hear)
    for (const worker of workers) worker.send({ app: 'go' })
    const sums = await Promise.all(claimed)
    say({ sums, entries: (await store.list('peer/')).length })
    for (const worker of workers) worker.kill()
  },
  /** A worker dies that holds two keys, one by a store that it has closed; another watches. */
  async death() {
    const store = serveClusterStore()
    const [dies, watches] = [cluster.fork({ PART: 'holds' }), cluster.fork({ PART: 'watches' })]
    await Promise.all([hear(dies), hear(watches)])
    const told = hear(watches)
    await store.write([], [{ type: 'put', key: 'told', value: '' }])
    dies.process.kill('SIGKILL')
    await once(dies, 'exit')
    const { type } = await told
    say({ event: type, left: (await store.list('')).map(({ key }) => key) })
    watches.kill()
  },
  /** A worker loses its channel and runs on; then it is killed. */
  async channel() {
    const store = serveClusterStore()
    const holds = cluster.fork({ PART: 'holds' })
    await hear(holds)
    holds.send({ app: 'disconnect' })
    await once(holds, 'disconnect')
    const without = (await store.list('')).map(({ key }) => key)
    const { pid } = holds.process
    process.kill(pid, 0)
    process.kill(pid, 'SIGKILL')
    await once(holds, 'exit')
    say({ without, left: await store.list('') })
  },
  /** Nobody keeps a store here. */
  async unserved() {
    const worker = cluster.fork()
    say(await hear(worker))
    worker.kill()
  },
  /** The primary does nothing for longer than a worker waits, and then goes on. */
  async stalled() {
    const store = serveClusterStore()
    const worker = cluster.fork()
    await hear(worker)
    worker.send({ app: 'go' })
    await new Promise((resolve) => {
      const listen = ({ app }) => {
        if (app !== 'asking') return
        worker.off('message', listen)
        // Within the listener: what the worker asks next waits behind this message.
        const end = performance.now() + 1_500
        while (performance.now() < end);
        resolve()
      }
      worker.on('message', listen)
    })
    const answer = await hear(worker)
    say({ ...answer, isDone: (await store.get('late')) !== undefined })
    worker.kill()
  },
}

/** Holds two keys by leases that outlast every test, one of them by a store that is closed. */
async function hold(store) {
  const closed = clusterStore({ deadlineMs: 20_000 })
  for (const [by, key] of [
    [store, 'peer/1'],
    [closed, 'peer/2'],
  ]) {
    const lease = await by.grant(3_600_000)
    await by.write([], [{ type: 'put', key, value: '', lease }])
  }
  await closed.close()
  tell('holds')
}

/** What a worker does. */
const WORKER = {
  async histories() {
    const stores = [clusterStore({ deadlineMs: 20_000 }), clusterStore({ deadlineMs: 20_000 })]
    let runs = 0
    const property = fc.asyncProperty(histories, (history) => drive(stores, `history-${++runs}/`, history))
    await fc.assert(property, { numRuns: 60 }).then(
      () => tell('no counterexample'),
      (error) => tell(error.message),
    )
  },
  async suite() {
    const rows = []
    const framework = { describe: (_, body) => body(), test: (title, body) => rows.push([title, body]) }
    const loseData = () => tell('lose')
    const open = () => ({ clients: [clusterStore({ deadlineMs: 20_000 }), clusterStore({ deadlineMs: 20_000 })], loseData })
    testFleetStore({ name: 'cluster', losesData: true, open }, framework)
    const failures = []
    for (const [title, body] of rows) await body().catch((error) => failures.push(`${title}: ${error.message}`))
    tell({ rows: rows.length, failures })
  },
  async contenders() {
    const store = clusterStore({ deadlineMs: 20_000 })
    await store.life()
    tell('ready')
    await hear(process)
    const claim = (key) => store.write([{ key, revision: 0 }], [{ type: 'put', key, value: String(process.pid) }])
    const claims = await Promise.all(Array.from({ length: 50 }, (_, i) => claim(`peer/${i}`)))
    tell(claims.filter(({ done }) => done).length)
  },
  async death() {
    const store = clusterStore({ deadlineMs: 20_000 })
    if (process.env.PART === 'holds') await hold(store)
    else {
      store.watch('peer/', (event) => {
        if (event.type === 'lost') tell('watches')
        if (event.type === 'delete') tell(event)
      })
    }
  },
  async channel() {
    await hold(clusterStore({ deadlineMs: 20_000 }))
    await hear(process)
    setInterval(() => {}, 1_000)
    process.disconnect()
  },
  async unserved() {
    const startedAt = performance.now()
    const error = await clusterStore({ deadlineMs: 300 })
      .life()
      .catch((reason) => reason)
    tell({ code: error.code, reason: error.reason, waitedMs: Math.round(performance.now() - startedAt) })
  },
  async stalled() {
    const store = clusterStore({ deadlineMs: 500 })
    await store.life()
    tell('ready')
    await hear(process)
    tell('asking')
    // The primary stands still where it hears that, before it hears what follows.
    const { code, reason } = await store.write([], [{ type: 'put', key: 'late', value: '' }]).catch((error) => error)
    await store
      .life()
      .catch(() => store.life())
      .catch(() => store.life())
    tell({ code, reason })
  },
}

await (cluster.isPrimary ? PRIMARY : WORKER)[process.argv[2]]()
