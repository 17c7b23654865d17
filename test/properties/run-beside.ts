/** A run of commands: each is done to the real manager and to the model beside it, and the two are compared after each. */
import { type Command, flush } from 'qudag-connections/testing'
import { expect } from 'vitest'
import { compare } from './comparison.ts'
import { perform } from './perform.ts'
import { CLOSE_MS, type Variant } from './variant.ts'
import { World } from './world.ts'

/** Does a run, compares after every command, ends everything, and looks for what is left. */
export async function runBeside(variant: Variant, commands: readonly Command[]): Promise<void> {
  const world = new World(variant)
  await world.manager.listen('scripted://here:1')
  for (const [index, command] of commands.entries()) {
    try {
      await step(world, command)
    } catch (error) {
      throw new Error(`at command ${index}, ${JSON.stringify(command)}: ${(error as Error).message}`, { cause: error })
    }
  }
  await finish(world)
}

async function step(world: World, command: Command): Promise<void> {
  await perform(world, command)
  await flush()
  world.settleDelayed()
  compare(world)
}

/** Ends everything and asserts that nothing is left. */
async function finish(world: World): Promise<void> {
  if (!world.ended) await step(world, { type: 'shutdown', timeoutMs: CLOSE_MS })
  await step(world, { type: 'advance', ms: 60_000 })
  expect({
    timers: world.clock.pending,
    links: world.transport.links.size,
    held: world.transport.ledger.live,
    pending: world.calls.filter(({ actual }) => actual === 'pending').map(({ call }) => call.what),
    listeners: world.transport.listeners.length,
    openHolds: world.holds.filter(({ ended }) => ended === undefined).length,
    openReaders: world.readers.filter(({ completed }) => !completed).length,
    completed: world.completed,
  }).toEqual({ timers: 0, links: 0, held: 0, pending: [], listeners: 0, openHolds: 0, openReaders: 0, completed: true })
  const shutdowns = world.calls.filter(({ call, actual }) => call === world.model.shutdownCall && actual === 'ok')
  for (const { value } of shutdowns) {
    const { closed, forced } = value as { closed: number; forced: number }
    expect(closed + forced, 'closed and forced together').toBe(world.model.held)
    expect(forced, 'forced').toBeGreaterThanOrEqual(world.model.forced)
  }
}
