/** Somebody should know when a manager is nearly full, and when it no longer is. */
import { ConnectionManager, type Connection } from 'qudag-connections'
import { alerts, type AlertRule } from 'qudag-connections/metrics'
import { filter, firstValueFrom, share } from 'rxjs'

const rules: readonly AlertRule[] = [
  // Raised above 80 % of the limit, cleared at half of it or less: it does not flutter in between.
  { name: 'nearly full', value: ({ connections, limit }) => connections / limit, above: 0.8, clearAt: 0.5 },
  // Only when it stays so: a slow second is nobody's business.
  { name: 'slow', value: 'avgLatency', above: 250, clearAt: 200, forMs: 10_000, clearForMs: 10_000 },
]

const hub = new ConnectionManager(10)
const { address } = await hub.listen('tcp://127.0.0.1:0')

// Sampled faster than a service would, so that the example is over soon.
const manager = new ConnectionManager(5, { resolve: () => address, metrics: { sampleMs: 20 } })
const alerts$ = alerts(manager.metrics$, rules).pipe(share())
alerts$.subscribe(({ name, state, cause }) => console.log(`${state}: ${name}: ${cause}`))
const next = (state: 'raised' | 'cleared') => firstValueFrom(alerts$.pipe(filter((alert) => alert.state === state)))

const raised = next('raised')
const held: Connection[] = []
for (const name of ['ann', 'ben', 'cleo', 'dan', 'eve']) held.push(await manager.connect(name))
await raised

const cleared = next('cleared')
for (const connection of held.slice(0, 3)) await connection.release()
await cleared

await manager.shutdown()
await hub.shutdown()
