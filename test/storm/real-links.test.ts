/** Links over real sockets that are all cut at once come back too, a few at a time. */
import { filter, lastValueFrom, take } from 'rxjs'
import { expect, test } from 'vitest'
import { ConnectionManager, type TransitionReason, type Transport } from 'qudag-connections'
import { faultProxy } from 'qudag-connections/testing/fault-proxy'
import { tcp } from 'qudag-connections/transports/tcp'

const PEERS = 200
const CONCURRENCY = 5

test('200 kept links over TCP are cut at once: never more than `concurrency` are dialled at once, and all come back', async () => {
  const far = new ConnectionManager(2 * PEERS, { transport: tcp(), limits: { inbound: 2 * PEERS } })
  const listener = await far.listen('tcp://127.0.0.1:0')
  const proxy = await faultProxy(listener.address)
  const transport = new CountedDials(tcp())
  const near = new ConnectionManager(PEERS, { transport, resolve: () => proxy.address.href })
  const all = (manager: ConnectionManager, why: TransitionReason): Promise<unknown> =>
    lastValueFrom(
      manager.transitions$.pipe(
        filter(({ reason }) => reason === why),
        take(PEERS),
      ),
    )

  // A dial is open before the proxy has connected it any further.
  const connected = all(far, 'inbound')
  await Promise.all(Array.from({ length: PEERS }, (_, n) => near.connect(`kept-${n}`, { keep: true })))
  await connected

  transport.most = transport.dials = 0
  const back = Promise.all([all(near, 'opened'), all(far, 'inbound')])
  const began = performance.now()
  proxy.reset()
  await back
  console.log(
    `a storm of ${PEERS} real links: ${transport.dials} dials, at most ${transport.most} at once, all back after ${Math.round(performance.now() - began)} ms`,
  )
  expect(transport.dials).toBe(PEERS)
  expect(transport.most).toBeLessThanOrEqual(CONCURRENCY)
  expect([near.metrics.connections, proxy.links.length]).toEqual([PEERS, PEERS])

  await Promise.all([near.shutdown(), far.shutdown()])
  await proxy.close()
  expect([near.metrics.connections, far.metrics.connections]).toEqual([0, 0])
})

/** Counts the dials under way, at the transport's end. */
class CountedDials implements Transport {
  readonly schemes: readonly string[]
  dials = 0
  most = 0
  readonly #transport: Transport
  #now = 0

  constructor(transport: Transport) {
    this.schemes = transport.schemes
    this.#transport = transport
  }

  async dial(...args: Parameters<Transport['dial']>) {
    this.dials++
    this.most = Math.max(this.most, ++this.#now)
    try {
      return await this.#transport.dial(...args)
    } finally {
      this.#now--
    }
  }
}
