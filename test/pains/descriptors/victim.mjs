/** A manager in a process with few descriptors: it listens, and dials when it is told to. Its argument: where, and what is not as by default. */
import { createInterface } from 'node:readline'
import { ConnectionManager } from 'qudag-connections'
import { tcp } from 'qudag-connections/transports/tcp'
import { websocket } from 'qudag-connections/transports/websocket'
import { limit, say } from './few.mjs'

limit(64)
const { address, tls, metrics } = JSON.parse(process.argv[2])
const manager = new ConnectionManager(200, { transport: [tcp(), websocket(tls === undefined ? {} : { tls })], metrics })
manager.connections$.subscribe((connection) => connection.direction === 'inbound' && connection.send(Uint8Array.of(1)))
const listener = await manager.listen(address)
say({ address: listener.address.href })
for await (const line of createInterface({ input: process.stdin })) {
  const { dial, end } = JSON.parse(line)
  if (dial !== undefined) {
    const outcome = await manager.connect(dial).then(
      () => 'ok',
      ({ message }) => message,
    )
    say({ outcome })
  } else if (end === true) {
    const { connections, memoryUsageStale = false, memoryUsage } = await manager.getMetrics()
    say({ connections, memoryUsageStale, hasMemory: memoryUsage > 0 })
    await manager.shutdown()
    process.exit(0)
  }
}
