/** What a peer weighs: on the heap by itself, and in the process beside the socket that it needs anyway. */
import { connect } from 'node:net'
import { ConnectionManager } from 'qudag-connections'
import { scripted } from 'qudag-connections/testing'
import { tcp } from 'qudag-connections/transports/tcp'
import { farSide, hostOf } from './far-side.mjs'
import { heapUsed, sized, verify } from './workload.mjs'

export function cases(size) {
  const count = sized(size, { tiny: 50, smoke: 5_000, normal: 100_000 })
  // No more than this many that have failed are remembered at a time.
  const failed = Math.min(count, 10_000)
  const links = sized(size, { tiny: 20, smoke: 0, normal: 10_000 })
  const own = (name) => (results) => results[name].median / 1_000
  const heap = {
    name: 'JS heap of a peer, scripted transport (ratio: KB)',
    unit: 'bytes',
    fresh: true,
    // It does not vary.
    ...sized(size, { smoke: { rounds: 1 }, normal: {} }),
    contenders: [
      { name: `Connected, ${count.toLocaleString('en')}`, run: () => onHeap(count, connected) },
      { name: `pooled, ${count.toLocaleString('en')}`, run: () => onHeap(count, pooled) },
      { name: `Failed, ${failed.toLocaleString('en')}`, run: () => onHeap(failed, remembered) },
    ],
  }
  for (const contender of heap.contenders) contender.ratio = own(contender.name)
  heap.contenders[0].bar = { atMost: 2.5 }
  const bare = 'bare node:net'
  const inSockets = {
    name: `resident memory of a TCP link, ${links.toLocaleString('en')} links (ratio: over bare)`,
    unit: 'bytes',
    fresh: true,
    contenders: [
      {
        name: 'qudag-connections, tcp()',
        run: () => inProcess(links, supervised),
        ratio: (results) => results['qudag-connections, tcp()'].median / results[bare].median,
        bar: { atMost: 2 },
      },
      { name: bare, run: () => inProcess(links, bareSockets), ratio: () => Number.NaN },
    ],
  }
  return links === 0 ? [heap] : [heap, inSockets]
}

const WARM = 200

// On the heap.

async function onHeap(count, fill) {
  const transport = scripted({ autoOpen: true, autoClose: 'microtask', record: false })
  const manager = new ConnectionManager(count + WARM, { transport, breaker: false })
  manager.transitions$.subscribe(() => {})
  return {
    async round() {
      // Whatever is made once is made before.
      for (let i = 0; i < WARM; i++) await fill(manager, transport, `scripted://warm-${i}`)
      const before = heapUsed()
      for (let i = 0; i < count; i++) await fill(manager, transport, `scripted://peer-${i}`)
      const after = heapUsed()
      // When no more are remembered, the warm ones went first.
      verify([...manager.peers()].length >= count, `${[...manager.peers()].length} peers of ${count}`)
      return (after - before) / count
    },
    stop: () => manager.shutdown(),
  }
}

const connected = (manager, _transport, peer) => manager.connect(peer)

async function pooled(manager, _transport, peer) {
  await manager.connect(peer)
  await manager.disconnect(peer)
}

async function remembered(manager, transport, peer) {
  transport.autoFail = new Error('nobody there')
  await manager.connect(peer).then(
    () => verify(false, 'a dial that should fail has not'),
    () => {},
  )
}

// In the process. The far side is the same for both, in a process of its own, and only listens.

async function inProcess(count, open) {
  const far = await farSide('sink')
  return {
    async round() {
      const { openOne, opened, stop } = await open(far.port, count + WARM)
      const inTurns = async (from, to) => {
        for (let i = from; i < to; i += 100) await Promise.all(Array.from({ length: Math.min(100, to - i) }, (_, k) => openOne(i + k)))
      }
      await inTurns(0, WARM)
      const before = await residentBytes()
      await inTurns(WARM, WARM + count)
      const after = await residentBytes()
      verify(opened() === count + WARM, `${opened()} links of ${count + WARM}`)
      await stop()
      return (after - before) / count
    },
    stop: () => far.stop(),
  }
}

async function supervised(port, limit) {
  const manager = new ConnectionManager(limit, { transport: tcp() })
  manager.transitions$.subscribe(() => {})
  return {
    openOne: (i) => manager.connect(`tcp://${hostOf(i)}:${port}/${i}`),
    opened: () => manager.metrics.connections,
    stop: () => manager.shutdown({ timeoutMs: 0 }),
  }
}

async function bareSockets(port) {
  const sockets = []
  return {
    openOne: (i) =>
      new Promise((resolve, reject) => {
        const options = { host: hostOf(i), port, allowHalfOpen: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000 }
        const socket = connect(options, () => {
          socket.write('QDC\u0001')
          sockets.push(socket)
          resolve()
        })
        socket.on('error', reject).on('data', () => {})
      }),
    opened: () => sockets.filter((socket) => !socket.destroyed).length,
    stop: async () => sockets.forEach((socket) => socket.destroy()),
  }
}

async function residentBytes() {
  for (let i = 0; i < 4; i++) {
    globalThis.gc()
    // What the collector leaves to the next turns is done then.
    for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate)
  }
  return process.memoryUsage.rss()
}
