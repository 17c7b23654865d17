/** Links that the app opens itself, here over UDP: it reports what becomes of them, and they are counted with all the others. */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { ConnectionManager } from 'qudag-connections'
import { filter, firstValueFrom } from 'rxjs'

const manager = new ConnectionManager(10, { metrics: { sampleMs: 20 } })
manager.transitions$.subscribe(({ peerId, from, to, reason }) =>
  console.log(`${peerId}: ${from ?? 'unknown'} -> ${to ?? 'unknown'} (${reason})`),
)

// The other side answers whatever it gets.
const other = await open()
other.on('message', (message, { port }) => other.send(message, port, '127.0.0.1'))

const mine = await open()
await manager.updateStatus('sensor', 'Connecting')
await ask('are you there?')
await manager.updateStatus('sensor', 'Connected')

for (let i = 0; i < 20; i++) {
  const sent = performance.now()
  const [answer] = await ask(`reading ${i}`)
  manager.recordMessage('sensor', { bytes: answer.byteLength, latencyMs: performance.now() - sent })
}

const [sensor] = manager.peers()
console.log(`${sensor?.peerId} is ${sensor?.status}, owned by the ${sensor?.owner}, round trip known: ${sensor?.latency !== null}`)

// Rates and latency are those of the last sample, so this one is waited for.
const measured = await firstValueFrom(manager.metrics$.pipe(filter(({ avgLatency }) => avgLatency !== null)))
console.log(`${measured.connections} connected, messages are counted: ${measured.messagesPerSecond > 0}`)

await manager.updateStatus('sensor', 'Failed', { failure: { code: 'BATTERY_LOW', message: 'it said goodbye' } })
for (const { peerId, failure } of manager.peers()) console.log(`${peerId} failed: ${failure?.code}, ${failure?.message}`)
await manager.shutdown()
mine.close()
other.close()

async function open(): Promise<Socket> {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return socket
}

function ask(question: string): Promise<[Buffer]> {
  const answer = once(mine, 'message') as Promise<[Buffer]>
  mine.send(question, other.address().port, '127.0.0.1')
  return answer
}
