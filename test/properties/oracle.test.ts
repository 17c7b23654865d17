/** After every command the manager is what a plain model of the contract says it is. */
import fc from 'fast-check'
import { arbitraries } from 'qudag-connections/testing'
import { test } from 'vitest'
import { runBeside } from './run-beside.ts'
import { DURATIONS, PEERS, POOL_MS, type Variant } from './variant.ts'

const { commands, command } = arbitraries(fc)
const options = { peers: PEERS.length, durations: DURATIONS, maxConnections: 4, maxLength: 50 }
const variant: fc.Arbitrary<Variant> = fc.record({
  maxConnections: fc.integer({ min: 1, max: 4 }),
  poolTimeoutMs: fc.constantFrom(POOL_MS, POOL_MS, 0),
  onAbort: fc.constantFrom('reject', 'ignore'),
  tellLocalEnd: fc.constantFrom('sync', 'microtask'),
  embedded: fc.boolean(),
})

test('whatever is done, statuses, slots, promises, holds, messages, metrics and transitions are those of the contract', async () => {
  await fc.assert(fc.asyncProperty(variant, commands(options), (v, run) => runBeside(v, run)))
})

test('… where links are pooled, reused, evicted and expire', async () => {
  const pooling = commands({
    ...options,
    peers: 3,
    types: ['connect', 'openDial', 'disconnect', 'release', 'arrive', 'finishClose', 'remoteClose', 'advanceToDeadline', 'setLimits'],
  })
  await fc.assert(fc.asyncProperty(variant, pooling, (v, run) => runBeside(v, run)))
})

test('… where messages wait, are read by some, by others and by nobody', async () => {
  const talking = commands({
    ...options,
    peers: 2,
    types: ['connect', 'openDial', 'receive', 'read', 'stopReading', 'readAll', 'disconnect', 'arrive', 'remoteClose', 'send'],
  })
  const [first, second] = [0, 1].map((peer) => [
    { type: 'connect' as const, peer, signal: false },
    { type: 'openDial' as const, nth: 0 },
  ])
  await fc.assert(
    fc.asyncProperty(variant, talking, (v, run) => runBeside({ ...v, maxConnections: 4 }, [...(first ?? []), ...(second ?? []), ...run])),
  )
})

test('a manager that is shut down or stopped in the midst of anything ends as the contract says', async () => {
  const end = command({ ...options, types: ['shutdown', 'stop'] })
  await fc.assert(
    fc.asyncProperty(
      variant,
      commands({ ...options, maxLength: 25 }),
      end,
      commands({ ...options, maxLength: 10 }),
      (v, before, last, after) => runBeside(v, [...before, last, ...(last.type === 'stop' ? [] : after)]),
    ),
  )
})
