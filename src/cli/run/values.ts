/** Values of settings: the later one wins, and what is turned off is not half on. */

/** What is set, by its place in a file; `false` at the place of an object: all of it is turned off. */
export type Values = ReadonlyMap<string, unknown>

/** Values with others over them. */
export function override(under: Values, over: Values): Values {
  const values = new Map(under)
  for (const [path, value] of over) {
    for (const other of values.keys())
      if (isInside(other, path) || (isInside(path, other) && values.get(other) === false)) values.delete(other)
    values.set(path, value)
  }
  return values
}

/** The first of these values that stands in an object which another of them turns off. */
export function contradiction(values: Values): { readonly off: string; readonly set: string } | undefined {
  for (const [off, value] of values) {
    const set = value === false ? [...values.keys()].find((path) => isInside(path, off)) : undefined
    if (set !== undefined) return { off, set }
  }
  return undefined
}

/** Values as the object that a file would hold. */
export function objectOf(values: Values): Readonly<Record<string, unknown>> {
  const whole: Record<string, unknown> = {}
  for (const [path, value] of values) {
    const [first, second] = path.split('.')
    if (first === undefined) continue
    if (second === undefined) whole[first] = value
    else whole[first] = { ...(whole[first] as object | undefined), [second]: value }
  }
  return whole
}

function isInside(path: string, object: string): boolean {
  return path.startsWith(`${object}.`)
}
