/** The other side of real links, in a process of its own: `farSide(kind)` starts one that waits at a port. */
import { fork } from 'node:child_process'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'

/** What each kind does with those that come. Gives its port. */
const KINDS = { sink }

/** Starts one of these in a process of its own. */
export async function farSide(kind) {
  const child = fork(fileURLToPath(import.meta.url), [kind], { execArgv: [], stdio: ['ignore', 2, 2, 'ipc'] })
  const port = await new Promise((resolve, reject) => {
    child.once('message', resolve).once('exit', (code) => reject(new Error(`the far side ended with ${code}`)))
  })
  return {
    port,
    async stop() {
      const gone = new Promise((resolve) => child.once('exit', resolve))
      child.disconnect()
      await gone
    },
  }
}

/** Takes everything, says nothing. */
function sink() {
  const server = createServer({ noDelay: true }, (socket) => socket.on('error', () => {}).resume())
  return listening(server)
}

function listening(server) {
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen({ host: '0.0.0.0', port: 0, backlog: 4_096 }, () => resolve(server.address().port))
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.once('disconnect', () => process.exit())
  process.send(await KINDS[process.argv[2]]())
}
