/** A reset of a proxied link while the end of a stream is on its way: Node neither closes such a socket nor says so. */
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { flush, VirtualClock } from 'qudag-connections/testing'
import { faultProxy } from 'qudag-connections/testing/fault-proxy'

const sockets = (): number => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length

test('a reset in the moment in which an end is passed on leaves no socket', async () => {
  const before = sockets()
  const clock = new VirtualClock()
  const server = createServer((socket: Socket) => socket.on('error', () => {}).resume()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const proxy = await faultProxy(`tcp://127.0.0.1:${(server.address() as { port: number }).port}`, { clock })
  proxy.latency(10)
  const arrived = proxy.nextLink()
  const dialer = connect({ port: Number(proxy.address.port), host: '127.0.0.1', allowHalfOpen: true })
  dialer.on('error', () => {})
  const link = await arrived
  dialer.end('the last word')
  await armed(clock)
  await clock.advanceAsync(9)
  // Within one tick the end is passed on, and the path is reset.
  clock.advance(10)
  link.reset()
  await link.over
  const gone = once(dialer, 'close')
  dialer.destroy()
  await gone
  await proxy.close()
  await new Promise((resolve) => server.close(resolve))
  // What was closed just now is counted for a few turns more.
  for (let turns = 0; sockets() > before && turns < 100; turns++) await flush()
  expect(sockets()).toBeLessThanOrEqual(before)
})

/** Waits, turn by turn, until something is due. */
async function armed(clock: VirtualClock): Promise<void> {
  while (clock.pending === 0) await flush()
}
