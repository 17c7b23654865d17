/** One peer that matters: its status is followed, and each time it is lost it is dialled again, later and later, until it is back. */
import { ConnectionError, ConnectionManager, type Connection, type PeerId, type TransitionReason } from 'qudag-connections'
import { defer, filter, finalize, from, retry, startWith, switchMap, timer, type Observable } from 'rxjs'

/** A link that was there and is gone without anybody here having asked for it. */
const LOSSES: ReadonlySet<TransitionReason> = new Set(['remote-closed', 'link-error', 'heartbeat-lost', 'evicted'])
/** What may be otherwise the next time. */
const MENDABLE: ReadonlySet<string> = new Set(['ERR_DIAL_FAILED', 'ERR_CONNECT_TIMEOUT', 'ERR_MAX_CONNECTIONS'])

/** Milliseconds before the nth try: exponential, with full jitter, so that not everybody comes back in the same instant. */
function backoff(attempt: number, { base = 20, most = 30_000 } = {}): number {
  return Math.random() * Math.min(most, base * 2 ** attempt)
}

/** One connect, which nobody waits for any longer once it is unsubscribed from. */
function dial(manager: ConnectionManager, peerId: PeerId): Observable<Connection> {
  return defer(() => {
    const abort = new AbortController()
    return from(manager.connect(peerId, { signal: abort.signal })).pipe(finalize(() => abort.abort()))
  })
}

/** Holds a connection to `peerId` again and again: now, and after each loss. Ends when it is unsubscribed from. */
function hold(manager: ConnectionManager, peerId: PeerId): Observable<Connection> {
  const persistently = dial(manager, peerId).pipe(
    retry({
      delay: (error, attempt) => {
        // What waiting cannot mend is not tried again.
        if (!ConnectionError.is(error) || !MENDABLE.has(error.code)) throw error
        console.log(`try ${attempt}: ${error.code}`)
        return timer(backoff(attempt))
      },
    }),
  )
  return manager.transitions$.pipe(
    filter((it) => it.peerId === peerId && LOSSES.has(it.reason)),
    startWith(undefined),
    switchMap(() => persistently),
  )
}

let hub = new ConnectionManager(10)
const { address } = await hub.listen('tcp://127.0.0.1:0')
const peerId = address.href

const manager = new ConnectionManager(10)
const following = manager.status$(peerId).subscribe((status) => console.log(`status: ${status ?? 'unknown'}`))

let comebacks = 0
const holding = hold(manager, peerId).subscribe((connection) => {
  console.log(`connected, ${connection.direction}`)
  comebacks++
  void (comebacks === 1 ? outage() : end())
})

/** The hub goes away, stays away until it has been missed three times, and comes back at the same place. */
async function outage(): Promise<void> {
  let missed = 0
  const watching = manager.transitions$.subscribe(({ to }) => {
    if (to !== 'Failed' || ++missed < 3) return
    watching.unsubscribe()
    hub = new ConnectionManager(10)
    void hub.listen(address)
  })
  await hub.shutdown()
}

async function end(): Promise<void> {
  holding.unsubscribe()
  following.unsubscribe()
  await manager.shutdown()
  await hub.shutdown()
}
