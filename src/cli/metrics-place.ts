/** A place to serve metrics at: a port, or a host and a port. */
import { UsageError } from './arguments.ts'
import { checked } from './flags.ts'

/** The loopback: nobody else is served unless that is asked for. */
const USUAL_HOST = '127.0.0.1'

/** Where metrics are served. */
export interface Place {
  readonly host: string
  readonly port: number
}

/** Reads `9464`, `0.0.0.0:9464` or `[::1]:9464`; undefined: it is none of these. */
export function readPlace(text: string): Place | undefined {
  const [, inBrackets, plain, digits = ''] = /^(?:(?:\[([\da-fA-F:.]+)\]|([^\s:[\]/]+)):)?(\d{1,5})$/.exec(text) ?? []
  const port = Number(digits)
  return digits === '' || port > 65_535 ? undefined : { host: inBrackets ?? plain ?? USUAL_HOST, port }
}

/** `--metrics-listen ADDR`. */
export const metricsFlag = checked(
  'ADDR',
  'serve /metrics for Prometheus, /healthz and /readyz at this port, or host:port (default host 127.0.0.1)',
  (given) => {
    if (readPlace(given) !== undefined) return given
    throw new UsageError(`must be a port, or a host and a port, as 127.0.0.1:9464, got '${given}'`)
  },
)
