/** An option that nobody knows is refused by name, with the one that was probably meant. */

/** The known names of some options. `satisfies Known<Options>` holds a table to its interface, neither more nor less. */
export type Known<Options extends object> = Readonly<Record<keyof Options, true>>

/**
 * Throws unless every option that is given is a known one. A name whose value is `undefined` must be known too.
 *
 * @param place what leads to the options, `limits` for one; empty: the options themselves
 * @throws TypeError that names the option and the nearest known one
 */
export function assertKnown(place: string, given: object, known: Readonly<Record<string, true>>): void {
  for (const name in given) {
    if (known[name] === true) continue
    // What an object of a class inherits is not what somebody wrote.
    if (!Object.hasOwn(given, name)) continue
    throw new TypeError(unknownOption(place === '' ? '' : `${place}.`, name, Object.keys(known)))
  }
}

function unknownOption(prefix: string, name: string, known: readonly string[]): string {
  const near = nearest(name, known)
  const remedy =
    near === undefined ? `there is ${known.map((one) => prefix + one).join(', ') || 'none'}` : `did you mean '${prefix}${near}'?`
  return `unknown option '${prefix}${name.slice(0, LONGEST)}'; ${remedy}`
}

/** The longest name that is told, or looked for. */
const LONGEST = 64

/** The known name that most resembles this one; undefined: none does. */
function nearest(name: string, known: readonly string[]): string | undefined {
  if (name.length > LONGEST) return undefined
  const sought = name.toLowerCase()
  let best: string | undefined
  let least = Math.max(2, Math.ceil(name.length / 3)) + 1
  for (const candidate of known) {
    const edits = distance(sought, candidate.toLowerCase())
    if (edits < least) [best, least] = [candidate, edits]
  }
  // `timeout` for `poolTimeoutMs`: where one name is a part of the other, many edits are few.
  if (best === undefined && sought.length > 2) {
    const parts = known.filter((candidate) => candidate.toLowerCase().includes(sought) || sought.includes(candidate.toLowerCase()))
    if (parts.length === 1) [best] = parts
  }
  return best
}

/** How many letters are put in, taken out, exchanged or swapped with the next: the restricted Damerau-Levenshtein distance. */
function distance(a: string, b: string): number {
  let before: number[] = []
  let above = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      let edits = Math.min(above[j]! + 1, row[j - 1]! + 1, above[j - 1]! + same)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) edits = Math.min(edits, before[j - 2]! + 1)
      row.push(edits)
    }
    before = above
    above = row
  }
  return above[b.length]!
}
