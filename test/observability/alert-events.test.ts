import { expect, test } from 'vitest'
import { Subject } from 'rxjs'
import { alertEvents, type AlertEvent } from 'qudag-connections/alerting'
import type { Alert } from 'qudag-connections/metrics'

const alert: Alert = {
  name: 'full',
  state: 'raised',
  at: 5,
  since: 4,
  value: 1,
  threshold: 0.8,
  cause: 'the value is 1',
  metrics: {} as never,
}

test('each alert is an event, until it is undone', () => {
  const alerts$ = new Subject<Alert>()
  const events: AlertEvent[] = []
  const undo = alertEvents(alerts$, { logger: { emit: (event) => events.push(event) }, name: 'edge' })
  alerts$.next(alert)
  alerts$.next({ ...alert, state: 'cleared' })
  undo()
  undo()
  alerts$.next(alert)
  expect(events).toEqual([
    {
      eventName: 'qudag.connection.alert',
      timestamp: new Date(5),
      severityNumber: 13,
      severityText: 'WARN',
      body: 'raised: full: the value is 1',
      attributes: {
        'qudag.alert.name': 'full',
        'qudag.alert.state': 'raised',
        'qudag.alert.value': 1,
        'qudag.alert.threshold': 0.8,
        manager: 'edge',
      },
    },
    expect.objectContaining({ severityNumber: 9, severityText: 'INFO', body: 'cleared: full: the value is 1' }),
  ])
})

test.each([
  [{}, 'logger'],
  [{ logger: { emit() {} }, name: 1 }, 'name'],
  [{ logger: { emit() {} }, manager: 'x' }, 'manager'],
])('refuses %j', (options, name) => {
  expect(() => alertEvents(new Subject(), options as never)).toThrow(name)
})
