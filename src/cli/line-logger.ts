/** A logger for a shell: one JSON object a line on stderr, so that what the command reports on stdout stays what it is. */
import type { Logger } from '../runtime/options/logger.ts'
import { shownJson } from './shown-json.ts'

/** From the finest to the gravest. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const

/** One of these. */
export type LogLevel = (typeof LOG_LEVELS)[number]

/** Writes what is at least as grave as that. @param write takes a line; by default stderr does, until nobody reads it */
export function lineLogger(least: LogLevel, write: (line: string) => void = toStderr()): Logger {
  const isEnabled = (level: string): boolean => LOG_LEVELS.findIndex((one) => one === level) >= LOG_LEVELS.indexOf(least)
  const at = (level: LogLevel) => (fields: object, message: string) => {
    if (isEnabled(level)) write(`${shownJson({ level, at: Date.now(), message, ...fields })}\n`)
  }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error'), isLevelEnabled: isEnabled }
}

function toStderr(): (line: string) => void {
  let isGone = false
  process.stderr.on('error', () => (isGone = true))
  return (line) => {
    if (!isGone) process.stderr.write(line)
  }
}
