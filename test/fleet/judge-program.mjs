/** The judge: a listener in a process of its own, which tells of each link by whom it is held and under which fence, by its own clock. */
import { ConnectionManager } from 'qudag-connections'
import { tcp } from 'qudag-connections/transports/tcp'

const judge = new ConnectionManager(5_000, {
  transport: tcp({ maxHandshakes: 5_000, maxHandshakesPerHost: 5_000, handshakeTimeoutMs: 60_000 }),
  rate: false,
  limits: { inbound: 5_000, perHost: 5_000 },
})
const { address } = await judge.listen('tcp://127.0.0.1:0')
const tell = (event) => process.send?.({ at: performance.now(), ...event })
let links = 0
judge.connections$.subscribe((connection) => {
  const link = ++links
  const { fence } = connection
  tell({ type: 'open', link, fence })
  connection.messages$.subscribe((data) => {
    const [pid, peer] = new TextDecoder().decode(data).split(' ')
    tell({ type: 'said', link, fence, pid: Number(pid), peer })
  })
  void connection.closed.then(() => tell({ type: 'closed', link, fence }))
})
process.once('disconnect', () => process.exit(0))
process.send?.({ type: 'listening', url: address.href })
