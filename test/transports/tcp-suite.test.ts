/** Tcp() passes the suite within a process, between processes, when one is killed, and when the path is lost. */
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { farSide, testTransport, type TransportEnds } from 'qudag-connections/testing'
import { faultProxy, type FaultProxy } from 'qudag-connections/testing/fault-proxy'
import { tcp } from 'qudag-connections/transports/tcp'

const framework = { describe, test }
const address = 'tcp://127.0.0.1:0'
const sockets = (): number => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length

function forkSide(): ChildProcess {
  // Without the conditions that this process runs under: the child takes the built package.
  return fork(fileURLToPath(new URL('tcp-side.mjs', import.meta.url)), { execArgv: [] })
}

/** The side that plays in that process. What is said to one that was killed is lost. */
function sideIn(child: ChildProcess) {
  return farSide({ post: (text) => void child.send(text, () => {}), listen: (hear) => void child.on('message', hear) })
}

testTransport(
  'tcp',
  {
    open: () => ({ dialer: tcp(), listener: tcp(), address, sockets }),
    crash(victim) {
      const child = forkSide()
      const far = sideIn(child)
      return {
        dialer: victim === 'dialer' ? far : tcp(),
        listener: victim === 'listener' ? far : tcp(),
        address,
        cut: () => void child.kill('SIGKILL'),
        close: () => void child.kill('SIGKILL'),
      }
    },
    vanish() {
      let proxy: FaultProxy | undefined
      return {
        dialer: tcp(),
        listener: tcp(),
        address,
        via: async (target) => (proxy = await faultProxy(target)).address,
        cut: () => proxy?.vanish(),
        heal: () => proxy?.heal(),
        // The proxy's own sockets are of this process too, and it holds them while the path is away: nothing to count here.
        close: () => proxy?.close(),
      }
    },
  },
  framework,
)

const overIpv6 = (): TransportEnds => ({ dialer: tcp(), listener: tcp(), address: 'tcp://[::1]:0', sockets })
testTransport('tcp over IPv6', { open: overIpv6, links: 100 }, framework)

describe('between two processes', () => {
  let child: ChildProcess | undefined
  let far: TransportEnds['listener'] | undefined
  afterAll(() => void child?.kill())

  const open = (): TransportEnds => {
    child ??= forkSide()
    far ??= sideIn(child)
    return { dialer: tcp(), listener: far, address }
  }
  testTransport('tcp to a listener in another', { open, links: 200 }, framework)
})

test('a side in a process that is gone is noticed', async () => {
  const child = forkSide()
  const far = sideIn(child)
  child.kill('SIGKILL')
  const failures: string[] = []
  const bodies: (() => Promise<void>)[] = []
  const collecting = {
    describe: (_: string, body: () => void) => body(),
    test: (_: string, body: () => Promise<void>) => void bodies.push(body),
  }
  testTransport('gone', { open: () => ({ dialer: tcp(), listener: far, address }), limitMs: 100 }, collecting)
  await bodies[0]!().catch((error: Error) => failures.push(error.message))
  expect(failures).toEqual([expect.stringMatching(/the listener \(reader\) said nothing more, in its own process/)])
})
