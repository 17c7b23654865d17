/** The options of a console are checked before it listens. */
import { assertKnown, type Known } from '../../machines/domain/options.ts'
import { randomBytes } from 'node:crypto'
import { redactDefault, type Redactor } from './redactor.ts'

/** How a console is served. @since 0.1.0 */
export interface ConsoleOptions {
  /** Where it listens; 0: any free port, which the console's `url` then names. Workers of `node:cluster` do not share it. @default 0 */
  readonly port?: number
  /**
   * The address that it listens at. Anything but this machine's own lets others see the peers who have the URL, in the
   * clear. @default '127.0.0.1'
   */
  readonly host?: string
  /** What the URL must carry, at least 16 characters of `A-Z a-z 0-9 - _`. @default 256 random bits */
  readonly token?: string
  /** Whether a page may command the peers: connect, disconnect, retry, report. @default false: it may only look */
  readonly allowSend?: boolean
  /** Passes everything that is shown of contexts, explanations and addresses. @default cuts what is long, drops what is binary, hides passwords in URLs */
  readonly redact?: Redactor
  /** The most pages at a time; one more is refused with 503. @default 16 */
  readonly maxClients?: number
}

const KNOWN = {
  port: true,
  host: true,
  token: true,
  allowSend: true,
  redact: true,
  maxClients: true,
} as const satisfies Known<ConsoleOptions>

/** The same, checked, with defaults. */
export type ConsoleSettings = Required<ConsoleOptions>

/** @throws TypeError or RangeError that names the option */
export function checkOptions(options: ConsoleOptions): ConsoleSettings {
  if (typeof options !== 'object' || options === null) throw new TypeError('options must be an object')
  assertKnown('', options, KNOWN)
  const { port = 0, host = '127.0.0.1', token = randomBytes(32).toString('base64url') } = options
  const { allowSend = false, redact = redactDefault, maxClients = 16 } = options
  assertInteger('port', port, 0, 65_535)
  assertInteger('maxClients', maxClients, 1, 10_000)
  if (typeof host !== 'string' || host === '') throw new TypeError('host must be a string that is not empty')
  if (typeof token !== 'string') throw new TypeError('token must be a string')
  if (!/^[\w-]{16,512}$/.test(token)) throw new RangeError('token must be 16 to 512 characters of A-Z a-z 0-9 - _')
  if (typeof allowSend !== 'boolean') throw new TypeError('allowSend must be a boolean')
  if (typeof redact !== 'function') throw new TypeError('redact must be a function')
  return { port, host, token, allowSend, redact, maxClients }
}

function assertInteger(name: string, value: unknown, least: number, most: number): void {
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number`)
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new RangeError(`${name} must be an integer from ${least} to ${most}, got ${value}`)
  }
}
