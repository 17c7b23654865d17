import { expect, test } from 'vitest'
import { INSTRUMENTS, prometheusName } from '../../src/observability/instruments.ts'
import { node24 } from '../setup/node24.ts'
import { APART_MS, packagesApart } from '../setup/packages-apart.ts'
import { toldBy } from './stranger.ts'

interface Told {
  readonly text: string
  readonly open: string
  readonly json: readonly string[]
  readonly earlier: string
  readonly after: number
}

test('the successor of prom-client, which wants Node 22, says what that says', { timeout: 3 * APART_MS }, async () => {
  const apart = await packagesApart('prometheus-client', ['@prometheus-io/client@0.16.1'])
  const { text, open, json, earlier, after } = await toldBy<Told>(await node24(), 'test/observability/successor-side.mjs', apart)

  const sorted = (exposition: string) => exposition.split('\n').filter((line) => line !== '')
  expect(sorted(text)).toEqual(sorted(earlier))
  expect(text).toContain(
    'qudag_connection_count{manager="edge",qudag_connection_state="idle",qudag_connection_direction="outbound",zone="a"} 1',
  )
  expect(open).toContain('# TYPE qudag_connection_attempts counter\nqudag_connection_attempts_total{manager="edge"')
  expect(open).not.toContain('_total_total')
  expect(json).toEqual(INSTRUMENTS.map(prometheusName))
  expect(after).toBe(0)
})
