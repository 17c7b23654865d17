/** Tls() passes the suite within a process, when one is killed, and between two versions of Node. */
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, test } from 'vitest'
import { farSide, testTransport } from 'qudag-connections/testing'
import { createIdentity, tls } from 'qudag-connections/transports/tls'

const framework = { describe, test }
const address = 'tls://127.0.0.1:0'
const sockets = (): number => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length
const dialer = tls({ identity: createIdentity() })
const listener = tls({ identity: createIdentity({ algorithm: 'p256' }) })

function forkSide(algorithm = 'ed25519', execPath = process.execPath): ChildProcess {
  // Without the conditions that this process runs under: the child takes the built package.
  return fork(fileURLToPath(new URL('tls-side.mjs', import.meta.url)), [algorithm], { execArgv: [], execPath })
}

/** The side that plays in that process. What is said to one that was killed is lost. */
function sideIn(child: ChildProcess) {
  return farSide({ post: (text) => void child.send(text, () => {}), listen: (hear) => void child.on('message', hear) })
}

testTransport(
  'tls',
  {
    // A handshake costs a thousand times what one of tcp() does.
    links: 60,
    open: () => ({ dialer, listener, address, sockets }),
    crash(victim) {
      const child = forkSide()
      const far = sideIn(child)
      return {
        dialer: victim === 'dialer' ? far : dialer,
        listener: victim === 'listener' ? far : listener,
        address,
        cut: () => void child.kill('SIGKILL'),
        close: () => void child.kill('SIGKILL'),
      }
    },
  },
  framework,
)
