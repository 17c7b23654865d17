/**
 * The wire as a stranger speaks it, with none of our code: sockets of `node:net` and of `ws`, and bytes.
 *
 * What both kinds of server are sent is the same, so that a bare server can stand beside ours.
 */
import { connect } from 'node:net'
import { framed, FrameParser, GREETING } from '../bench/framing.mjs'
import { WebSocket } from 'ws'

export const SUBPROTOCOL = 'qudag-connections.v2'

const PING = 1
const PONG = 2

/** A frame that announces a message of `length` bytes, and nothing of it. */
export function header(length, kind = 0) {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(((kind << 29) | length) >>> 0)
  return bytes
}

/** A ping or a pong. */
function control(kind, id) {
  const bytes = Buffer.alloc(8)
  bytes.writeUInt32BE(((kind << 29) | 4) >>> 0)
  bytes.writeUInt32BE(id, 4)
  return bytes
}

export const ping = (id) => control(PING, id)
export const pong = (id) => control(PONG, id)

/** A socket that only exists: it says nothing. */
export function silentSocket(port, host = '127.0.0.1') {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host }, () => resolve(socket))
    socket.once('error', reject)
    socket.on('error', () => {})
  })
}

/** An open peer over TCP. */
export async function tcpPeer(port, message = () => {}, host = '127.0.0.1') {
  const socket = await silentSocket(port, host)
  socket.setNoDelay(true)
  socket.write(GREETING)
  const parser = new FrameParser(message, () => socket.destroy())
  const read = (chunk) => parser.push(chunk)
  socket.on('data', read)
  return {
    socket,
    send: (data) => socket.write(framed(data)),
    /** Reads nothing more. */
    deaf() {
      socket.off('data', read)
      socket.pause()
    },
    close: () => socket.destroy(),
  }
}

/** An open peer over WebSocket. */
export function wsPeer(port, message = () => {}, host = '127.0.0.1') {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://${host}:${port}/`, SUBPROTOCOL, { perMessageDeflate: false })
    socket.once('error', reject)
    socket.on('error', () => {})
    socket.on('message', (data, isBinary) => isBinary && message(data))
    let raw
    socket.once('upgrade', (response) => (raw = response.socket))
    socket.once('open', () => {
      raw.setNoDelay(true)
      resolve({
        socket,
        raw,
        send: (data) => socket.send(data),
        deaf: () => raw.pause(),
        close: () => socket.terminate(),
      })
    })
  })
}

export const openPeer = (kind, ...args) => (kind.endsWith('ws') ? wsPeer(...args) : tcpPeer(...args))

/** One client frame of WebSocket, masked with zeros so that the bytes stay as they are. */
export function wsFrame(opcode, payload, isFinal = true) {
  const { length } = payload
  const size = length < 126 ? 0 : length < 65_536 ? 2 : 8
  const frame = Buffer.alloc(6 + size + length)
  frame[0] = (isFinal ? 0x80 : 0) | opcode
  frame[1] = 0x80 | (size === 0 ? length : size === 2 ? 126 : 127)
  if (size === 2) frame.writeUInt16BE(length, 2)
  else if (size === 8) frame.writeBigUInt64BE(BigInt(length), 2)
  Buffer.from(payload).copy(frame, 6 + size)
  return frame
}
