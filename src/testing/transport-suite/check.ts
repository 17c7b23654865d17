/** A promise that is broken is said in one sentence, whatever framework runs the suite. */

/** Throws an error that says `complaint` unless `holds`. */
export function check(holds: boolean, complaint: string): asserts holds {
  if (!holds) throw new Error(complaint)
}

/** Throws unless both are the same when written down; `what` names what was looked at. */
export function checkSame(got: unknown, expected: unknown, what: string): void {
  const [is, should] = [JSON.stringify(got), JSON.stringify(expected)]
  if (is !== should) throw new Error(`${what}: expected ${shortened(should)}, got ${shortened(is)}`)
}

/** Throws unless `f` throws an error of this code. */
export function checkThrows(f: () => unknown, code: string, what: string): void {
  let thrown: unknown
  try {
    f()
  } catch (error) {
    thrown = error
  }
  if (thrown === undefined) throw new Error(`${what} did not throw; it should have thrown ${code}`)
  checkCode(thrown, code, what)
}

/** Throws unless `error` has this code. */
export function checkCode(error: unknown, code: string, what: string): void {
  const { code: got } = (error ?? {}) as { code?: unknown }
  if (got !== code) throw new Error(`${what} should have failed with ${code}; it failed with ${textOf(error)}`)
}

/** An error, or whatever else was thrown, as text. */
export function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { code } = error as { code?: unknown }
  return typeof code !== 'string' ? error.message : `${code} (${error.message})`
}

function shortened(text: string | undefined): string {
  if (text === undefined) return 'nothing'
  return text.length > 200 ? `${text.slice(0, 200)}…` : text
}
