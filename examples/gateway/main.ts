/** A gateway as a process: `npm run example gateway`, and its backend beside it: `npm run example gateway backend`. Both end on SIGTERM. */
import { startBackend } from './backend.ts'
import { startGateway } from './gateway.ts'

const { env } = process
const role = process.argv[3] ?? 'gateway'
const stop = role === 'backend' ? await backend() : await gateway()

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    console.log(`${signal}: ending`)
    void stop()
  })
}

async function backend(): Promise<() => Promise<void>> {
  const started = await startBackend(env['ADDRESS'] ?? 'tcp://127.0.0.1:7001')
  console.log(`the backend is at ${started.address}`)
  return started.stop
}

async function gateway(): Promise<() => Promise<void>> {
  const started = await startGateway({
    port: Number(env['PORT'] ?? 8080),
    backends: JSON.parse(env['BACKENDS'] ?? '{"echo":"tcp://127.0.0.1:7001"}') as Record<string, string>,
    deny: env['DENY']?.split(',') ?? [],
    trustsProxy: env['TRUST_PROXY'] === '1',
    graceMs: Number(env['GRACE_MS'] ?? 10_000),
  })
  console.log(`the gateway is at ${started.url}`)
  started.manager.transitions$.subscribe(({ peerId, to, reason }) => console.log(`${peerId}: ${to ?? 'forgotten'} (${reason})`))
  return started.stop
}
