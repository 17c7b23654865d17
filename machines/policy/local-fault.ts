/** A local fault, for want of a descriptor, a buffer or a network, says nothing of a peer. */

/** The codes of system errors that are this machine's own, whoever is dialled. */
const LOCAL: ReadonlySet<string> = new Set([
  'EMFILE',
  'ENFILE',
  'ENOBUFS',
  'ENOMEM',
  'EADDRNOTAVAIL',
  'ENETDOWN',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'EAI_AGAIN',
  'EAI_MEMORY',
])

/** How many causes deep is looked: a chain of causes may be a circle. */
const DEEPEST = 8

/** Whether an error, or what caused it, is a fault of this side; of several errors in one (an AggregateError), all must be. */
export function isLocalFault(error: unknown, depth = 0): boolean {
  if (typeof error !== 'object' || error === null || depth > DEEPEST) return false
  const { code, errors, cause } = error as { readonly code?: unknown; readonly errors?: unknown; readonly cause?: unknown }
  if (Array.isArray(errors) && errors.length > 0) return errors.every((each) => isLocalFault(each, depth + 1))
  if (typeof code === 'string' && LOCAL.has(code)) return true
  return isLocalFault(cause, depth + 1)
}
