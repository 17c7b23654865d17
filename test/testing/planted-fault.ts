/** A planted fault: what is done to a sound transport, and the rows of the suite that must find it. */
import type { Link } from 'qudag-connections'
import type { Plant } from './planted-transport.ts'

/** A fault and the rows that must find it, by their beginnings. */
export type Planted = readonly [name: string, rows: readonly string[], plant: Plant]

export const KIB = 1024
export const CHUNK = 64 * KIB
export const REMOTE = { kind: 'remote' } as const

export const numberOf = (data: Uint8Array): number => (data.length < 4 ? -1 : new DataView(data.buffer, data.byteOffset).getUint32(0))
export const is = (data: Uint8Array, n: number, length: number): boolean => data.length === length && numberOf(data) === n
export const never = <T>(): Promise<T> => new Promise(() => {})

export const IS_DONE = 'a dial is done when'
export const IS_REFUSED = 'a refusal reaches'
export const IS_GONE = 'an arrival that is gone'

/** The handler's calls, to be spread. */
export function bound(h: Parameters<Link['attach']>[0]): Parameters<Link['attach']>[0] {
  return { message: (d) => h.message(d), drain: () => h.drain(), closed: (r) => h.closed(r) }
}
