/**
 * Every attack by its name: what a stranger does to a port, in a process of its own, until its parent leaves.
 *
 * `over`: the servers it is for. `does`: what the victim's application does. `off`: the options under which the defence
 * does not act; with them the attack must hurt. `descriptors`: how few the victim has.
 */
import { fileURLToPath } from 'node:url'
import { header, ping, pong, silentSocket, tcpPeer, wsFrame, wsPeer, openPeer } from './wire.mjs'
import { framed } from '../bench/framing.mjs'

/** Writes as fast as the other side takes it. */
function pour(socket, chunk) {
  const write = () => {
    while (!socket.destroyed && socket.write(chunk)) continue
  }
  socket.on('drain', write)
  write()
}

const many = (count, make) => Promise.allSettled(Array.from({ length: count }, make))
const repeated = (frame, count) => Buffer.concat(Array.from({ length: count }, () => frame))

/** Sends a chunk every so often, as fast as the loop turns: each arrives by itself. */
function drip(socket, chunk, count) {
  let left = count
  const next = () => {
    if (socket.destroyed || left-- <= 0) return
    if (socket.write(chunk)) setImmediate(next)
    else socket.once('drain', next)
  }
  next()
}

export const ATTACKS = {
  'silent strangers until no descriptor is left': {
    over: ['tcp', 'ws'],
    descriptors: 64,
    async run(_kind, port) {
      // One that is cut comes back at once.
      const stay = async () => {
        for (let i = 0; i < 200; i++) {
          const socket = await silentSocket(port).catch(() => undefined)
          if (socket === undefined) await new Promise((resolve) => setTimeout(resolve, 50))
          else await new Promise((resolve) => socket.once('close', resolve))
        }
      }
      void many(100, stay)
    },
  },
  'small messages that wait, each in a chunk of its own': {
    over: ['tcp', 'ws'],
    does: 'reads nothing',
    async run(kind, port) {
      await many(4, async () => {
        if (kind === 'ws') {
          const { raw } = await wsPeer(port)
          pour(raw, Buffer.concat([wsFrame(2, Buffer.alloc(65)), repeated(wsFrame(10, Buffer.alloc(100)), 610)]))
        } else {
          const { socket } = await tcpPeer(port)
          pour(socket, Buffer.concat([framed(Buffer.alloc(65)), repeated(pong(0), 8_100)]))
        }
      })
    },
  },
  'one message in fragments of one byte': {
    over: ['ws'],
    async run(_kind, port) {
      await many(4, async () => {
        const { raw } = await wsPeer(port)
        raw.write(wsFrame(2, Buffer.alloc(1), false))
        pour(raw, Buffer.concat([wsFrame(0, Buffer.alloc(1), false), repeated(wsFrame(10, Buffer.alloc(100)), 610)]))
      })
    },
  },
  'pings of a peer that never reads': {
    over: ['tcp', 'ws'],
    async run(kind, port) {
      await many(12, async () => {
        const peer = await openPeer(kind, port)
        peer.deaf()
        if (kind === 'ws') pour(peer.raw, repeated(wsFrame(9, Buffer.alloc(0)), 8_000))
        else pour(peer.socket, repeated(ping(1), 8_000))
      })
    },
  },
  'a peer that never reads, of an application that ignores what send says': {
    over: ['tcp', 'ws'],
    does: 'ignores false',
    async run(kind, port) {
      const peer = await openPeer(kind, port)
      peer.deaf()
    },
  },
  'messages of 16 MiB that are never finished': {
    over: ['tcp', 'ws'],
    async run(kind, port) {
      const LENGTH = 16 * 1024 * 1024
      await many(40, async () => {
        if (kind === 'ws') {
          const { raw } = await wsPeer(port)
          const whole = wsFrame(2, Buffer.alloc(LENGTH))
          raw.write(whole.subarray(0, whole.length - 1))
        } else {
          const { socket } = await tcpPeer(port)
          socket.write(header(LENGTH))
          socket.write(Buffer.alloc(LENGTH - 1))
        }
      })
    },
  },
  'messages of one byte without end': {
    over: ['tcp', 'ws'],
    async run(kind, port) {
      const peer = await openPeer(kind, port)
      if (kind === 'ws') pour(peer.raw, repeated(wsFrame(2, Buffer.alloc(1)), 8_000))
      else pour(peer.socket, repeated(framed(Buffer.alloc(1)), 8_000))
    },
  },
  'pings without end': {
    over: ['tcp', 'ws'],
    async run(kind, port) {
      const peer = await openPeer(kind, port)
      if (kind === 'ws') pour(peer.raw, repeated(wsFrame(9, Buffer.alloc(0)), 8_000))
      else pour(peer.socket, repeated(ping(1), 8_000))
    },
  },
  'requests in a pipeline': {
    over: ['ws'],
    async run(_kind, port) {
      const requests = Buffer.from('GET / HTTP/1.1\r\nhost: a\r\n\r\n'.repeat(2_000))
      const again = async () => {
        const socket = await silentSocket(port).catch(() => undefined)
        if (socket === undefined) return void setTimeout(() => void again(), 10)
        socket.on('data', () => {})
        socket.once('close', () => setImmediate(() => void again()))
        drip(socket, requests, 12)
      }
      await again()
    },
  },
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.once('disconnect', () => process.exit())
  process.on('uncaughtException', () => {})
  const { name, kind, port } = JSON.parse(process.argv[2])
  await ATTACKS[name].run(kind.replace(/^(bare|naive)-/, ''), port)
  process.send({ begun: true })
}
