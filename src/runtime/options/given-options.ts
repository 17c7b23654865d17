/** Arguments of calls are checked where they enter, and errors name what is wrong. */

/** @throws TypeError unless it is undefined or an AbortSignal */
export function assertSignal(signal: unknown): void {
  if (signal === undefined) return
  const { aborted, addEventListener } = (signal ?? {}) as Partial<AbortSignal>
  if (typeof aborted !== 'boolean' || typeof addEventListener !== 'function') throw new TypeError('signal must be an AbortSignal')
}

/** @throws TypeError or RangeError unless it is undefined or a finite number */
export function assertPriority(priority: unknown): void {
  if (priority === undefined) return
  if (typeof priority !== 'number') throw new TypeError(`priority must be a number, got ${typeof priority}`)
  if (!Number.isFinite(priority)) throw new RangeError(`priority must be a finite number, got ${priority}`)
}

/** @throws TypeError unless it is undefined or a boolean */
export function assertBoolean(name: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'boolean') throw new TypeError(`${name} must be a boolean, got ${typeof value}`)
}

/** @throws TypeError unless it is a boolean */
export function assertIsBoolean(name: string, value: unknown): asserts value is boolean {
  if (typeof value !== 'boolean') throw new TypeError(`${name} must be a boolean, got ${kindOf(value)}`)
}

/** @throws TypeError unless it is an object */
export function assertObject(name: string, value: unknown): asserts value is object {
  if (typeof value !== 'object' || value === null) throw new TypeError(`${name} must be an object, got ${kindOf(value)}`)
}

/** @throws TypeError unless it is a function */
export function assertFunction(name: string, value: unknown): asserts value is (...args: never[]) => unknown {
  if (typeof value !== 'function') throw new TypeError(`${name} must be a function, got ${kindOf(value)}`)
}

function kindOf(value: unknown): string {
  return value === null ? 'null' : typeof value
}
