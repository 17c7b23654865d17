/** A peer under a Node of its own: it makes an identity, listens, and calls whom it is told to. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { ConnectionManager } from 'qudag-connections'
import { createIdentity, loadIdentity, saveIdentity, tls } from 'qudag-connections/transports/tls'

const home = mkdtempSync(join(tmpdir(), 'qudag-post-quantum-'))
process.on('exit', () => rmSync(home, { recursive: true, force: true }))
process.on('disconnect', () => process.exit())

const identities = {}
let manager

/** An identity that has been in a file, the same one each time. */
async function identityOf(algorithm) {
  if (identities[algorithm] === undefined) {
    const file = join(home, algorithm)
    await saveIdentity(file, createIdentity({ algorithm }))
    identities[algorithm] = await loadIdentity(file)
  }
  return identities[algorithm]
}

const ORDERS = {
  async listen({ algorithm, requirePostQuantum = false }) {
    const identity = await identityOf(algorithm)
    manager = new ConnectionManager(10, { transport: tls({ identity, requirePostQuantum }) })
    const { address } = await manager.listen('tls://127.0.0.1:0')
    return { port: Number(address.port), peerId: identity.peerId }
  },
  views: async () => [...manager.peers()].map(({ peerId, security }) => ({ peerId, security })),
  async dial({ algorithm, requirePostQuantum = false, port, peerId }) {
    const identity = await identityOf(algorithm)
    const dialer = new ConnectionManager(10, { transport: tls({ identity, requirePostQuantum }), resolve: () => `tls://127.0.0.1:${port}` })
    try {
      const connection = await dialer.connect(peerId)
      return { peerId: identity.peerId, security: connection.security }
    } finally {
      await dialer.shutdown()
    }
  },
  /** A client of X25519 alone, without a line of ours. */
  classic: ({ port }) =>
    new Promise((resolve) => {
      const socket = connectTls({
        port,
        host: '127.0.0.1',
        rejectUnauthorized: false,
        ALPNProtocols: ['qudag-connections/2'],
        ecdhCurve: 'X25519',
      })
      socket.on('error', ({ code }) => resolve({ code }))
      socket.on('secureConnect', () => resolve({ code: 'connected' }))
    }),
}

async function obey({ id, order, ...rest }) {
  try {
    process.send({ id, result: await ORDERS[order](rest) })
  } catch (error) {
    const { code, reason, remoteCode, message } = error
    process.send({ id, error: { code, reason, remoteCode, message } })
  }
}

process.on('message', (message) => void obey(message))
