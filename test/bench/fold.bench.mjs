/** From what happens to a metric that says so: what each transition and each message costs, and what it costs to ask. */
import { ConnectionManager } from 'qudag-connections'
import { foldMetrics } from 'qudag-connections/metrics'
import { scripted, VirtualClock } from 'qudag-connections/testing'
import { scan, Subject } from 'rxjs'
import { microsecondsEach, sized, verify } from './workload.mjs'

export function cases(size) {
  const cycles = sized(size, { tiny: 20, smoke: 5_000, normal: 20_000 })
  const messages = sized(size, { tiny: 100, smoke: 100_000, normal: 1_000_000 })
  const reads = sized(size, { tiny: 100, smoke: 50_000, normal: 500_000 })
  const watchers = sized(size, { tiny: 10, normal: 10_000 })
  const crowd = sized(size, { tiny: 20, smoke: 10_000, normal: 100_000 })
  const watched = (n) => `${n.toLocaleString('en')} status$ subscribers of other peers`
  const among = (n) => `getMetrics() at ${n.toLocaleString('en')} peers`
  return [
    {
      name: 'one transition, through transitions$ into the metrics (ratio: over no subscribers)',
      unit: 'µs',
      contenders: [
        { name: watched(0), run: () => transitions(0, cycles) },
        {
          name: watched(watchers),
          run: () => transitions(watchers, cycles),
          ratio: (results) => results[watched(watchers)].median / results[watched(0)].median,
          bar: { atMost: 1.3 },
        },
      ],
    },
    {
      name: 'the fold alone, one transition',
      unit: 'µs',
      contenders: [
        {
          name: 'foldMetrics()',
          run: () =>
            folded(
              () => foldMetrics({ limit: 10, at: 0 }),
              messages,
              (metrics) => metrics.dials.started,
            ),
        },
        {
          name: 'RxJS scan, which only counts',
          run: () =>
            folded(
              () => scan((count) => count + 1, 0),
              messages,
              (count) => count / 2,
            ),
        },
      ],
    },
    {
      name: 'one message counted',
      unit: 'µs',
      contenders: [
        { name: 'recordMessage', run: () => recorded(messages) },
        {
          name: 'prom-client, labelled counter + histogram',
          package: 'prom-client',
          run: () => promClient(messages),
          bar: { atLeast: 10 },
        },
      ],
    },
    {
      name: 'the metrics, asked for (ratio: over few peers)',
      unit: 'µs',
      contenders: [
        { name: among(10), run: () => asked(10, reads) },
        {
          name: among(crowd),
          run: () => asked(crowd, reads),
          ratio: (results) => results[among(crowd)].median / results[among(10)].median,
          bar: { atMost: 1.3 },
        },
      ],
    },
  ]
}

function managerOf(limit, options = {}) {
  const transport = scripted({ autoOpen: true, autoClose: 'microtask', record: false })
  const manager = new ConnectionManager(limit, { transport, ...options })
  const told = { count: 0 }
  manager.transitions$.subscribe(() => told.count++)
  return { manager, told }
}

async function transitions(watchers, cycles) {
  const { manager, told } = managerOf(10)
  let heard = 0
  for (let i = 0; i < watchers; i++) manager.status$(`scripted://other-${i}`).subscribe(() => heard++)
  await manager.connect('scripted://peer')
  await manager.disconnect('scripted://peer')
  const run = async (count) => {
    for (let i = 0; i < count; i++) {
      await manager.connect('scripted://peer')
      await manager.disconnect('scripted://peer')
    }
  }
  await run(cycles)
  return {
    warm: () => run(cycles >> 1),
    async round() {
      const { count } = told
      const { hits } = manager.metrics.pool
      const each = await microsecondsEach(cycles, run)
      verify(told.count - count === 2 * cycles && manager.metrics.pool.hits - hits === cycles, `${told.count - count} transitions`)
      verify(heard === watchers, 'a subscriber was told of a peer that is not its own')
      return each / 2
    },
    stop: () => manager.shutdown(),
  }
}

async function folded(operator, count, startedOf) {
  const at = 1_735_689_600_000
  const began = {
    seq: 1,
    at,
    peerId: 'peer',
    from: undefined,
    to: 'Connecting',
    fromState: undefined,
    toState: 'Connecting.dialing',
    reason: 'connect',
  }
  const ended = {
    seq: 2,
    at,
    peerId: 'peer',
    from: 'Connecting',
    to: undefined,
    fromState: 'Connecting.dialing',
    toState: undefined,
    reason: 'aborted',
  }
  const run = (moves) => {
    const source = new Subject()
    let last
    source.pipe(operator()).subscribe((metrics) => (last = metrics))
    for (let i = 0; i < moves; i += 2) {
      source.next(began)
      source.next(ended)
    }
    return last
  }
  run(count >> 2)
  return {
    warm: () => run(count >> 1),
    async round() {
      let last
      const each = await microsecondsEach(count, () => (last = run(count)))
      verify(startedOf(last) === count / 2, `${startedOf(last)} dials started of ${count / 2}`)
      return each
    },
  }
}

async function recorded(messages) {
  // A message asks no clock; only its samples do, and they come when the round is over.
  const clock = new VirtualClock()
  const { manager } = managerOf(10, { clock })
  await manager.updateStatus('peer', 'Connected')
  const run = (count) => {
    for (let i = 0; i < count; i++) manager.recordMessage('peer', { bytes: 1_024, latencyMs: 1 + (i & 63) })
  }
  run(messages >> 2)
  return {
    warm: () => run(messages >> 1),
    async round() {
      const each = await microsecondsEach(messages, run)
      clock.advance(1_000)
      const { latency, messagesPerSecond } = manager.metrics
      verify(messagesPerSecond > 0 && latency !== null && latency.max >= 64, 'no message was counted')
      return each
    },
    stop: () => manager.shutdown(),
  }
}

async function promClient(messages) {
  const { Counter, Histogram, Registry } = await import('prom-client')
  const registers = [new Registry()]
  const counter = new Counter({ name: 'bytes', help: 'bytes', labelNames: ['peer'], registers })
  const histogram = new Histogram({ name: 'latency', help: 'latency', labelNames: ['peer'], registers })
  const run = (count) => {
    for (let i = 0; i < count; i++) {
      counter.inc({ peer: 'peer' }, 1_024)
      histogram.observe({ peer: 'peer' }, 1 + (i & 63))
    }
  }
  run(messages >> 2)
  return {
    warm: () => run(messages >> 1),
    async round() {
      counter.reset()
      histogram.reset()
      const each = await microsecondsEach(messages, run)
      const [{ value }] = (await counter.get()).values
      verify(value === messages * 1_024, `${value} bytes counted`)
      return each
    },
  }
}

async function asked(peers, reads) {
  const { manager } = managerOf(peers)
  for (let i = 0; i < peers; i++) await manager.connect(`scripted://peer-${i}`)
  const run = async (count) => {
    let connections = 0
    for (let i = 0; i < count; i++) connections += (await manager.getMetrics()).connections
    return connections
  }
  await run(reads >> 2)
  return {
    warm: () => run(reads >> 1),
    async round() {
      let sum = 0
      const each = await microsecondsEach(reads, async (count) => (sum = await run(count)))
      verify(sum === reads * peers, `${sum / reads} connections of ${peers}`)
      return each
    },
    stop: () => manager.shutdown(),
  }
}
