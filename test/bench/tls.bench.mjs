/** Links whose both ends prove who they are: what is left of the speed of bare `node:tls` that checks the same. */
import { connect } from 'node:tls'
import { ConnectionManager } from 'qudag-connections'
import { createIdentity, identityToPem, tls } from 'qudag-connections/transports/tls'
import { farSide, hostOf } from './far-side.mjs'
import { framed, GOODBYE, GREETING } from './framing.mjs'
import { allAtOnce, AT_ONCE, delivered, MESSAGE } from './real-links.mjs'
import { BARE_TLS, isProven } from './bare-tls.mjs'
import { sized, verify } from './workload.mjs'

const HIGH_WATER_MARK = 1024 * 1024
const ALGORITHMS = ['ed25519', 'p256', 'ml-dsa-65']

export function cases(size) {
  const dials = sized(size, { tiny: 20, smoke: 60, normal: 1_000 })
  const links = sized(size, { tiny: 4, normal: 100 })
  const messages = sized(size, { tiny: 10, smoke: 300, normal: 2_000 })
  return ALGORITHMS.flatMap((algorithm) => [
    {
      name: `dial, prove and close in order, ${AT_ONCE} at once, ids of ${algorithm}`,
      unit: 'a second',
      more: true,
      contenders: contenders(
        algorithm,
        () => managedDials(algorithm, dials),
        () => bareDials(algorithm, dials),
        0.85,
      ),
    },
    {
      name: `messages of 1 KB over ${links} links, until the other process has them, ids of ${algorithm}`,
      unit: 'a second',
      more: true,
      contenders: contenders(
        algorithm,
        () => managedMessages(algorithm, links, messages),
        () => bareMessages(algorithm, links, messages),
        0.9,
      ),
    },
  ])
}

function contenders(algorithm, ours, theirs, atLeast) {
  const missing = lackOf(algorithm)
  return [
    { name: 'qudag-connections, both ends', run: missing === undefined ? ours : () => ({ missing }) },
    { name: 'bare node:tls, both ends, mutual', run: missing === undefined ? theirs : () => ({ missing }), bar: { atLeast } },
  ]
}

/** Why there is nothing to measure here; undefined: there is. */
function lackOf(algorithm) {
  try {
    createIdentity({ algorithm })
    return undefined
  } catch {
    return 'needs Node 24.7'
  }
}

// Ours. All links have the same two ids at their ends: here that is no reason for one to go.

async function managed(algorithm, limit) {
  const far = await farSide('managedTls', algorithm)
  const manager = new ConnectionManager(limit, { transport: tls({ identity: createIdentity({ algorithm }) }), duplicates: 'several' })
  return {
    far,
    manager,
    async stop() {
      await manager.shutdown()
      await far.stop()
    },
  }
}

async function managedDials(algorithm, dials) {
  const { far, manager, stop } = await managed(algorithm, AT_ONCE)
  return {
    async round() {
      const { succeeded } = manager.metrics.dials
      const perSecond = await allAtOnce(dials, async (i) => {
        const connection = await manager.connect(`tls://${hostOf(i)}:${far.port}/${i}`)
        await manager.disconnect(connection.peerId, { pool: false })
      })
      const opened = manager.metrics.dials.succeeded - succeeded
      verify(opened === dials, `${opened} opened of ${dials}`)
      return perSecond
    },
    stop,
  }
}

async function managedMessages(algorithm, links, messages) {
  const { far, manager, stop } = await managed(algorithm, links)
  const connections = []
  // Some after the others: a hundred handshakes at once outlast the patience of a dial on a busy machine.
  for (let i = 0; i < links; i++) connections.push(await manager.connect(`tls://${hostOf(i)}:${far.port}/${i}`))
  return {
    round: () =>
      delivered(far, connections, messages, async (connection) => {
        for (let i = 0; i < messages; i++) if (!connection.send(MESSAGE)) await connection.drained()
      }),
    stop,
  }
}

// Bare, with the same framing; each side looks at the key of the other, as ours does.

function dialBare({ port, secure }, i) {
  return new Promise((resolve, reject) => {
    const options = { ...BARE_TLS, ...secure, host: hostOf(i), port, servername: '', allowHalfOpen: true, noDelay: true }
    const socket = connect(options, () => {
      if (!isProven(socket)) return socket.destroy(new Error('nobody is proven'))
      socket.write(GREETING)
    })
    socket
      .on('error', reject)
      .once('data', () => resolve(socket))
      .on('data', () => {})
  })
}

function closeBare(socket) {
  return new Promise((resolve) => {
    socket.once('close', resolve)
    socket.end(GOODBYE)
  })
}

async function bare(algorithm) {
  const far = await farSide('bareTls', algorithm)
  const identity = createIdentity({ algorithm })
  return { far, place: { port: far.port, secure: { key: identityToPem(identity), cert: identity.certificate } } }
}

async function bareDials(algorithm, dials) {
  const { far, place } = await bare(algorithm)
  return {
    async round() {
      let closed = 0
      const perSecond = await allAtOnce(dials, async (i) => {
        await closeBare(await dialBare(place, i))
        closed++
      })
      verify(closed === dials, `${closed} closed of ${dials}`)
      return perSecond
    },
    stop: () => far.stop(),
  }
}

async function bareMessages(algorithm, links, messages) {
  const { far, place } = await bare(algorithm)
  const sockets = []
  for (let i = 0; i < links; i++) sockets.push(await dialBare(place, i))
  const sendAll = async (socket) => {
    socket.cork()
    for (let i = 0; i < messages; i++) {
      socket.write(framed(MESSAGE))
      if (socket.writableLength < HIGH_WATER_MARK) continue
      socket.uncork()
      if (socket.writableLength > 0) await new Promise((resolve) => socket.once('drain', resolve))
      socket.cork()
    }
    socket.uncork()
  }
  return {
    round: () => delivered(far, sockets, messages, sendAll),
    async stop() {
      await Promise.all(sockets.map(closeBare))
      await far.stop()
    },
  }
}
