/** A node of a fleet in a process of its own: it does what it is told over its channel, and says who it is on every link. */
import { ConnectionManager } from 'qudag-connections'
import { fleet } from 'qudag-connections/fleet'
import { etcdStore } from 'qudag-connections/fleet/etcd'
import { redisStore } from 'qudag-connections/fleet/redis'
import { tcp } from 'qudag-connections/transports/tcp'

const { store: url, name, limit, leaseMs, judge } = JSON.parse(process.argv[2])
const store = url.startsWith('redis:') ? redisStore({ url, deadlineMs: 3_000 }) : etcdStore({ url, deadlineMs: 3_000 })
const renew = store.renew.bind(store)
store.renew = async (...args) => {
  const isExtended = await renew(...args)
  if (isExtended) process.send?.({ type: 'renewed' })
  return isExtended
}
const node = fleet({ store, limit, name, leaseMs, takeoverPerSecond: 50, permitWaitMs: 2_000 })
const manager = new ConnectionManager(1_000, {
  transport: tcp(),
  fleet: node,
  resolve: () => judge,
  breaker: false,
  connectTimeoutMs: 60_000,
  waitTimeoutMs: 120_000,
  reconnect: { baseMs: 200, maxMs: 1_000 },
  maxWaiting: 2_000,
  limits: { dialing: 15 },
  onError: (error) => process.send?.({ type: 'fault', message: String(error.stack) }),
})
/** Says who holds it, over each link, again and again: whoever believes to own a peer speaks. */
const speak = (connection) => {
  try {
    connection.send(new TextEncoder().encode(`${process.pid} ${connection.peerId}`))
  } catch {
    // It is over.
  }
}
manager.connections$.subscribe(speak)
setInterval(() => {
  for (const { peerId, status } of manager.peers()) if (status === 'Connected') speak(manager.get(peerId))
}, 250)

const commands = {
  async connect({ peers }) {
    const outcomes = await Promise.all(
      peers.map((peer) =>
        manager.connect(peer).then(
          () => 'connected',
          (error) => `${error.code}${error.reason === undefined ? '' : ` ${error.reason}`}`,
        ),
      ),
    )
    const counts = {}
    for (const outcome of outcomes) counts[outcome] = (counts[outcome] ?? 0) + 1
    return counts
  },
  async keep({ peers }) {
    for (const peer of peers) manager.keep(peer)
  },
  async release({ but = [] }) {
    const peers = [...manager.peers()].filter(({ peerId }) => !but.includes(peerId))
    await Promise.all(peers.map(({ peerId }) => manager.disconnect(peerId, { pool: false })))
  },
  async joined() {
    await node.joined()
  },
  async explain() {
    return { ...node.explain(), connected: manager.metrics.connections }
  },
  async end() {
    await manager.shutdown()
    await store.close()
    setImmediate(() => process.exit(0))
  },
}
process.on('message', ({ id, command, ...rest }) => {
  commands[command](rest).then(
    (answer) => process.send?.({ type: 'answer', id, answer }),
    (error) => process.send?.({ type: 'answer', id, error: String(error.stack) }),
  )
})
process.once('disconnect', () => process.exit(0))
void node.joined().then(() => process.send?.({ type: 'joined' }))
