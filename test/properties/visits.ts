/** How many things an operation looks at can be counted, whatever way it goes through them. */

type Method = (this: unknown, ...args: unknown[]) => unknown

/** Array methods that look at every element, in the worst case. */
const WALKS =
  'forEach map filter find findIndex findLast indexOf lastIndexOf includes some every reduce slice splice concat sort toSorted shift unshift flatMap join fill reverse'.split(
    ' ',
  )

/** Counts the elements that are visited while `f` runs: by iterators, `for of`, spreads, array methods, `forEach` and `Object.keys` and its kin. */
export async function countVisits(f: () => unknown): Promise<number> {
  let visits = 0
  const undo: (() => void)[] = []
  const patch = (owner: object, name: string, count: (self: unknown, result: unknown) => number): void => {
    const original = Reflect.get(owner, name) as Method
    const counted: Method = function (...args) {
      const result = Reflect.apply(original, this, args)
      visits += count(this, result)
      return result
    }
    Reflect.set(owner, name, counted)
    undo.push(() => void Reflect.set(owner, name, original))
  }
  const lengthOf = (value: unknown): number => (value as { length?: number }).length ?? 0
  const sizeOf = (value: unknown): number => (value as { size: number }).size
  for (const iterator of [new Map().values(), new Set().values(), [].values()])
    patch(Object.getPrototypeOf(iterator) as object, 'next', () => 1)
  for (const owner of [Map.prototype, Set.prototype]) patch(owner, 'forEach', sizeOf)
  for (const name of WALKS) patch(Array.prototype, name, lengthOf)
  for (const name of ['keys', 'values', 'entries', 'getOwnPropertyNames']) patch(Object, name, (_, result) => lengthOf(result))
  patch(Object, 'assign', (_, result) => Reflect.ownKeys(result as object).length)
  patch(Array, 'from', (_, result) => lengthOf(result))
  try {
    await f()
  } finally {
    for (const restore of undo) restore()
  }
  return visits
}
