/** The far end of a long run: a manager in a process of its own that echoes, until its parent leaves. */
import { once } from 'node:events'
import { ConnectionManager } from 'qudag-connections'
import { tcp } from 'qudag-connections/transports/tcp'
import { CountedTransport, Witness } from './witness.ts'

const [, , places] = process.argv
const LIMIT = 100

const transport = new CountedTransport(tcp(), true)
const manager = new ConnectionManager(LIMIT, { transport, closeTimeoutMs: 200, metrics: { sampleMs: 50, latencyMs: 100 } })
const witness = new Witness(manager, transport, LIMIT)
manager.messages$.subscribe(({ peerId, data }) => manager.get(peerId)?.send(data))

const addresses: string[] = []
for (let i = 0; i < Number(places); i++) addresses.push((await manager.listen('tcp://127.0.0.1:0')).address.href)
process.send!(addresses)
await once(process, 'message')
await witness.track(manager.shutdown({ timeoutMs: 500 }))
process.send!(witness.testify(), () => process.disconnect())
