/** Everybody is lost in one instant: how many are dialled in the worst tenth of a second after it. On a virtual clock. */
import { ConnectionManager } from 'qudag-connections'
import { scripted, VirtualClock } from 'qudag-connections/testing'
import { sized, verify } from './workload.mjs'

const BIN_MS = 100
const DIAL_MS = 20

export function cases(size) {
  const peers = sized(size, { tiny: 20, normal: 1_000 })
  const lockstep = 'lockstep, a second later'
  const overLockstep = (name) => (results) => results[name].max / results[lockstep].median
  const schedules = [
    { name: 'qudag-connections, kept peers', run: () => ours(peers), bar: { atMost: 0.05 } },
    { name: lockstep, run: () => scheduled(peers, () => 1_000) },
    { name: 'partysocket, 1,000 in one process', package: 'partysocket', run: () => partysockets(peers, false) },
    { name: 'partysocket, each in a process of its own', package: 'partysocket', run: () => partysockets(peers, true) },
  ]
  return [
    {
      name: `${peers.toLocaleString('en')} links lost at once, a dial takes ${DIAL_MS} ms: peak dials per ${BIN_MS} ms (ratio: the worst round over lockstep)`,
      unit: 'dials',
      contenders: schedules.map((schedule) => ({ ...schedule, ratio: overLockstep(schedule.name) })),
    },
  ]
}

/** The most instants in any one window, wherever it begins. */
function peakOf(instants) {
  let peak = 0
  for (let from = 0, to = 0; to < instants.length; to++) {
    while (instants[to] - instants[from] >= BIN_MS) from++
    peak = Math.max(peak, to - from + 1)
  }
  return peak
}

async function ours(peers) {
  return {
    async round() {
      const clock = new VirtualClock()
      const instants = []
      const inner = scripted({ autoClose: 'microtask' })
      const transport = {
        schemes: inner.schemes,
        dial(address, options) {
          instants.push(clock.now())
          const link = inner.dial(address, options)
          const dial = inner.lastDial()
          clock.setTimeout(() => dial.pending && dial.open(), DIAL_MS)
          return link
        },
      }
      const manager = new ConnectionManager(peers, { transport, clock })
      manager.transitions$.subscribe(() => {})
      const connecting = Array.from({ length: peers }, (_, i) => manager.connect(`scripted://peer-${i}`, { keep: true }))
      await clock.advanceAsync(60_000)
      await Promise.all(connecting)
      instants.length = 0
      for (const link of inner.links) link.fail(new Error('the network is gone'))
      await clock.advanceAsync(600_000)
      verify(
        manager.metrics.connections === peers && instants.length === peers,
        `${manager.metrics.connections} back, ${instants.length} dials`,
      )
      const closing = manager.shutdown()
      await clock.advanceAsync(10_000)
      await closing
      return peakOf(instants)
    },
  }
}

async function scheduled(peers, delay) {
  return {
    async round() {
      const clock = new VirtualClock()
      const instants = []
      for (let i = 0; i < peers; i++) clock.setTimeout(() => instants.push(clock.now()), delay())
      clock.advance(600_000)
      verify(instants.length === peers, `${instants.length} dials`)
      return peakOf(instants)
    },
  }
}

/** The package's own reconnecting sockets, over a WebSocket that opens when the virtual clock says so. */
async function partysockets(peers, isApart) {
  const clock = new VirtualClock()
  globalThis.setTimeout = (f, ms) => clock.setTimeout(f, ms ?? 0)
  globalThis.clearTimeout = (id) => clock.clearTimeout(id)
  const { WebSocket: ReconnectingWebSocket } = await import('partysocket')
  const open = new Set()
  const instants = []
  class FakeWebSocket extends EventTarget {
    static CONNECTING = 0
    static OPEN = 1
    static CLOSING = 2
    static CLOSED = 3
    readyState = 0
    bufferedAmount = 0
    constructor() {
      super()
      instants.push(clock.now())
      clock.setTimeout(() => {
        this.readyState = 1
        open.add(this)
        this.dispatchEvent(new Event('open'))
      }, DIAL_MS)
    }
    lose() {
      this.readyState = 3
      open.delete(this)
      this.dispatchEvent(Object.assign(new Event('close'), { code: 1006, reason: '', wasClean: false }))
    }
    close() {
      this.readyState = 3
      open.delete(this)
    }
  }
  return {
    async round() {
      // The package draws its first pause once a process; apart, each has drawn its own.
      const drawn = () => (isApart ? { minReconnectionDelay: 1_000 + Math.random() * 4_000 } : {})
      const sockets = Array.from(
        { length: peers },
        () => new ReconnectingWebSocket('ws://far', [], { WebSocket: FakeWebSocket, ...drawn() }),
      )
      await clock.advanceAsync(60_000)
      verify(open.size === peers, `${open.size} open before the storm`)
      instants.length = 0
      for (const socket of open) socket.lose()
      await clock.advanceAsync(60_000)
      verify(open.size === peers && instants.length === peers, `${open.size} back, ${instants.length} dials`)
      for (const socket of sockets) socket.close()
      return peakOf(instants)
    },
  }
}
