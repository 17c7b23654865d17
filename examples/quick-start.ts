/** Two managers, one wire: listen, connect, talk, give the link back, get it again, look at the numbers, end. */
import { type Connection, ConnectionManager } from 'qudag-connections'

const hub = new ConnectionManager(100)
const { address } = await hub.listen('tcp://127.0.0.1:0')
hub.connections$.subscribe((connection) => void echo(connection))

const manager = new ConnectionManager(10)
manager.transitions$.subscribe(({ from, to, reason }) => console.log(`${from ?? 'unknown'} -> ${to ?? 'unknown'} (${reason})`))

const hello = await manager.connect(address.href)
hello.send(new TextEncoder().encode('hello'))
for await (const message of hello) {
  console.log('the hub says', new TextDecoder().decode(message))
  break
}

// The last hold that is given back sends the link into the pool, and the next connect takes it out again.
await hello.release()
const again = await manager.connect(address.href)
await again.release()

const { dials, pool, connections } = await manager.getMetrics()
console.log(`dialled ${dials.succeeded} time, reused ${pool.hits} time, ${connections} connected, ${pool.size} pooled`)

console.log('closed', await manager.shutdown())
await hub.shutdown()

/** Sends back what arrives, no faster than the other side reads it. */
async function echo(connection: Connection): Promise<void> {
  try {
    for await (const message of connection) {
      if (!connection.send(message)) await connection.drained()
    }
  } catch (error) {
    console.error(error)
  }
}
