/** A console's page without a screen, in a process of its own: reads what it is sent as a page does, and says how far it is. */
import { WebSocket } from 'ws'
import { WIRE_VERSION } from '../../dist/src/console/wire.js'

const [url, looksAt] = process.argv.slice(2)
const socket = new WebSocket(url.replace(/^http(.*)\/\?/, 'ws$1/socket?'), { origin: new URL(url).origin })
const tally = { seq: 0, steps: 0 }

process.once('disconnect', () => process.exit())
socket.on('open', () => socket.send(JSON.stringify({ type: 'hello', version: WIRE_VERSION })))
socket.on('message', (data) => {
  const message = JSON.parse(Buffer.from(data).toString())
  if (message.type === 'hello' && looksAt !== undefined) socket.send(JSON.stringify({ type: 'look', peerId: looksAt }))
  if (message.type === 'peer') tally.steps += message.peer.events.length
  if (message.type === 'batch') tally.seq = message.seq
  process.send(tally)
})
