/** A program whose only business is one kept peer. It says how its peer is, and when it is there again lets it go. */
import { ConnectionManager } from 'qudag-connections'

const [, , address, how, keepAlive] = process.argv
const isKeptAlive = keepAlive === 'alive'
const manager = new ConnectionManager(5, {
  reconnect: { baseMs: 20, maxMs: 50 },
  breaker: false,
  // A link that waits in the pool would keep the process running too.
  poolTimeoutMs: 0,
  ...(how === 'option' ? { keepAlive: isKeptAlive } : {}),
})
const kept = how === 'keep' ? manager.keep(address, { keepAlive: isKeptAlive }) : undefined
let times = 0
manager.status$(address).subscribe((status) => {
  console.log(status)
  if (status !== 'Connected') return
  if (++times === 2) void (kept === undefined ? manager.disconnect(address, { pool: false }) : kept.release())
})
if (kept === undefined) {
  await manager.connect(address, { keep: true, ...(how === 'connect' && isKeptAlive ? { keepAlive: true } : {}) })
}
