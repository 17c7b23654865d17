/** A side of tls() in a process of its own, for the transport suite: it plays what it is told, until it is killed. */
import { serveSide } from 'qudag-connections/testing'
import { createIdentity, tls } from 'qudag-connections/transports/tls'

const algorithm = process.argv[2]
serveSide(tls({ identity: createIdentity({ algorithm }) }), {
  post: (text) => process.send(text),
  listen: (hear) => process.on('message', hear),
})
