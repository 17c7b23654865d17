/** The addresses of a dial, as they are read: each is parsed once, when its turn comes. */
import { readAddresses } from '../options/given-addresses.ts'

/** The addresses in an answer of `resolve`. @throws TypeError that names the one that is none */
export function namedIn(resolved: unknown): string[] {
  if (typeof resolved === 'string' && resolved !== '') return [resolved]
  const listed: readonly unknown[] = Array.isArray(resolved) ? resolved : [resolved]
  const given = listed.filter((address) => address !== undefined && address !== null && address !== '')
  return readAddresses('what resolve gives', given)
}

/** An address as a URL; undefined: it is none. To ask first whether it is one would parse it twice. */
export function parsed(text: string): URL | undefined {
  try {
    return new URL(text)
  } catch {
    return undefined
  }
}
