/** Every act that is possible in every state that can be reached is taken, at least once. */
import type { Exploration, Found } from './exploration.ts'
import { Walk } from './walk.ts'

/** Explores to the fixpoint, past what does not hold. */
export async function explore(exploration: Exploration): Promise<Found> {
  const walk = new Walk(exploration)
  const { warn } = console
  // XState says this way that an event came too late for its actor: something was left that sent it.
  console.warn = (text: string) => walk.warned(text)
  try {
    await walk.all()
  } finally {
    console.warn = warn
  }
  return walk.found
}
