/** The other side of real links, in a process of its own: `farSide(kind)` starts one that waits at a port. */
import { fork } from 'node:child_process'
import { createServer } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { ConnectionManager } from 'qudag-connections'
import { tcp } from 'qudag-connections/transports/tcp'
import { createIdentity, identityToPem, tls } from 'qudag-connections/transports/tls'
import { BARE_TLS, isProven } from './bare-tls.mjs'
import { FrameParser, GREETING } from './framing.mjs'

/** What each kind does with those that come; it tells of each message. Gives its port. */
const KINDS = { sink, bare, managed, bareTls, managedTls }

/** Starts one of these in a process of its own. @param more what it is told beside, as the algorithm of its identity */
export async function farSide(kind, ...more) {
  const child = fork(fileURLToPath(import.meta.url), [kind, ...more], { execArgv: [], stdio: ['ignore', 2, 2, 'ipc'] })
  const answer = () =>
    new Promise((resolve, reject) => {
      child.once('message', resolve).once('exit', (code) => reject(new Error(`the far side ended with ${code}`)))
    })
  const port = await answer()
  return {
    port,
    /** Resolves when so many messages have come since the last time that this was asked for, with the bytes they had. */
    received(count) {
      child.send(count)
      return answer()
    },
    async stop() {
      const gone = new Promise((resolve) => child.once('exit', resolve))
      child.disconnect()
      await gone
    },
  }
}

/** One address of the loopback network for each thousand links or so: no port runs out. */
export const hostOf = (i) => `127.0.0.${1 + (i % 10)}`

/** Takes everything, says no more than hello. */
function sink() {
  return listening(
    createServer({ noDelay: true }, (socket) =>
      socket
        .on('error', () => {})
        .resume()
        .write(GREETING),
    ),
  )
}

/** Reads frames, as little as one can. */
function bare(told) {
  return listening(
    createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000, allowHalfOpen: true }, (socket) => {
      const parser = new FrameParser(told, () => socket.destroy())
      socket.write(GREETING)
      socket
        .on('error', () => {})
        .on('end', () => socket.destroy())
        .on('data', (chunk) => parser.push(chunk))
    }),
  )
}

/** The same, where both ends prove who they are. */
function bareTls(told, algorithm) {
  const identity = createIdentity({ algorithm })
  const options = { ...BARE_TLS, key: identityToPem(identity), cert: identity.certificate, noDelay: true, allowHalfOpen: true }
  return listening(
    createTlsServer(options, (socket) => {
      socket.on('error', () => {})
      if (!isProven(socket)) return socket.destroy()
      const parser = new FrameParser(told, () => socket.destroy())
      socket.write(GREETING)
      socket.on('end', () => socket.destroy()).on('data', (chunk) => parser.push(chunk))
    }),
  )
}

async function managedTls(told, algorithm) {
  return managed(told, tls({ identity: createIdentity({ algorithm }) }), 'tls', { duplicates: 'several' })
}

/** What an app has on its side: a manager that listens. */
async function managed(told, transport = tcp(), scheme = 'tcp', options = {}) {
  const manager = new ConnectionManager(20_000, { ...options, transport, rate: false, limits: { inbound: 20_000 } })
  manager.transitions$.subscribe(() => {})
  manager.messages$.subscribe(({ data }) => told(data))
  const { address } = await manager.listen(`${scheme}://0.0.0.0:0`)
  return Number(address.port)
}

function listening(server) {
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen({ host: '0.0.0.0', port: 0, backlog: 511 }, () => resolve(server.address().port))
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  let messages = 0
  let bytes = 0
  let until = Infinity
  const tell = () => {
    if (messages < until) return
    process.send(bytes)
    messages -= until
    bytes = 0
    until = Infinity
  }
  process.once('disconnect', () => process.exit())
  process.on('message', (count) => {
    until = count
    tell()
  })
  process.send(
    await KINDS[process.argv[2]](
      (data) => {
        messages++
        bytes += data.byteLength
        if (messages >= until) tell()
      },
      ...(process.argv[3] === undefined ? [] : [process.argv[3]]),
    ),
  )
}
