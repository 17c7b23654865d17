/** One peer that matters: it is kept, its status is followed, and what is kept outlives this run. */
import { ConnectionManager, type SavedState } from 'qudag-connections'
import { filter } from 'rxjs'

// A manager's own timers never keep a process alive, so one that only waits to reconnect would end; a service has its server.
const alive = setInterval(() => {}, 60_000)

let hub = new ConnectionManager(10)
const { address } = await hub.listen('tcp://127.0.0.1:0')
const peerId = address.href

// Short pauses, so that this ends soon: the defaults are 1 s and 60 s.
const reconnect = { baseMs: 20, maxMs: 200, attempts: 0 }
const manager = new ConnectionManager(10, { reconnect })
manager.status$(peerId).subscribe((status) => console.log(`status: ${status ?? 'unknown'}`))
manager.protect(peerId, 'important')
manager.tag(peerId, 'stake', 100)

const connection = await manager.connect(peerId, { keep: true })
console.log(`connected, ${connection.direction}`)

// The hub goes away, stays away until it has been missed three times, and comes back at the same place.
let missed = 0
const back = new Promise<void>((resolve) => {
  manager.transitions$.pipe(filter(({ to }) => to === 'Failed')).subscribe(({ failure }) => {
    const { waiting, attempts } = manager.explain(peerId) ?? {}
    console.log(`missed ${++missed}: ${failure?.code}, attempt ${attempts}, waiting for ${waiting?.for}`)
    if (missed !== 3) return
    hub = new ConnectionManager(10)
    void hub.listen(address)
  })
  manager.transitions$.pipe(filter(({ to }) => to === 'Connected')).subscribe(() => resolve())
})
await hub.shutdown()
await back

// The next run takes up what this one kept: the peer, its addresses, what it is worth, its breaker and its pause.
const saved = JSON.stringify(manager.export())
await manager.shutdown()
const next = new ConnectionManager(10, { reconnect, restore: JSON.parse(saved) as SavedState })
const again = new Promise<void>((resolve) => {
  next.transitions$.pipe(filter(({ to }) => to === 'Connected')).subscribe(() => resolve())
})
await again
const { kept, score, protections } = next.explain(peerId)!
console.log('after a restart:', next.status(peerId), { kept, score, protections })
await next.shutdown()
await hub.shutdown()
clearInterval(alive)
