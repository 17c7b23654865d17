/** An address is written one way wherever it is shown or taken for a name. */

/** An address as text, without the slash that says nothing: `ws://127.0.0.1:7000`. */
export function addressText({ href, pathname, search, hash }: URL): string {
  return pathname === '/' && search === '' && hash === '' ? href.replace(/\/$/, '') : href
}
