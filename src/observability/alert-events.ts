/** Events of OpenTelemetry for alerts: what leaves the process in its logs, each with what caused it. */
import type { Observable } from 'rxjs'
import { assertKnown, type Known } from '../../machines/domain/options.ts'
import type { Alert } from '../metrics/alerts.ts'
import type { Undo } from './undo.ts'

/** What is needed of a logger of OpenTelemetry: that of `@opentelemetry/api-logs` has it, and that of `@opentelemetry/api` 1.10. @since 0.2.0 */
export interface EventLogger {
  /** Takes an event. */
  emit(event: AlertEvent): void
}

/** An alert as an event of OpenTelemetry. @since 0.2.0 */
export interface AlertEvent {
  /** What kind of event it is. */
  readonly eventName: 'qudag.connection.alert'
  /** When it was decided. */
  readonly timestamp: Date
  /** 13 (`WARN`) for what is raised, 9 (`INFO`) for what has cleared. */
  readonly severityNumber: 13 | 9
  /** The same as a word. */
  readonly severityText: 'WARN' | 'INFO'
  /** What caused it, as a sentence. */
  readonly body: string
  /** The alert, field by field: `qudag.alert.name`, `.state`, `.value`, `.threshold`, and the `manager`. */
  readonly attributes: Record<string, string | number>
}

/** How alerts become events. @since 0.2.0 */
export interface AlertEventOptions {
  /** Where they go: `logs.getLogger('your app')` of the SDK that is registered. */
  readonly logger: EventLogger
  /** The attribute `manager`, which tells managers of one process apart. @default 'default' */
  readonly name?: string
}

const KNOWN = { logger: true, name: true } as const satisfies Known<AlertEventOptions>

/**
 * Emits each alert as an event, until the result is called or the alerts end.
 *
 * @throws TypeError that names the option
 * @since 0.2.0
 * @example
 * const stop = alertEvents(alerts(manager.metrics$, []), { logger: { emit: console.log } })
 * stop()
 */
export function alertEvents(alerts$: Observable<Alert>, options: AlertEventOptions): Undo {
  if (typeof options !== 'object' || options === null) throw new TypeError('options must be an object')
  assertKnown('', options, KNOWN)
  const { logger, name = 'default' } = options
  if (typeof logger?.emit !== 'function') throw new TypeError('logger must have the method emit, as a logger of OpenTelemetry')
  if (typeof name !== 'string') throw new TypeError('name must be a string')
  const subscription = alerts$.subscribe((alert) => logger.emit(eventOf(alert, name)))
  const end = (): void => subscription.unsubscribe()
  return Object.assign(end, { [Symbol.dispose]: end })
}

function eventOf({ name, state, at, value, threshold, cause }: Alert, manager: string): AlertEvent {
  const isRaised = state === 'raised'
  return {
    eventName: 'qudag.connection.alert',
    timestamp: new Date(at),
    severityNumber: isRaised ? 13 : 9,
    severityText: isRaised ? 'WARN' : 'INFO',
    body: `${state}: ${name}: ${cause}`,
    attributes: {
      'qudag.alert.name': name,
      'qudag.alert.state': state,
      'qudag.alert.value': value,
      'qudag.alert.threshold': threshold,
      manager,
    },
  }
}
