/** The fence of a link on the wire: a field of the dialer's hello, and for WebSocket a header of its request. */
import type { LinkFence } from './transport.ts'

/** The header of a WebSocket's request: the number, a space, and the fleet as a URI component. */
export const FENCE_HEADER = 'qudag-fence'

/** The longest name of a fleet that is read, in characters. */
const MAX_FLEET_LENGTH = 128

/** A hello with a fence: a JSON object as text. */
export function helloWith(fence: LinkFence | undefined, hello = '{}'): string {
  if (fence === undefined) return hello
  const said = JSON.parse(hello) as object
  return JSON.stringify({ ...said, fleet: fence.fleet, fence: fence.fence })
}

/** The fence that a hello shows; undefined: it shows none that can be read. */
export function fenceInHello(hello: string): LinkFence | undefined {
  if (hello === '{}') return undefined
  try {
    return checked(JSON.parse(hello))
  } catch {
    return undefined
  }
}

/** The value of the header. */
export function fenceHeader({ fleet, fence }: LinkFence): string {
  return `${fence} ${encodeURIComponent(fleet)}`
}

/** The fence that a request shows; undefined: it shows none that can be read. */
export function fenceInHeader(header: string | readonly string[] | undefined): LinkFence | undefined {
  if (typeof header !== 'string') return undefined
  const [fence = '', fleet = ''] = header.split(' ')
  try {
    return checked({ fleet: decodeURIComponent(fleet), fence: /^\d{1,16}$/.test(fence) ? Number(fence) : undefined })
  } catch {
    return undefined
  }
}

function checked(said: unknown): LinkFence | undefined {
  if (typeof said !== 'object' || said === null) return undefined
  const { fleet, fence } = said as { readonly fleet?: unknown; readonly fence?: unknown }
  if (typeof fleet !== 'string' || fleet.length === 0 || fleet.length > MAX_FLEET_LENGTH) return undefined
  return typeof fence === 'number' && Number.isSafeInteger(fence) && fence >= 0 ? { fleet, fence } : undefined
}
