/** The far end of a soak: a manager that listens over TCP and WebSocket and echoes, until it is told to end. */
import { ConnectionManager } from 'qudag-connections'
import { tcp } from 'qudag-connections/transports/tcp'
import { websocket } from 'qudag-connections/transports/websocket'
import { heapUsed, leftovers } from './measure.mjs'

const manager = new ConnectionManager(200, {
  transport: [tcp(), websocket()],
  heartbeat: { idleMs: 500, minTimeoutMs: 500, silenceMs: 3_000 },
})
manager.messages$.subscribe(({ peerId, data }) => {
  try {
    manager.get(peerId)?.send(data)
  } catch {
    // It ended between the message and its echo, or takes no more.
  }
})
const addresses = [(await manager.listen('tcp://127.0.0.1:0')).address.href, (await manager.listen('ws://127.0.0.1:0')).address.href]
process.send(addresses)
process.on('message', (request) => void answer(request))
process.once('disconnect', () => process.exit())

async function answer(request) {
  if (request === 'heap') process.send({ heap: await heapUsed() })
  if (request === 'end') {
    const { metrics } = manager
    await manager.shutdown({ timeoutMs: 2_000 })
    process.send({ left: await leftovers(), peers: [...manager.peers()].length, inbound: metrics.inbound }, () => process.disconnect())
  }
}
