/** A man in the middle, in a process of its own: he answers by a certificate of his, and speaks to the real peer as himself. */
import { connect, createServer } from 'node:tls'
import { createIdentity, identityToPem } from 'qudag-connections/transports/tls'

const port = Number(process.argv[2])
const identity = createIdentity()
const own = { key: identityToPem(identity), cert: identity.certificate, ALPNProtocols: ['qudag-connections/2'], rejectUnauthorized: false }
const server = createServer({ ...own, requestCert: true }, (near) => {
  const far = connect({ ...own, port, host: '127.0.0.1' }, () => {
    near.pipe(far)
    far.pipe(near)
  })
  for (const socket of [near, far]) socket.on('error', () => {}).on('close', () => (near.destroy(), far.destroy()))
})
server.on('tlsClientError', () => {})
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port, peerId: identity.peerId }))
