/** Real links to another process: what is left of the speed of bare sockets that speak the same framing. */
import { connect } from 'node:net'
import { ConnectionManager } from 'qudag-connections'
import { tcp } from 'qudag-connections/transports/tcp'
import { farSide, hostOf } from './far-side.mjs'
import { framed, GOODBYE, GREETING } from './framing.mjs'
import { allAtOnce, AT_ONCE, delivered, MESSAGE } from './real-links.mjs'
import { sized, verify } from './workload.mjs'

const HIGH_WATER_MARK = 1024 * 1024
/** So many rounds of dials are done before the first that is measured: by then both ends have compiled what a dial needs. */
const WARM_UP = 3

export function cases(size) {
  const dials = sized(size, { tiny: 40, smoke: 500, normal: 3_000 })
  const links = sized(size, { tiny: 4, normal: 100 })
  const messages = sized(size, { tiny: 10, smoke: 300, normal: 3_000 })
  return [
    {
      name: `dial and close in order, ${AT_ONCE} at once, to a listener in another process`,
      unit: 'a second',
      more: true,
      contenders: [
        { name: 'qudag-connections, both ends', run: () => managedDials(dials) },
        { name: 'bare node:net, both ends', run: () => bareDials(dials), bar: { atLeast: 0.85 } },
      ],
    },
    {
      name: `messages of 1 KB over ${links} links, until the other process has them`,
      unit: 'a second',
      more: true,
      contenders: [
        { name: 'qudag-connections, both ends', run: () => managedMessages(links, messages) },
        { name: 'bare node:net, both ends', run: () => bareMessages(links, messages), bar: { atLeast: 0.9 } },
      ],
    },
  ]
}

// Ours.

async function managed(limit) {
  const far = await farSide('managed')
  const manager = new ConnectionManager(limit, { transport: tcp() })
  let told = 0
  manager.transitions$.subscribe(() => told++)
  return {
    far,
    manager,
    told: () => told,
    async stop() {
      await manager.shutdown()
      await far.stop()
    },
  }
}

async function managedDials(dials) {
  const { far, manager, told, stop } = await managed(AT_ONCE)
  const run = (count) =>
    allAtOnce(count, async (i) => {
      const connection = await manager.connect(`tcp://${hostOf(i)}:${far.port}/${i}`)
      await manager.disconnect(connection.peerId, { pool: false })
    })
  await run(WARM_UP * dials)
  return {
    warm: () => run(dials >> 1),
    async round() {
      const before = told()
      const { succeeded } = manager.metrics.dials
      const perSecond = await run(dials)
      const opened = manager.metrics.dials.succeeded - succeeded
      verify(opened === dials && told() - before === 4 * dials, `${opened} opened of ${dials}`)
      return perSecond
    },
    stop,
  }
}

async function managedMessages(links, messages) {
  const { far, manager, stop } = await managed(links)
  const ids = Array.from({ length: links }, (_, i) => `tcp://${hostOf(i)}:${far.port}/${i}`)
  const connections = await Promise.all(ids.map((id) => manager.connect(id)))
  return {
    round: () =>
      delivered(far, connections, messages, async (connection) => {
        for (let i = 0; i < messages; i++) if (!connection.send(MESSAGE)) await connection.drained()
      }),
    stop,
  }
}

// Bare, with the same socket options, the same framing, and one system call for the frames of a tick.

function dialBare(port, i) {
  return new Promise((resolve, reject) => {
    const options = { host: hostOf(i), port, allowHalfOpen: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000 }
    const socket = connect(options, () => {
      socket.write(GREETING)
    })
    // Its hello opens it, as ours.
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

async function bareDials(dials) {
  const far = await farSide('bare')
  let closed = 0
  const run = (count) =>
    allAtOnce(count, async (i) => {
      await closeBare(await dialBare(far.port, i))
      closed++
    })
  await run(WARM_UP * dials)
  return {
    warm: () => run(dials >> 1),
    async round() {
      closed = 0
      const perSecond = await run(dials)
      verify(closed === dials, `${closed} closed of ${dials}`)
      return perSecond
    },
    stop: () => far.stop(),
  }
}

async function bareMessages(links, messages) {
  const far = await farSide('bare')
  const sockets = await Promise.all(Array.from({ length: links }, (_, i) => dialBare(far.port, i)))
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
