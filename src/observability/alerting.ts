/** Alerts that leave the process: to a webhook, or as events of OpenTelemetry. */
/// <reference lib="esnext.disposable" preserve="true" />
export { alertEvents, type AlertEvent, type AlertEventOptions, type EventLogger } from './alert-events.ts'
export { alertWebhook, type AlertWebhook } from './webhook.ts'
export type { WebhookOptions } from './webhook-options.ts'
export type { Undo } from './undo.ts'
