/** An address that is no URL is refused with what is wrong in it. */

/** `scheme://authority`, as far as it can be told apart. */
const PARTS = /^([a-z][a-z\d+.-]*):(?:\/\/([^/?#]*))?/i
const HIGHEST_PORT = 65_535

/** What is wrong with a text that the parser of URLs has refused. */
export function faultOf(text: string): string {
  const parts = PARTS.exec(text.trim())
  if (parts === null) return 'it has no scheme; write it as tcp://127.0.0.1:7000'
  const [, scheme = '', authority] = parts
  if (authority === undefined) return `'${scheme}:' is not followed by '//' and a host; write it as ${scheme}://127.0.0.1:7000`
  const place = authority.slice(authority.lastIndexOf('@') + 1)
  if (place === '') return 'it names no host'
  if (place.startsWith('[')) return bracketFault(place)
  const colon = place.indexOf(':')
  const host = colon < 0 ? place : place.slice(0, colon)
  const rest = colon < 0 ? '' : place.slice(colon + 1)
  if (rest.includes(':')) return 'an IPv6 address stands in brackets, as tcp://[::1]:7000'
  if (host === '') return 'it names no host'
  return portFault(rest) ?? `'${host}' is no host`
}

function bracketFault(place: string): string {
  const end = place.indexOf(']')
  if (end < 0) return "a ']' is missing behind the IPv6 address"
  const host = place.slice(1, end)
  const zone = host.indexOf('%')
  if (zone >= 0) {
    return `a URL has no place for a zone id ('${host.slice(zone)}'); use an address that needs none, as a global or unique local one`
  }
  const rest = place.slice(end + 1)
  if (rest !== '' && !rest.startsWith(':')) return `'${rest}' behind the ']' is no port`
  return portFault(rest.slice(1)) ?? `'${host}' is no IPv6 address`
}

function portFault(port: string): string | undefined {
  if (port === '') return undefined
  if (!/^\d+$/.test(port)) return `the port '${port}' is no number`
  return Number(port) > HIGHEST_PORT ? `the port ${port} is above ${HIGHEST_PORT}` : undefined
}
