/** Counts by attributes that only grow, and never have more than a few hundred different ones. */

/** Attributes by their names. */
export type Attributes = Readonly<Record<string, string>>

/** One value of an instrument. */
export interface Point {
  readonly attributes: Attributes
  readonly value: number
}

/** The most sets of attributes; what comes after them is counted as this. */
const MOST = 200
const OTHER = '_OTHER'

/** Counts things of one kind. */
export class Counts {
  readonly #byKey = new Map<string, { readonly attributes: Attributes; value: number }>()

  /** Has attributes from now on, none counted: whoever asks how much there is more finds the first one too. */
  begin(attributes: Attributes): void {
    const key = keyOf(attributes)
    if (!this.#byKey.has(key)) this.#byKey.set(key, { attributes, value: 0 })
  }

  /** Counts one more. */
  add(attributes: Attributes): void {
    const key = keyOf(attributes)
    const known = this.#byKey.get(key)
    if (known !== undefined) known.value++
    else if (this.#byKey.size < MOST || Object.values(attributes).every((value) => value === OTHER)) {
      this.#byKey.set(key, { attributes, value: 1 })
    } else this.add(Object.fromEntries(Object.keys(attributes).map((name) => [name, OTHER])))
  }

  [Symbol.iterator](): Iterator<Point> {
    return this.#byKey.values()
  }
}

function keyOf(attributes: Attributes): string {
  return Object.entries(attributes).join('\n')
}
