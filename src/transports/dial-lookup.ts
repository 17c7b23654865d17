/** The look-up of a dial: nothing connects to an IP address that a rule denies, by whatever name it was called. */
import { lookup, type LookupAddress } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { ConnectionError } from '../errors.ts'
import type { DialOptions } from './transport.ts'

type Answer = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void

/** Throws where a host is an IP address that a rule denies. @throws ConnectionError `ERR_DENIED` */
export function assertNotDenied(host: string, options: DialOptions): void {
  if (isIP(host) !== 0 && options.denies?.(host) === true) throw denied(host, host, options)
}

/**
 * Looks names up, and leaves out the addresses that a rule denies; where none is left it fails with `ERR_DENIED`.
 *
 * @param look how. @default Node's own
 */
export function lookupFor(options: DialOptions, look: LookupFunction = lookup): LookupFunction {
  return (host, asked, answer: Answer) => {
    const filter: Answer = (error, found, family = 4) => {
      if (error) return answer(error, [])
      const addresses = typeof found === 'string' ? [{ address: found, family }] : found
      const open = addresses.filter(({ address }) => options.denies?.(address) !== true)
      const [first] = open
      if (first === undefined) {
        const all = addresses.map(({ address }) => address).join(' and ')
        return answer(denied(host, all, options), [])
      }
      if (asked.all === true) answer(null, open)
      else answer(null, first.address, first.family)
    }
    look(host, { ...asked, all: true }, filter)
  }
}

function denied(host: string, ip: string, { peerId }: DialOptions): ConnectionError {
  const where = host === ip ? ip : `${ip}, where ${host} leads`
  return new ConnectionError('ERR_DENIED', `the option deny names ${where}; change that rule if it is wanted`, { peerId })
}
