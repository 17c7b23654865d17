/** An address that nothing here could ever listen at, or dial, is refused before anything begins. */
import { platform } from '#platform'
import { MAX_PEER_ID_LENGTH } from '../../../machines/domain/peer-id.ts'
import { addressText } from '../address-text.ts'
import { UsageError, type Flag } from '../arguments.ts'
import { checked } from '../flags.ts'

const EXAMPLE = 'tcp://127.0.0.1:7000'
/** No peer listens there: port 0 means any free one, and only to who listens. */
const NO_PORT = '0'

/** Served where there is an identity. */
const TLS = 'tls'

/** What an address is for. */
type Purpose = 'listen' | 'dial'

/** A flag that takes a URL to listen at, or to dial. */
export function address(about: string, purpose: Purpose): Flag<string> {
  return checked('URL', about, (given) => check(given, purpose))
}

/** The schemes that can be dialled here, in words. */
export function schemesInWords(): string {
  return [...platform.transports().flatMap(({ schemes }) => schemes), TLS].map((scheme) => `${scheme}://`).join(', ')
}

function check(given: string, purpose: Purpose): string {
  if (!URL.canParse(given)) throw new UsageError(`must be a URL, as ${EXAMPLE}, got '${given}'`)
  const url = new URL(given)
  const transport = platform.transports().find(({ schemes }) => schemes.includes(url.protocol.slice(0, -1)))
  const isServed = transport === undefined ? url.protocol === `${TLS}:` : purpose === 'dial' || transport.listen !== undefined
  if (!isServed) {
    const known = schemesInWords()
    throw new UsageError(`must be a URL that begins with ${known.replace(/, (?=[^,]*$)/, ' or ')}, as ${EXAMPLE}, got '${given}'`)
  }
  if (url.hostname === '') throw new UsageError(`must name a host, as ${EXAMPLE}, got '${given}'`)
  if (purpose === 'dial' && (url.port === NO_PORT || (url.port === '' && !hasDefaultPort(url)))) {
    throw new UsageError(`must name the port to dial, as ${EXAMPLE}, got '${given}'`)
  }
  if (url.protocol === `${TLS}:` && url.username !== '' && !/^[a-z2-7]{52}$/.test(url.username)) {
    throw new UsageError(`must have an id of 52 characters before the @, as qudag-connections identity show prints it, got '${given}'`)
  }
  // What is given twice is known for the same.
  const spelling = addressText(url)
  if (spelling.length > MAX_PEER_ID_LENGTH) throw new UsageError(`must have at most ${MAX_PEER_ID_LENGTH} characters`)
  return spelling
}

/** The URL standard knows the ports of some schemes, and leaves them out of what it writes. */
function hasDefaultPort({ protocol }: URL): boolean {
  return ['80', '443'].some((port) => new URL(`${protocol}//host:${port}`).port === '')
}
