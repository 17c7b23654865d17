/** One peer that matters: it is kept, its status is followed, and what is kept outlives this run. */
import { ConnectionManager, type SavedState } from 'qudag-connections'
import { filter } from 'rxjs'

let hub = new ConnectionManager(10)
const { address } = await hub.listen('tcp://127.0.0.1:0')
const peerId = address.href

// Short pauses, so that this ends soon: the defaults are 1 s and 60 s.
const reconnect = { baseMs: 20, maxMs: 200, attempts: 0 }
// A manager's own timers never keep a process alive, so one that only waits to reconnect would end; a service has its server.
const options = { reconnect, keepAlive: true }
const manager = new ConnectionManager(10, options)
manager.status$(peerId).subscribe((status) => console.log(`status: ${status ?? 'unknown'}`))
manager.protect(peerId, 'important')
manager.tag(peerId, 'stake', 100)

// A handle on the peer, not on one link: it is good through every outage, until it is released.
const bob = manager.keep(peerId, { queue: {} })
const { direction } = await bob.connected()
console.log(`connected, ${direction}`)

// The hub goes away, stays away until it has been missed three times, and comes back at the same place.
let missed = 0
const back = new Promise<void>((resolve) => {
  manager.transitions$.pipe(filter(({ to }) => to === 'Failed')).subscribe(({ failure }) => {
    const { waiting, attempts } = manager.explain(peerId) ?? {}
    console.log(`missed ${++missed}: ${failure?.code}, attempt ${attempts}, waiting for ${waiting?.for}`)
    if (missed !== 3) return
    // Said while nobody is there, heard when somebody is.
    bob.send(new TextEncoder().encode('are you back?'))
    hub = new ConnectionManager(10)
    hub.messages$.subscribe(({ data }) => {
      console.log(`the hub heard: ${new TextDecoder().decode(data)}`)
      resolve()
    })
    void hub.listen(address)
  })
})
await hub.shutdown()
await back

// The next run takes up what this one kept: the peer, its addresses, what it is worth, its breaker and its pause.
const saved = JSON.stringify(manager.export())
await manager.shutdown()
const next = new ConnectionManager(10, { ...options, restore: JSON.parse(saved) as SavedState })
const again = new Promise<void>((resolve) => {
  next.transitions$.pipe(filter(({ to }) => to === 'Connected')).subscribe(() => resolve())
})
await again
const { kept, score, protections } = next.explain(peerId)!
console.log('after a restart:', next.status(peerId), { kept, score, protections })
await next.shutdown()
await hub.shutdown()
