/** The preamble: the four bytes that each side of a stream begins with, and what is wrong with others. */
import { systemError } from './link-error.ts'

const VERSION = 2
const MAGIC = 0x51_44_43 // "QDC"
/** The first four bytes of each side: `QDC` and the version. */
export const PREAMBLE_WORD = ((MAGIC << 8) | VERSION) >>> 0

/** "quda": the first four bytes of what version 1 answers to any other version, the name of this package. */
const OLD_REFUSAL = 0x71_75_64_61

/**
 * Checks what the other side began with.
 *
 * @throws SystemError `EPROTO`, with the `version` that the other side speaks where it said one
 */
export function checkPreamble(found: number): void {
  if (found === PREAMBLE_WORD) return
  if (found >>> 8 === MAGIC) {
    const version = found & 0xff
    throw Object.assign(
      systemError('EPROTO', `the other side speaks version ${version} of the framing, this side speaks version ${VERSION}`),
      { version },
    )
  }
  if (found === OLD_REFUSAL) {
    throw systemError('EPROTO', `the other side speaks version 1 of the framing, or none, this side speaks version ${VERSION}`)
  }
  const text = JSON.stringify(String.fromCharCode(found >>> 24, (found >>> 16) & 0xff, (found >>> 8) & 0xff, found & 0xff))
  throw systemError('EPROTO', `the other side is not a peer of this protocol: it began with ${text}`)
}
