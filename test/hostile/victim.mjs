/**
 * The server under attack, in a process of its own: ours, or a bare one that does the same with the same bytes.
 *
 * It is told what to be by its first argument, gives its port, and answers `usage` with what it holds.
 */
import { createServer } from 'node:net'
import { WebSocketServer } from 'ws'
import { ConnectionManager } from 'qudag-connections'
import { tcp } from 'qudag-connections/transports/tcp'
import { websocket } from 'qudag-connections/transports/websocket'
import { framed, FrameParser, GREETING } from '../bench/framing.mjs'
import { limit } from '../pains/descriptors/few.mjs'
import { pong, SUBPROTOCOL } from './wire.mjs'

const {
  kind,
  does = 'echo',
  options = {},
  transport = {},
  descriptors,
} = JSON.parse(process.argv[2], (_, value) => (value === 'Infinity' ? Infinity : value))
if (descriptors !== undefined) limit(descriptors)
const BIG = Buffer.alloc(64 * 1024, 7)

let manager
const KINDS = {
  tcp: () => managed('tcp', tcp(transport)),
  ws: () => managed('ws', websocket(transport)),
  'bare-tcp': () => bareTcp(false),
  'bare-ws': () => bareWs(false),
  'naive-tcp': () => bareTcp(true),
  'naive-ws': () => bareWs(true),
}

async function managed(scheme, made) {
  manager = new ConnectionManager(options.maxConnections ?? 1_000, { transport: made, rate: false, limits: { inbound: 1_000 }, ...options })
  if (does === 'echo') manager.messages$.subscribe(({ peerId, data }) => trySend(manager.get(peerId), data))
  // As the first programs of many are: what `send` returns is not looked at.
  if (does === 'ignores false') manager.connections$.subscribe((connection) => flood(() => connection.send(BIG)))
  const { address } = await manager.listen(`${scheme}://127.0.0.1:0`)
  return Number(address.port)
}

/** Sends without end, as fast as the loop turns; ends at the first error. */
function flood(send) {
  const turn = () => {
    try {
      for (let i = 0; i < 16; i++) send()
    } catch {
      return
    }
    setImmediate(turn)
  }
  turn()
}

function trySend(connection, data) {
  try {
    connection?.send(data)
  } catch {
    // It ended, or takes no more: an echo has nobody to tell.
  }
}

/** Keeps messages that nobody reads, a mebibyte of them by their own bytes, as a manager without a defence would. */
function shelf() {
  const kept = []
  let bytes = 0
  return (data) => {
    if (bytes > 1024 * 1024) return
    kept.push(data)
    bytes += data.byteLength
  }
}

/** @param isNaive without any defence: it answers each ping at once, and keeps what nobody reads as it came */
function bareTcp(isNaive) {
  const server = createServer({ noDelay: true }, (socket) => {
    const keep = shelf()
    const message = (data) => (does === 'echo' ? socket.write(framed(data)) : isNaive && keep(data))
    const parser = new FrameParser(message, () => socket.destroy(), isNaive ? (id) => socket.write(pong(id)) : undefined)
    socket.write(GREETING)
    socket.on('error', () => {}).on('data', (chunk) => parser.push(chunk))
    if (does === 'ignores false') flood(() => socket.write(framed(BIG)))
  })
  return listening(server)
}

function bareWs(isNaive) {
  const server = new WebSocketServer({
    port: 0,
    host: '127.0.0.1',
    perMessageDeflate: false,
    autoPong: !isNaive,
    handleProtocols: () => SUBPROTOCOL,
  })
  server.on('connection', (socket) => {
    const keep = shelf()
    socket.on('error', () => {})
    socket.on('message', (data, isBinary) => isBinary && (does === 'echo' ? socket.send(data) : isNaive && keep(data)))
    if (isNaive) socket.on('ping', (payload) => socket.send(payload.toString()))
  })
  return new Promise((resolve) => server.once('listening', () => resolve(server.address().port)))
}

function listening(server) {
  return new Promise((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, () => resolve(server.address().port)))
}

let peakRss = 0
let peakHeap = 0
const look = () => {
  try {
    const { rss, heapUsed } = process.memoryUsage()
    peakRss = Math.max(peakRss, rss)
    peakHeap = Math.max(peakHeap, heapUsed)
  } catch {
    // No descriptor is left to look with.
  }
}
const timer = setInterval(look, 50)

process.once('disconnect', () => process.exit())
process.on('message', (request) => void answer(request))

async function answer(request) {
  if (request === 'usage') {
    look()
    process.send({
      peakRss,
      peakHeap,
      peers: manager === undefined ? 0 : [...manager.peers()].filter(({ status }) => status === 'Connected').length,
    })
  }
  if (request === 'reset') {
    globalThis.gc?.()
    peakRss = peakHeap = 0
    look()
    process.send({})
  }
  if (request?.connect !== undefined) {
    const found = await manager.connect(request.connect).then(
      (connection) => connection.release().then(() => 'connected'),
      (error) => `${error.code}: ${error.message}`,
    )
    process.send({ found })
  }
  if (request === 'stop') {
    clearInterval(timer)
    const report = await manager?.shutdown({ timeoutMs: 1_000 })
    process.send({ report, left: process.getActiveResourcesInfo().filter((name) => /TCP|Timeout|Immediate/.test(name)) })
  }
}

process.send({ port: await KINDS[kind]() })
