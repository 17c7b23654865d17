/** Honest peers, in a process of their own: they connect, say something small, wait for the echo, and time that. */
import { openPeer } from './wire.mjs'

const { kind, port, peers, ms, host = '127.0.0.1', everyMs = 5 } = JSON.parse(process.argv[2])
const until = performance.now() + ms
const trips = []
let refused = 0
let lost = 0

async function one() {
  let echoed
  let peer
  try {
    peer = await openPeer(kind, port, () => echoed?.(), host)
  } catch {
    refused++
    return
  }
  const gone = new Promise((resolve) => peer.socket.once('close', () => resolve('gone')))
  const data = Buffer.alloc(64, 1)
  while (performance.now() < until) {
    const sentAt = performance.now()
    const echo = new Promise((resolve) => (echoed = resolve))
    peer.send(data)
    if ((await Promise.race([echo, gone])) === 'gone') {
      lost++
      return
    }
    trips.push(performance.now() - sentAt)
    await new Promise((resolve) => setTimeout(resolve, everyMs))
  }
  peer.close()
}

await Promise.race([Promise.all(Array.from({ length: peers }, one)), new Promise((resolve) => setTimeout(resolve, ms + 3_000))])
trips.sort((a, b) => a - b)
const at = (share) => trips[Math.min(trips.length - 1, Math.floor(share * trips.length))] ?? null
process.send({ p50: at(0.5), p99: at(0.99), max: at(1), trips: trips.length, refused, lost }, () => process.exit())
