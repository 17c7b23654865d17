/** An address that becomes text holds no user, no password and no value of its query. */
import type { PeerId } from './peer-id.ts'

/** What stands in the place of a secret. */
const HIDDEN = '…'

/** Texts without these hold no secret of an address. */
const MARKS = /[@?#]/

/**
 * An address as it may be shown: its user and password and the values of its query are hidden, its fragment is left out.
 * What cannot be read as a URL loses everything before its last `@`. An address without any of these stays as it is.
 */
export function shownAddress(address: string): string {
  if (!MARKS.test(address)) return address
  if (!URL.canParse(address)) return shownText(address)
  const url = new URL(address)
  const isOpaque = url.host === '' && !url.pathname.startsWith('/')
  const path = isOpaque && url.pathname.includes('@') ? `${HIDDEN}${url.pathname.slice(url.pathname.lastIndexOf('@'))}` : url.pathname
  const user = url.username === '' && url.password === '' ? '' : isPublicId(url) ? `${url.username}@` : `${HIDDEN}@`
  const slashes = isOpaque ? '' : '//'
  // The parser's slash is not written where nobody has written one.
  const isBare = path === '/' && !/[^/\\][/\\]\s*$/.test(address.split(/[?#]/, 1)[0] ?? '')
  return `${url.protocol}${slashes}${user}${url.host}${isBare ? '' : path}${shownQuery(url.search)}`
}

/** What stands before the `@` of a `tls:` address is no secret: it is the id of who is expected there, the hash of a public key. */
function isPublicId({ protocol, username, password }: URL): boolean {
  return protocol === 'tls:' && password === '' && /^[a-z2-7]{52}$/.test(username)
}

/** Whatever it may have been meant to be. */
function shownText(address: string): string {
  const [before = '', ...queries] = (address.split('#', 1)[0] ?? '').split('?')
  const [scheme = ''] = /^\s*[a-z][a-z\d+.-]*:[/\\]*/i.exec(before) ?? []
  const last = address.lastIndexOf('@')
  // A `#` or `?` in a password ends what a parser takes for the authority: all up to the last `@` may be secret.
  const place = last >= 0 ? `${scheme}${HIDDEN}${address.slice(last).split(/[?#]/, 1)[0]}` : before
  const query = last >= before.length ? (address.slice(last).split('#', 1)[0] ?? '').split('?').slice(1) : queries
  return place + (query.length === 0 ? '' : shownQuery(`?${query.join('?')}`))
}

/** A query whose keys can be read, and whose values cannot. What has no `=` may be a token as it is. */
function shownQuery(search: string): string {
  if (search.length <= 1) return ''
  const parts = search.slice(1).split('&')
  return `?${parts.map((part) => (part.includes('=') ? `${part.slice(0, part.indexOf('='))}=${HIDDEN}` : HIDDEN)).join('&')}`
}

/** A peer id as it may be shown: one that is a URL is an address too. Not a key: two ids may be shown alike. */
export function shownPeerId(peerId: PeerId): string {
  return MARKS.test(peerId) && /^\s*[a-z][a-z\d+.-]*:/i.test(peerId) ? shownAddress(peerId) : peerId
}

/** A URL in the middle of a text, up to what cannot be a part of it. */
const IN_TEXT = /\b[a-z][a-z\d+.-]*:[/\\]{2}[^\s'"<>`]*[@?][^\s'"<>`]*/gi

/**
 * Words of others that may have an address in them, without its secrets.
 *
 * @param addresses whose secrets are known to be near: they are hidden wherever they stand, alone too
 */
export function shownWords(words: string, addresses: readonly string[] = []): string {
  let shown = words
  for (const address of addresses) {
    if (!MARKS.test(address)) continue
    shown = shown.replaceAll(address, shownAddress(address))
    if (!URL.canParse(address)) continue
    const url = new URL(address)
    shown = shown.replaceAll(url.href, shownAddress(address))
    for (const secret of [url.password, decoded(url.password), ...url.searchParams.values()]) {
      if (secret.length >= 4) shown = shown.replaceAll(secret, HIDDEN)
    }
  }
  return shown.replace(IN_TEXT, (address) => {
    const [end = ''] = /[;,.:)\]}]*$/.exec(address) ?? []
    return shownAddress(address.slice(0, address.length - end.length)) + end
  })
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
