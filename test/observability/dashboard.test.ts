import { describe, expect, test } from 'vitest'
import { allPanels, readDashboard } from './dashboard.mjs'
import { expectExposed } from './exposed-series.ts'

const dashboard = readDashboard()
const panels = allPanels(dashboard)
const shown = panels.filter(({ type }) => type !== 'row')

describe('the dashboard for Grafana', () => {
  test('can be imported and provisioned: its id is free, its uid fixed, its data source asked for and chosen', () => {
    expect(dashboard).toMatchObject({
      id: null,
      uid: 'qudag-connections',
      __inputs: [{ name: 'DS_PROMETHEUS', type: 'datasource', pluginId: 'prometheus' }],
    })
    const [source, ...others] = dashboard.templating.list
    expect(source).toMatchObject({ name: 'datasource', type: 'datasource', current: { value: '${DS_PROMETHEUS}' } })
    expect(others.map(({ name }) => name)).toEqual(['job', 'instance', 'manager'])
    for (const { datasource, targets = [] } of shown) {
      for (const one of [datasource, ...targets.map((target) => target.datasource)]) {
        expect(one).toEqual({ type: 'prometheus', uid: '${datasource}' })
      }
    }
  })

  test('begins with the panel that should be empty, and goes on as one looks for a fault', () => {
    expect(dashboard.panels[0]).toMatchObject({ title: 'This should be empty', gridPos: { x: 0, y: 0, w: 24 } })
    expect(panels.filter(({ type }) => type === 'row').map(({ title }) => title)).toEqual([
      'Is there room?',
      'Can peers be reached?',
      'Do links last?',
      'Who is at the door?',
      'Is the pool worth it?',
      'What passes?',
      'Is the fleet whole?',
    ])
    for (const { description } of shown) expect(description.length).toBeGreaterThan(20)
  })

  test('asks only for what is exposed, of the instances that are chosen, and at the interval of Grafana', () => {
    const queries = shown.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))
    for (const expr of queries) {
      expect(expectExposed(expr)).toBeGreaterThan(0)
      const selectors = Array.from(expr.matchAll(/qudag_\w+\{([^}]*)\}/g), ([, matchers]) => matchers)
      for (const matchers of selectors) expect(matchers).toContain('job=~"$job",instance=~"$instance",manager=~"$manager"')
      for (const [, interval] of expr.matchAll(/\[([^\]]*)\]/g)) expect(interval).toBe('$__rate_interval')
    }
  })

  test('no panel covers another', () => {
    const cells = new Set<string>()
    for (const { gridPos, title } of panels) {
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect(cells.has(`${x} ${y}`) ? title : undefined).toBeUndefined()
          cells.add(`${x} ${y}`)
        }
      }
    }
  })
})
