/** A man in the middle, in a process of its own, who has no key: he passes on what both sides say, and swaps a byte when he is told to. */
import { connect, createServer } from 'node:net'

const port = Number(process.argv[2])
let swaps = false
const server = createServer((near) => {
  const far = connect(port, '127.0.0.1')
  for (const [from, to] of [
    [near, far],
    [far, near],
  ]) {
    from.on('error', () => {}).on('close', () => to.destroy())
    from.on('data', (chunk) => {
      if (swaps) chunk[chunk.length - 1] ^= 1
      to.write(chunk)
    })
  }
})
process.on('message', (what) => {
  swaps = what
  process.send('done')
})
process.once('disconnect', () => process.exit(0))
server.listen(0, '127.0.0.1', () => process.send(server.address().port))
