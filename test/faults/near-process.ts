/**
 * The near end of a long run: a manager that dials through fault proxies, each on a seeded schedule of its own, and is
 * commanded from the same seed. Prints what it and the far end have seen, and ends by itself if nothing is left.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { type Connection, ConnectionError, ConnectionManager } from 'qudag-connections'
import { flush } from 'qudag-connections/testing'
import { faultProxy, seeded } from 'qudag-connections/testing/fault-proxy'
import { tcp } from 'qudag-connections/transports/tcp'
import { CountedTransport, Witness } from './witness.ts'

const [, , farFile = '', seedText, stepsText] = process.argv
const [seed, steps] = [Number(seedText), Number(stepsText)]
const LIMIT = 4
const PEERS = 7

const far = fork(farFile, [String(PEERS)])
const [addresses] = (await once(far, 'message')) as [string[]]
const proxies = await Promise.all(
  addresses.map((address, i) => faultProxy(address, { schedule: seeded(seed * 1_000 + i, { everyMs: 40 }) })),
)

const transport = new CountedTransport(tcp(), true)
const manager = new ConnectionManager(LIMIT, {
  transport,
  resolve: (peerId) => proxies[Number(peerId)]!.address.href,
  connectTimeoutMs: 200,
  closeTimeoutMs: 100,
  poolTimeoutMs: 100,
  metrics: { sampleMs: 50, latencyMs: 100 },
})
const witness = new Witness(manager, transport, LIMIT)

const seen = { samples: 0 }
manager.metrics$.subscribe(() => seen.samples++)

const held: Connection[] = []
const heard = new Map<string, number>()
let messages = 0
let said = 0
manager.messages$.subscribe(({ peerId, data }) => {
  const number = new DataView(data.buffer, data.byteOffset).getUint32(0)
  witness.check(number > (heard.get(peerId) ?? 0), `${peerId} echoed ${number} after ${heard.get(peerId)}`)
  heard.set(peerId, number)
  messages++
})

const random = draw(seed)
const outcomes: Record<string, number> = {}
for (let step = 0; step < steps; step++) {
  command()
  witness.recount(`in step ${step}`)
  // What the network does needs turns of the event loop; now and then, something that is under way is awaited.
  await (witness.pending > 0 && random(4) === 0 ? next() : flush())
}
const report = await witness.track(manager.shutdown({ timeoutMs: 500 }))
await Promise.all(proxies.map((proxy) => proxy.close()))
await flush()
const near = witness.testify()

far.send('report')
const [theirs] = await once(far, 'message')
const [farCode] = await once(far, 'exit')
console.log(JSON.stringify({ near, far: theirs, farCode, report, messages, outcomes }))

function command(): void {
  const peer = String(random(PEERS))
  switch (random(8)) {
    case 0:
    case 1:
    case 2:
      return connect(peer)
    case 3:
      return void witness.track(manager.disconnect(peer, random(2) === 0 ? { pool: false } : {})).catch(refused)
    case 4:
      return void witness.track(take()?.release() ?? Promise.resolve()).catch(refused)
    default:
      return say(held[random(held.length)])
  }
}

function connect(peer: string): void {
  const abort = new AbortController()
  const connecting = witness.track(manager.connect(peer, { signal: abort.signal }))
  void connecting.then(hold, refused)
  if (random(5) === 0) abort.abort(new Error('changed its mind'))
}

async function hold(connection: Connection): Promise<void> {
  count('connected')
  held.push(connection)
  await witness.track(connection.closed)
  held.splice(held.indexOf(connection), 1)
}

function say(connection: Connection | undefined): void {
  if (connection === undefined) return
  for (let i = 0; i < 5; i++) {
    const data = new Uint8Array(4 + random(3_000))
    new DataView(data.buffer).setUint32(0, ++said)
    try {
      connection.send(data)
    } catch (error) {
      refused(error)
    }
  }
}

function take(): Connection | undefined {
  return held[random(held.length)]
}

/** Until a transition is told, a promise has settled, or the metrics are sampled. */
async function next(): Promise<void> {
  const { pending, transitions } = witness
  const [told, sampled] = [transitions.length, seen.samples]
  while (witness.pending >= pending && transitions.length === told && seen.samples === sampled) await flush()
}

function refused(error: unknown): void {
  if (ConnectionError.is(error)) count(error.code)
  else if ((error as Error).message === 'changed its mind') count('aborted')
  else witness.check(false, `a call failed with what is no ConnectionError: ${String(error)}`)
}

function count(outcome: string): void {
  outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
}

/** Integers from 0 up to n, the same for the same seed: xorshift32. */
function draw(start: number): (n: number) => number {
  let state = (start * 2_654_435_761) >>> 0 || 1
  return (n) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return n === 0 ? 0 : state % n
  }
}
