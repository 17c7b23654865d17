/** Connects to a port and says nothing. Its argument: the port, how many, and whether one that is cut comes again. */
import { connect } from 'node:net'
import { once } from 'node:events'
import { say } from './few.mjs'

const { port, count, again } = JSON.parse(process.argv[2])
const knock = async () => {
  const socket = connect({ port, host: '127.0.0.1' })
  socket.on('error', () => {})
  if (again) socket.on('close', () => setTimeout(() => void knock(), 1_000))
  await once(socket, 'connect').catch(() => {})
}
for (let i = 0; i < count; i++) await knock()
say({ knocked: count })
setInterval(() => {}, 60_000)
