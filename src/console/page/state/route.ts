/** The route: what is open is in the address, so that it can be linked to, reloaded and gone back from. */
import { signal } from '@preact/signals'

const PEER = '#/peer/'

/** The peer that is open; null: none. */
export const openPeer = signal<string | null>(read())

/** The address of a peer within the page. */
export function peerHref(peerId: string): string {
  return PEER + encodeURIComponent(peerId)
}

/** Opens a peer, or closes the one that is open. */
export function goTo(peerId: string | null): void {
  if (peerId === openPeer.value) return
  const url = peerId === null ? location.pathname + location.search : peerHref(peerId)
  globalThis.history.pushState(null, '', url)
  openPeer.value = peerId
}

function read(): string | null {
  if (!location.hash.startsWith(PEER)) return null
  try {
    return decodeURIComponent(location.hash.slice(PEER.length))
  } catch {
    return null
  }
}

for (const type of ['hashchange', 'popstate']) addEventListener(type, () => (openPeer.value = read()))
