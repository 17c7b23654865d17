/** A logger of the app's, as pino has it: fields first, then words. */

/** What is needed of a logger: that of `pino` has it, and any other that is called alike. @since 0.2.0 */
export interface Logger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
  /** Whether lines of a level are written at all. Left out: they are. */
  isLevelEnabled?(level: string): boolean
}

const LEVELS = ['debug', 'info', 'warn', 'error'] as const

/** @throws TypeError that names the option */
export function assertLogger(logger: unknown): asserts logger is Logger {
  const given = logger as Partial<Record<string, unknown>> | null
  const missing = typeof given !== 'object' || given === null ? 'debug' : LEVELS.find((level) => typeof given[level] !== 'function')
  if (missing !== undefined) throw new TypeError(`logger must have the methods ${LEVELS.join(', ')}, as pino has; ${missing} is missing`)
}
