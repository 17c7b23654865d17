/** A process of peers never outlives the demo: when the demo's end of the channel is gone, so is it. */
import { setMaxListeners } from 'node:events'
import { identityFromPem } from '../../transports/identity.ts'
import type { Assignment, Keys, PeersReady } from './assignment.ts'
import { Peer } from './peer.ts'

const { scheme, hub, callers, answerers } = JSON.parse(process.argv[2] ?? '') as Assignment
const over = new AbortController()
const peers: Peer[] = []
// Every peer waits for it.
setMaxListeners(0, over.signal)

// Ctrl-C reaches the whole group of a terminal; the demo decides what becomes of it.
process.on('SIGINT', () => {})
process.once('disconnect', () => void end())
// It may have been cut before anybody listened.
if (!process.connected) await end()

// They came as soon as the process was there, and wait for a listener.
const keys = await new Promise<Keys>((resolve) => process.once('message', (told) => resolve(told as Keys)))

function peerOf(name: string): Peer {
  const pem = keys[name]
  const peer = new Peer(over.signal, pem === undefined ? undefined : identityFromPem(pem))
  peers.push(peer)
  return peer
}

const addresses = await Promise.all(
  answerers.map(async (name) => {
    return [name, await peerOf(name).answer(scheme)] as const
  }),
)
// The demo may be gone by now, which `disconnect` tells; without a callback, sending would throw an error of its own.
process.send?.({ addresses } satisfies PeersReady, undefined, undefined, () => {})
for (const name of callers) {
  void peerOf(name).call(name, hub)
}

async function end(): Promise<void> {
  over.abort()
  await Promise.all(peers.map((peer) => peer.shutdown()))
  process.exit(0)
}
