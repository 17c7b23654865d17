import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { beforeAll, expect, test } from 'vitest'
import { ConnectionManager } from 'qudag-connections'
import { scripted } from 'qudag-connections/testing'
import { expose } from '../../src/observability/exposition.ts'
import { DEBIAN_MS, debianBinary } from '../setup/debian-binary.ts'

let program = ''
beforeAll(async () => void (program = await debianBinary('prometheus', '/usr/bin/promtool')), DEBIAN_MS)

async function promtool(args: readonly string[], input = ''): Promise<{ readonly code: number; readonly said: string }> {
  const child = spawn(program, args, { stdio: 'pipe' })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (said += text))
  child.stdin.end(input)
  const [code] = (await once(child, 'close')) as [number]
  return { code, said }
}

test('promtool complains of nothing in the metrics but of a name that OpenTelemetry gives', async () => {
  const transport = scripted({ autoOpen: true, autoClose: 'sync' })
  const manager = new ConnectionManager(4, { transport, resolve: (peerId) => `scripted://${peerId}` })
  const exposed = expose(manager)
  await (await manager.connect('ann')).release()
  await (await manager.connect('ben')).close()
  transport.autoFail = new Error('nobody there')
  await manager.connect('cleo').catch(() => {})

  const { said } = await promtool(['check', 'metrics'], exposed.text())
  // `db.client.connection.count` is the pattern, and `_count` is the suffix of histograms.
  expect(said.trim().split('\n')).toEqual(['qudag_connection_count non-histogram and non-summary metrics should not have "_count" suffix'])
  exposed.end()
  await manager.shutdown()
})

test('promtool finds the rules good, and each is raised when it should be, and no other', async () => {
  expect(await promtool(['check', 'rules', 'examples/prometheus/rules.yml'])).toMatchObject({ code: 0 })
  expect(await promtool(['test', 'rules', 'examples/prometheus/cases.yml'])).toMatchObject({ code: 0 })
})

test('each rule has a case in which it is raised', () => {
  const names = Array.from(readFileSync('examples/prometheus/rules.yml', 'utf8').matchAll(/- alert: (\w+)/g), ([, name]) => name)
  const raised = Array.from(readFileSync('examples/prometheus/cases.yml', 'utf8').matchAll(/alertname="(\w+)"/g), ([, name]) => name)
  expect(names.length).toBeGreaterThan(9)
  expect(new Set(raised)).toEqual(new Set(names))
})
