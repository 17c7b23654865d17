/**
 * A peer of the wire of `tcp:`, version 2, with nothing of qudag-connections in it: src/transports/README.md describes the wire.
 *
 *     node peer.mjs dial HOST PORT
 *     node peer.mjs listen PORT [REFUSAL]     one peer; with a REFUSAL, as {"code":"ERR_DENIED","reason":"closed"}, it is turned away
 * Lines to type once it is open: `say WORDS`, `ping`, `bye [REASON]`. What happens is printed, a line each.
 */
import { connect, createServer } from 'node:net'

const PREAMBLE = Buffer.from('QDC\x02', 'latin1')
const [DATA, PING, PONG, GOODBYE, HELLO, REFUSAL] = [0, 1, 2, 3, 4, 5]
const LEAST = [0, 4, 4, 0, 0, 0] // bytes of payload, by kind
const MOST = [16 * 1024 * 1024, 4, 4, 64, 4096, 4096]
const TIMEOUT_MS = 10_000

function frame(kind, payload) {
  const header = Buffer.alloc(4)
  header.writeUInt32BE(((kind << 29) | Buffer.byteLength(payload)) >>> 0)
  return Buffer.concat([header, Buffer.from(payload)])
}

function speak(socket, isDialer, refusal) {
  let [rest, hasPreamble, isOpen, isOver] = [Buffer.alloc(0), false, false, false]
  const end = (words, last) => {
    if (!isOver) console.log(words)
    if (isOver || last === undefined) socket.destroy()
    else socket.setTimeout(TIMEOUT_MS).end(last)
    isOver = true
    process.stdin.destroy()
    return false
  }
  const open = () => {
    isOpen = true
    socket.setTimeout(0)
    if (!isDialer) socket.write(frame(HELLO, '{}'))
    console.log('open')
    process.stdin.on('data', (lines) => String(lines).split('\n').forEach(command))
  }
  const command = (line) => {
    const [, verb, words] = /^(\w*) ?(.*)$/.exec(line)
    if (verb === 'say' && !isOver) socket.write(frame(DATA, words))
    if (verb === 'ping' && !isOver) socket.write(frame(PING, '\0\0\0\x01'))
    if (verb === 'bye') end('closed', frame(GOODBYE, words))
  }
  const take = (kind, payload) => {
    if (kind === REFUSAL && isDialer && !isOpen) end(`refused ${payload}`)
    else if ((kind === HELLO) === isOpen || kind === REFUSAL) end(`broken: the kind ${kind} at the wrong time`)
    else if (kind === HELLO && refusal) end('turned away', frame(REFUSAL, refusal))
    else if (kind === HELLO) open()
    else if (kind === DATA) console.log(`message ${payload}`)
    else if (kind === PING) socket.write(frame(PONG, payload))
    else if (kind === PONG) console.log(`pong ${payload.readUInt32BE()}`)
    else end(`goodbye ${payload}`.trimEnd())
  }
  const read = () => {
    if (isOver || rest.length < 4) return false
    const length = hasPreamble ? rest.readUInt32BE() & 0x1fffffff : 0
    const kind = rest[0] >>> 5
    if (!hasPreamble && !rest.subarray(0, 4).equals(PREAMBLE)) return end(`broken: began with ${rest.toString('hex', 0, 4)}`)
    if (hasPreamble && !(length >= LEAST[kind] && length <= MOST[kind])) return end(`broken: ${length} bytes of the kind ${kind}`)
    if (rest.length < 4 + length) return false
    const payload = rest.subarray(4, 4 + length)
    rest = rest.subarray(4 + length)
    if (hasPreamble) take(kind, payload)
    return (hasPreamble = true)
  }
  socket.on('data', (chunk) => {
    rest = isOver ? chunk : Buffer.concat([rest, chunk])
    while (read());
  })
  socket.setTimeout(TIMEOUT_MS, () => end('broken: no hello in time'))
  socket.on('end', () => end('broken: ended without a goodbye')).on('error', (error) => end(`broken: ${error.code}`))
  socket.write(isDialer ? Buffer.concat([PREAMBLE, frame(HELLO, '{}')]) : PREAMBLE)
}

const [what, ...words] = process.argv.slice(2)
if (what === 'dial') speak(connect({ host: words[0], port: Number(words[1]), allowHalfOpen: true }), true)
const server = createServer({ allowHalfOpen: true }, (socket) => speak(socket, false, words[1]))
server.once('connection', () => server.close()).on('listening', () => console.log(`listening at ${server.address().port}`))
if (what === 'listen') server.listen(Number(words[0]), '127.0.0.1')
