/** `run --fleet`: workers share what they are asked, one that is killed is replaced and its peers come back, and all of it ends. */
import { describe, expect, onTestFinished, test } from 'vitest'
import { startRedis } from '../fleet/servers.ts'
import { DEBIAN_MS } from '../setup/debian-binary.ts'
import { BuiltCommand, isRunning, RunningCommand } from './command.ts'

/** Short enough for a test, long enough for a busy machine. */
const LEASE = ['--fleet-lease', '2000', '--reconnect', '200', '--reconnect-max', '1000']

/** So long that nobody waits for it to end. */
const LONG_LEASE = ['--fleet-lease', '600000', '--reconnect', '200', '--reconnect-max', '1000']

describe('run --fleet', () => {
  test('cluster: each peer is one worker’s, those of a worker that is killed come back at once, and SIGTERM ends them all', async () => {
    const { hub, addresses } = await hubOf(2)
    const fleet = running(new BuiltCommand('run', '--fleet', 'cluster', '--workers', '2', ...LONG_LEASE, '--json', ...kept(addresses)))
    await fleet.line(/"type":"fleet".*"state":"joined"/, 2)
    await fleet.line(/"to":"Connected"/, 2)
    const pids = [1, 2].map((nth) => fleet.line(/^worker \d+ started$/, nth))
    const first = Number((await pids[0])?.split(' ')[1])

    process.kill(first, 'SIGKILL')
    await fleet.line(/^worker \d+ ended \(SIGKILL\); another takes its place$/)
    await hub.line(/"to":"Connected"/, 3)
    await fleet.line(/"type":"fleet".*"state":"joined"/, 3)
    fleet.child.kill('SIGTERM')

    const { code, lines, stderr } = await fleet.ended
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(lines.filter((line) => line.includes('"type":"report"'))).toHaveLength(2)
    const all = lines.flatMap((line) => /^worker (\d+) started$/.exec(line)?.[1] ?? []).map(Number)
    expect(all).toHaveLength(3)
    expect(all.filter(isRunning)).toEqual([])
  }, 120_000)

  test('cluster: it ends by itself after --seconds', async () => {
    const { addresses } = await hubOf(1)
    const fleet = running(new BuiltCommand('run', '--fleet', 'cluster', '--seconds', '2', '--json', ...kept(addresses)))
    const { code, stderr } = await fleet.ended
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  }, 120_000)

  test(
    'redis: a node says why it waits at a store that is new, joins, and connects what it keeps',
    async () => {
      const server = await startRedis()
      onTestFinished(() => server.kill())
      const { addresses } = await hubOf(1)
      const store = ['--fleet', `redis://127.0.0.1:${server.port}`, '--fleet-node', 'ann']
      const fleet = running(new BuiltCommand('run', ...store, ...LEASE, '--json', ...kept(addresses)))
      await fleet.line(/"type":"fleet".*"node":"ann","state":"joining","store":"redis","why":"the store is new or has lost its data/)
      await fleet.line(/"type":"fleet".*"node":"ann","state":"joined"/)
      await fleet.line(/"to":"Connected"/)
      fleet.child.kill('SIGTERM')
      const { code, stderr } = await fleet.ended
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    },
    DEBIAN_MS,
  )
})

function kept(addresses: readonly string[]): string[] {
  return addresses.flatMap((address) => ['--keep', address])
}

/** Peers to keep: one process that listens at as many ports. */
async function hubOf(count: number): Promise<{ readonly hub: RunningCommand; readonly addresses: readonly string[] }> {
  const listen = Array.from({ length: count }, () => ['--listen', 'tcp://127.0.0.1:0']).flat()
  const hub = running(new RunningCommand('run', '--json', ...listen))
  const addresses = []
  for (let nth = 1; nth <= count; nth++) {
    const { address } = JSON.parse(await hub.line(/"type":"listening"/, nth)) as { address: string }
    addresses.push(address)
  }
  return { hub, addresses }
}

/** What is left of it when the test is over is ended. */
function running<T extends RunningCommand>(command: T): T {
  onTestFinished(async () => {
    command.child.kill('SIGTERM')
    await command.ended
  })
  return command
}
