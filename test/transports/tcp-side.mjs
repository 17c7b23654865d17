/** A side of tcp() in a process of its own, for the transport suite: it plays what it is told, until it is killed. */
import { serveSide } from 'qudag-connections/testing'
import { tcp } from 'qudag-connections/transports/tcp'

serveSide(tcp(), { post: (text) => process.send(text), listen: (hear) => process.on('message', hear) })
