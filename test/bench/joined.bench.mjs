/** Many who want the same peer at once share one dial, and who comes later gets the link that is there. */
import { ConnectionManager } from 'qudag-connections'
import { memory } from 'qudag-connections/transports/memory'
import { microsecondsEach, sized, verify } from './workload.mjs'

/** One crowd is over in no time: a round is so many, one after the other. */
const CROWDS = 10

export function cases(size) {
  const callers = sized(size, { tiny: 10, normal: 2_000 })
  const calls = sized(size, { tiny: 20, smoke: 5_000, normal: 20_000 })
  return [
    {
      name: `${callers.toLocaleString('en')} connects of one peer at once, to the last one's answer, each`,
      unit: 'µs',
      contenders: [
        { name: 'qudag-connections, memory()', run: () => ours(callers, undefined) },
        { name: 'libp2p dial, memory, plaintext, yamux', package: 'libp2p', run: () => libp2p(callers, undefined), bar: { atLeast: 20 } },
      ],
    },
    {
      name: 'connect of a Connected peer, and its release',
      unit: 'µs',
      contenders: [
        { name: 'qudag-connections, memory()', run: () => ours(undefined, calls) },
        { name: 'libp2p dial, memory, plaintext, yamux', package: 'libp2p', run: () => libp2p(undefined, calls), bar: { atLeast: 4 } },
      ],
    },
  ]
}

async function ours(callers, calls) {
  const transport = memory()
  const far = new ConnectionManager(10, { transport })
  await far.listen('memory://far')
  const near = new ConnectionManager(10, { transport })
  let told = 0
  near.transitions$.subscribe(() => told++)
  const again = async (count) => {
    for (let i = 0; i < count; i++) await (await near.connect('memory://far')).release()
  }
  if (calls !== undefined) {
    await near.connect('memory://far')
    await again(calls)
  }
  return {
    async round() {
      const { started } = near.metrics.dials
      const before = told
      if (calls !== undefined) {
        const each = await microsecondsEach(calls, again)
        verify(near.metrics.dials.started === started && told === before, `${near.metrics.dials.started - started} dials`)
        return each
      }
      let sum = 0
      for (let crowd = 0; crowd < CROWDS; crowd++) {
        let connections
        sum += await microsecondsEach(callers, async (count) => {
          connections = await Promise.all(Array.from({ length: count }, () => near.connect('memory://far')))
        })
        verify(new Set(connections).size === callers && near.metrics.connections === 1, `${near.metrics.connections} connected`)
        await near.disconnect('memory://far', { pool: false })
      }
      const dials = near.metrics.dials.started - started
      verify(dials === CROWDS && told - before === 4 * CROWDS && near.metrics.connections === 0, `${dials} dials`)
      return sum / CROWDS
    },
    stop: () => Promise.all([near.shutdown(), far.shutdown()]),
  }
}

async function libp2p(callers, calls) {
  // libp2p is written for Node 22; all that it misses in Node 20 is this.
  Promise.withResolvers ??= function withResolvers() {
    let settle
    const promise = new this((resolve, reject) => (settle = { resolve, reject }))
    return { promise, ...settle }
  }
  const [{ createLibp2p }, transport, { plaintext }, { yamux }] = await Promise.all([
    import('libp2p'),
    import('@libp2p/memory'),
    import('@libp2p/plaintext'),
    import('@libp2p/yamux'),
  ])
  const options = { transports: [transport.memory()], connectionEncrypters: [plaintext()], streamMuxers: [yamux()] }
  const far = await createLibp2p({ ...options, addresses: { listen: ['/memory/far'] } })
  const near = await createLibp2p(options)
  const [address] = far.getMultiaddrs()
  let opened = 0
  near.addEventListener('connection:open', () => opened++)
  const again = async (count) => {
    for (let i = 0; i < count; i++) await near.dial(address)
  }
  if (calls !== undefined) {
    await near.dial(address)
    await again(calls >> 2)
  }
  return {
    async round() {
      const before = opened
      if (calls !== undefined) {
        const each = await microsecondsEach(calls, again)
        verify(opened === before && near.getConnections().length === 1, `${opened - before} opened`)
        return each
      }
      let sum = 0
      for (let crowd = 0; crowd < CROWDS; crowd++) {
        let connections
        sum += await microsecondsEach(callers, async (count) => {
          connections = await Promise.all(Array.from({ length: count }, () => near.dial(address)))
        })
        verify(new Set(connections).size === 1 && near.getConnections().length === 1, `${near.getConnections().length} connections`)
        await near.hangUp(far.peerId)
        verify(near.getConnections().length === 0, 'a connection is left')
      }
      verify(opened - before === CROWDS, `${opened - before} connections opened`)
      return sum / CROWDS
    },
    stop: () => Promise.all([near.stop(), far.stop()]),
  }
}
