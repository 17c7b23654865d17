/** A transport of one's own: a manager in each of two threads, and links between them over a `MessagePort`. */
import { isMainThread, type Transferable, Worker, workerData } from 'node:worker_threads'
import { type Connection, ConnectionManager } from 'qudag-connections'
import { filter, firstValueFrom } from 'rxjs'
import { messagePort } from './message-port.ts'

await (isMainThread ? ask() : count(workerData))

/** The thread that has the work done elsewhere. */
async function ask(): Promise<void> {
  const { port1, port2 } = new MessageChannel()
  // The same port to Node's types and to those of the DOM, which do not know each other.
  const transferList = [port2 as unknown as Transferable]
  const worker = new Worker(new URL(import.meta.url), { workerData: port2, transferList })
  const manager = new ConnectionManager(10, { transport: messagePort({ port: port1 }) })
  manager.transitions$.subscribe(({ from, to, reason }) => console.log(`${from ?? 'unknown'} -> ${to ?? 'unknown'} (${reason})`))

  const counter = await manager.connect('message-port://counter')
  counter.send(new TextEncoder().encode('to be or not to be'))
  for await (const answer of counter) {
    console.log('the worker counts', new TextDecoder().decode(answer))
    break
  }

  // A thread that is ended says no goodbye: that is a failure, and not a close in order.
  const failed = firstValueFrom(manager.transitions$.pipe(filter(({ to }) => to === 'Failed')))
  await worker.terminate()
  console.log('it failed:', (await failed).failure?.message)

  await manager.shutdown()
  port1.close()
}

/** The thread that counts words. */
async function count(port: MessagePort): Promise<void> {
  const manager = new ConnectionManager(10, { transport: messagePort({ port }) })
  manager.connections$.subscribe((connection) => void answerAll(connection))
  await manager.listen('message-port://counter')
}

/** Answers no faster than the other side reads. */
async function answerAll(connection: Connection): Promise<void> {
  try {
    for await (const text of connection) {
      const words = new TextDecoder().decode(text).split(' ')
      if (!connection.send(new TextEncoder().encode(`${words.length} words`))) await connection.drained()
    }
  } catch (error) {
    console.error(error)
  }
}
