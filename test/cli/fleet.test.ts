/** `run --fleet`: workers share what they are asked, one that is killed is replaced and its peers come back, and all of it ends. */
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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

  test('cluster: each worker has its own port, name and file, and one that takes the place of another has the same ones', async () => {
    const [metrics, console] = [await freePorts(2), await freePorts(2)]
    const folder = mkdtempSync(join(tmpdir(), 'fleet-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const served = ['--metrics-listen', `${metrics}`, '--console', `${console}`, '--record', join(folder, 'all.jsonl')]
    const which = ['--listen', 'tcp://127.0.0.1:0', '--workers', '2', '--fleet-node', 'ann']
    const fleet = running(new BuiltCommand('run', '--fleet', 'cluster', ...LONG_LEASE, '--json', ...which, ...served))
    const urls = await Promise.all([1, 2].map(async (nth) => urlOf(await fleet.line(/"type":"serving"/, nth))))
    const consoles = await Promise.all([1, 2].map(async (nth) => urlOf(await fleet.line(/"type":"console"/, nth))))
    await fleet.line(/"type":"fleet".*"state":"joined"/, 2)

    expect(urls.toSorted()).toEqual([0, 1].map((index) => `http://127.0.0.1:${metrics + index}/metrics`))
    expect(consoles.map((url) => Number(new URL(url).port)).toSorted(byNumber)).toEqual([console, console + 1])
    // Listening at one port: both workers say the same.
    const listening = await Promise.all(
      [1, 2].map(async (nth) => JSON.parse(await fleet.line(/"type":"listening"/, nth)).address as string),
    )
    expect(new Set(listening).size).toBe(1)
    for (const index of [0, 1]) {
      for (let scrape = 0; scrape < 4; scrape++) expect(await nodesAt(metrics + index)).toEqual([`ann-${index}`])
      expect((await fetch(`http://127.0.0.1:${metrics + index}/readyz`)).status).toBe(200)
    }

    process.kill(pidOf(await fleet.line(/^worker \d+ started$/)), 'SIGKILL')
    await fleet.line(/^worker \d+ ended \(SIGKILL\)/)
    const again = urlOf(await fleet.line(/"type":"serving"/, 3))
    expect(again).toBe(`http://127.0.0.1:${metrics}/metrics`)
    expect(await nodesAt(metrics)).toEqual(['ann-0'])
    fleet.child.kill('SIGTERM')
    expect(await fleet.ended).toMatchObject({ code: 0, stderr: '' })
    expect(readdirSync(folder).filter((name) => /^all-\d\.jsonl$/.test(name))).toEqual(['all-0.jsonl', 'all-1.jsonl'])
  }, 120_000)

  test.each([
    [['--metrics-listen', '65535'], '--metrics-listen: each of 2 workers has a port of its own, from 65535 on, and 65535 is the last one'],
    [['--metrics-listen', '9464', '--console', '9465'], '--metrics-listen and --console must be 2 ports apart'],
  ])('cluster: refuses %j', async (args, says) => {
    const { code, stderr } = await running(new RunningCommand('run', '--fleet', 'cluster', '--listen', 'tcp://127.0.0.1:0', ...args)).ended
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(says) })
  })

  test('cluster: ends with the reason, and all its workers, where one of them finds its port taken', async () => {
    const taken = await freePorts(2)
    const other = createServer().listen(taken + 1, '127.0.0.1')
    onTestFinished(() => void other.close())
    await once(other, 'listening')
    const asked = ['--listen', 'tcp://127.0.0.1:0', '--workers', '2', '--metrics-listen', `${taken}`]
    const { code, lines, stderr } = await running(new BuiltCommand('run', '--fleet', 'cluster', ...LONG_LEASE, '--json', ...asked)).ended
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/EADDRINUSE.*\n.*worker \d+ could not begin/) })
    const all = lines.flatMap((line) => /^worker (\d+) started$/.exec(line)?.[1] ?? []).map(Number)
    expect(all).toHaveLength(2)
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
  test(
    'redis: /readyz says no, and why, while the store is away and when the lease is lost',
    async () => {
      const server = await startRedis()
      onTestFinished(() => server.kill())
      const store = ['--fleet', `redis://127.0.0.1:${server.port}`, '--fleet-node', 'ann', '--metrics-listen', '0']
      const fleet = running(new BuiltCommand('run', ...store, ...LEASE, '--json', '--listen', 'tcp://127.0.0.1:0'))
      const readyz = new URL('/readyz', urlOf(await fleet.line(/"type":"serving"/)))
      const ready = async () => {
        const answer = await fetch(readyz)
        return { status: answer.status, text: await answer.text() }
      }
      await fleet.line(/"type":"fleet".*"state":"joined"/)
      expect(await ready()).toEqual({ status: 200, text: "ok takes new work: Accepting\nok node 'ann' of fleet 'fleet': joined\n" })

      await server.kill('SIGKILL')
      await fleet.line(/"type":"fleet".*"state":"(store away|lost)"/)
      expect(await ready()).toEqual({
        status: 503,
        text: expect.stringMatching(/\nNOT node 'ann' of fleet 'fleet': (store away|lost) \(.+\)\n$/),
      })
      await fleet.line(/"type":"fleet".*"state":"lost"/)
      expect(await ready()).toEqual({ status: 503, text: expect.stringMatching(/\nNOT node 'ann' of fleet 'fleet': lost \(.+\)\n$/) })
    },
    DEBIAN_MS,
  )
})

function kept(addresses: readonly string[]): string[] {
  return addresses.flatMap((address) => ['--keep', address])
}

function urlOf(line: string): string {
  return (JSON.parse(line) as { readonly url: string }).url
}

function pidOf(line: string): number {
  return Number(line.split(' ')[1])
}

function byNumber(a: number, b: number): number {
  return a - b
}

/** The nodes that one scrape names. */
async function nodesAt(port: number): Promise<readonly string[]> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`, { headers: { connection: 'close' } })).text()
  return [...new Set(Array.from(text.matchAll(/node="([^"]*)"/g), ([, name = '']) => name))]
}

/** The first of some ports in a row that are free. */
async function freePorts(count: number): Promise<number> {
  for (let tries = 0; tries < 50; tries++) {
    const servers = [createServer().listen(0, '127.0.0.1')]
    await once(servers[0]!, 'listening')
    const { port } = servers[0]!.address() as AddressInfo
    for (let next = 1; next < count; next++) servers.push(createServer().listen(port + next, '127.0.0.1'))
    const isFree = await Promise.all(servers.slice(1).map((server) => once(server, 'listening'))).then(
      () => true,
      () => false,
    )
    await Promise.all(servers.map((server) => new Promise((resolve) => void server.close(resolve))))
    if (isFree) return port
  }
  throw new Error(`there are no ${count} free ports in a row`)
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
