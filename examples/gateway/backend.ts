/** A backend that listens for the gateway over TCP, and answers each text in capitals. */
import { type Connection, ConnectionManager } from 'qudag-connections'
import { decode, encode } from './words.ts'

/** A backend that runs. */
export interface Backend {
  readonly address: string
  stop(): Promise<void>
}

/** Starts a backend; port 0: any that is free. */
export async function startBackend(address: string): Promise<Backend> {
  const manager = new ConnectionManager(10)
  manager.connections$.subscribe((connection) => void answer(connection))
  const listener = await manager.listen(address)
  return { address: listener.address.href, stop: async () => void (await manager.shutdown()) }
}

/** Answers no faster than the gateway reads. */
async function answer(connection: Connection): Promise<void> {
  try {
    for await (const data of connection) {
      const { user, text } = decode(data)
      if (!connection.send(encode({ user, text: text.toUpperCase() }))) await connection.drained()
    }
  } catch (error) {
    console.error(error)
  }
}
