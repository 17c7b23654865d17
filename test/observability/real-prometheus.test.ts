/** A real Prometheus scrapes the demo, judges our rules, and answers the questions of our dashboard. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DEBIAN_MS, debianBinary } from '../setup/debian-binary.ts'
import { allPanels, asked, readDashboard } from './dashboard.mjs'
import { monitoredDemo, until, type Prometheus } from './monitored-demo.mjs'

/** The demo has an incident of each kind within ten seconds; a slow machine may take longer. */
const INCIDENT_MS = 120_000

let prometheus: Prometheus
let end: (() => Promise<void>) | undefined

beforeAll(async () => {
  ;({ prometheus, end } = await monitoredDemo(await debianBinary('prometheus', '/usr/bin/prometheus')))
}, DEBIAN_MS + 60_000)
afterAll(() => end?.())

/** When the raw samples of an expression were taken, in seconds since the epoch, those of a value that counts alone. */
async function timesOf(series: string, counts: (value: number) => boolean): Promise<readonly number[]> {
  const { result } = await prometheus.query(`${series}[10m]`)
  return result.flatMap(({ values }) => values.filter(([, value]) => counts(Number(value))).map(([at]) => at)).toSorted((a, b) => a - b)
}

describe('the incidents of the demo', () => {
  test.each([
    ['QudagKeptPeerDown', 'qudag_connection_kept_peers{qudag_connection_up="false"}', /\d kept peers are not connected/],
    ['QudagBreakersOpen', 'qudag_connection_breakers_open', /\d peers are left alone/],
  ])('raise %s within two scrapes', { timeout: INCIDENT_MS + 10_000 }, async (alertname, condition, summary) => {
    const alert = await until(
      async () => (await prometheus.alerts()).find(({ labels, state }) => labels['alertname'] === alertname && state === 'firing'),
      INCIDENT_MS,
      alertname,
    )
    expect(alert.labels).toMatchObject({ job: 'demo', manager: 'default', severity: 'warning' })
    expect(alert.annotations['summary']).toMatch(summary)
    expect(alert.annotations['description']).not.toContain('{{')

    const raised = await until(
      async () => (await timesOf(`ALERTS{alertname="${alertname}",alertstate="firing"}`, () => true))[0],
      10_000,
      'ALERTS',
    )
    const [began = 0] = await timesOf(condition, (value) => value > 0)
    const scrapes = (await timesOf('up', () => true)).filter((at) => at > began && at <= raised)
    expect(raised).toBeGreaterThanOrEqual(began)
    expect(scrapes.length).toBeLessThanOrEqual(2)
  })

  test('raise QudagLimitReached within two scrapes of the limit', { timeout: INCIDENT_MS + 10_000 }, async () => {
    const firing = 'ALERTS{alertname="QudagLimitReached",alertstate="firing"}'
    const raised = await until(async () => (await timesOf(firing, () => true))[0], INCIDENT_MS, firing)
    // The subquery looks at every scrape: the series of the states are of one time.
    const full = `((sum(qudag_connection_count{qudag_connection_state!="idle"}) >= bool on() 0.95 * sum(qudag_connection_max)))[10m:250ms]`
    const { result } = await prometheus.query(full)
    const began = result.flatMap(({ values }) => values.filter(([, value]) => value === '1').map(([at]) => at))[0] ?? 0
    expect(began).toBeGreaterThan(0)
    expect((await timesOf('up', () => true)).filter((at) => at > began && at <= raised).length).toBeLessThanOrEqual(2)
  })
})

/** What the demo may have nothing of: nobody waits for a slot where peers yield, and its links are too short-lived to be pinged. */
const MAY_BE_EMPTY = new Set(['This should be empty', 'Wait for a slot', 'Turned away', 'Round trip', 'Round trips of pings'])

/** The demo is no fleet. */
const FLEET = new Set(readDashboard().panels.flatMap(({ panels = [] }) => panels.map(({ title }) => title)))

describe('the dashboard', () => {
  const queries = allPanels(readDashboard()).flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => [title, asked(expr, '10s')] as const),
  )

  test('asks nothing that Prometheus does not understand', async () => {
    for (const [, query] of queries) await expect(prometheus.query(query)).resolves.toMatchObject({ resultType: 'vector' })
  })

  test('has something to show of the demo in every panel that should', { timeout: INCIDENT_MS + 10_000 }, async () => {
    for (const [title, query] of queries) {
      if (MAY_BE_EMPTY.has(title) || FLEET.has(title)) continue
      const points = async () => {
        const all = (await prometheus.range(query, 60)).flatMap(({ values }) => values)
        return all.some(([, value]) => value !== 'NaN') ? all : undefined
      }
      expect(await until(points, INCIDENT_MS, `${title}: ${query}`)).not.toEqual([])
    }
  })

  test('says in its first panel what happens', { timeout: INCIDENT_MS + 10_000 }, async () => {
    const [first] = readDashboard().panels
    const shown = async (word: string) => {
      const { expr } = first!.targets!.find(({ legendFormat }) => legendFormat.startsWith(word))!
      return until(async () => (await prometheus.range(asked(expr, '10s'), 120))[0], INCIDENT_MS, word)
    }
    for (const word of ['kept peers down', 'breakers open', 'links, at the limit']) expect((await shown(word)).values).not.toEqual([])
  })
})
