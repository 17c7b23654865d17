/** Opens many connections to a port, says half a hello on each, and holds them; tells when all are open or over, and how many were ended by the other side. */
import { connect } from 'node:net'

const [port, count, said] = process.argv.slice(2)
let [settled, ended] = [0, 0]

function settle() {
  if (++settled === Number(count)) process.send('all')
}

for (let i = 0; i < Number(count); i++) {
  const socket = connect(Number(port), '127.0.0.1')
  let isSettled = false
  const once = () => {
    if (!isSettled) settle()
    isSettled = true
  }
  socket.on('error', () => {}).resume()
  socket.on('connect', () => socket.write(Buffer.from(said, 'hex'), once))
  socket.on('close', () => {
    once()
    if (++ended === Number(count)) process.send('gone')
  })
}
process.once('disconnect', () => process.exit(0))
