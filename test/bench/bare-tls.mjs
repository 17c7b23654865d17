/** Mutual TLS on `node:tls` alone, for bare sockets: the same version, and a look at the key of the other side. */
import { createHash } from 'node:crypto'

/** Both sides show a certificate that nobody else has signed. */
export const BARE_TLS = { minVersion: 'TLSv1.3', requestCert: true, rejectUnauthorized: false, ALPNProtocols: ['qudag-connections/2'] }

/** Whether the other side has shown a key, signed by itself. */
export function isProven(socket) {
  const certificate = socket.getPeerX509Certificate()
  if (certificate === undefined || !certificate.verify(certificate.publicKey)) return false
  return (
    createHash('sha256')
      .update(certificate.publicKey.export({ type: 'spki', format: 'der' }))
      .digest().length === 32
  )
}
