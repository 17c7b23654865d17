/** A side of unix() in a process of its own, for the transport suite: it plays what it is told, until it is killed. */
import { serveSide } from 'qudag-connections/testing'
import { unix } from 'qudag-connections/transports/unix'

serveSide(unix(), { post: (text) => process.send(text), listen: (hear) => process.on('message', hear) })
