/** In whatever order the promises of a dial, a close and their callers run, one of them wins and nothing is left. */
import fc from 'fast-check'
import { type Command, flush } from 'qudag-connections/testing'
import { expect, test } from 'vitest'
import type { Transport } from '../../src/transports/transport.ts'
import { assertLegalStream } from '../properties/legal-transitions.ts'
import { Rig, type Watch, type Wiring } from '../properties/rig.ts'
import { gaugesAreWrong, NOTHING_LEFT } from '../properties/rig-watches.ts'
import { CLOSE_MS, CONNECT_MS, PEERS, POOL_MS, type Variant } from '../properties/variant.ts'

const LOWER = 0
const HIGHER = PEERS.length - 1
const fault = { code: 'ECONNRESET', message: 'reset' }

/** One peer, one slot for it and one to spare. */
const variant: fc.Arbitrary<Variant> = fc.record({
  maxConnections: fc.integer({ min: 1, max: 2 }),
  poolTimeoutMs: fc.constantFrom(POOL_MS, 0),
  onAbort: fc.constantFrom('reject', 'ignore'),
  tellLocalEnd: fc.constantFrom('sync', 'microtask'),
  embedded: fc.constant(false),
})
const peer = fc.constantFrom(LOWER, HIGHER)

test('dial success, failure and timeout against abort, disconnect, shutdown and an inbound link for the same id', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), variant, peer, async (s, v, p) => {
      await race(s, v, [
        { type: 'connect', peer: p, signal: true },
        { type: 'connect', peer: p, signal: false },
        { type: 'openDial', nth: 0 },
        { type: 'failDial', nth: 0, fault },
        { type: 'advance', ms: CONNECT_MS },
        { type: 'abortCaller', nth: 0 },
        { type: 'disconnect', peer: p },
        { type: 'arrive', peer: p },
        { type: 'openLate', nth: 0 },
        { type: 'connect', peer: p, signal: false },
        { type: 'openDial', nth: 0 },
      ])
    }),
  )
})

test('a close that ends, breaks or times out against connect, inbound, report and disconnect of the same id', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), variant, peer, async (s, v, p) => {
      await race(
        s,
        v,
        [
          { type: 'disconnect', peer: p, pool: false },
          { type: 'connect', peer: p, signal: true },
          { type: 'finishClose', nth: 0 },
          { type: 'failLink', nth: 0, fault },
          { type: 'advance', ms: CLOSE_MS },
          { type: 'arrive', peer: p },
          { type: 'abortCaller', nth: 0 },
          { type: 'updateStatus', peer: p, status: 'Failed' },
          { type: 'disconnect', peer: p, pool: false },
          { type: 'openDial', nth: 0 },
        ],
        [
          { type: 'connect', peer: p, signal: false },
          { type: 'openDial', nth: 0 },
        ],
      )
    }),
  )
})

test('shutdown in the midst of dials, closes and arrivals', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), variant, peer, async (s, v, p) => {
      await race(
        s,
        v,
        [
          { type: 'shutdown', timeoutMs: CLOSE_MS },
          { type: 'shutdown', timeoutMs: 0 },
          { type: 'connect', peer: p, signal: true },
          { type: 'openDial', nth: 0 },
          { type: 'arrive', peer: p },
          { type: 'disconnect', peer: p, pool: false },
          { type: 'finishClose', nth: 0 },
          { type: 'remoteClose', nth: 0 },
          { type: 'advance', ms: CLOSE_MS },
        ],
        [{ type: 'connect', peer: p, signal: false }],
      )
    }),
  )
})

test('the async resolve against everything that can overtake it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), variant, peer, async (s, v, p) => {
      await race(
        s,
        v,
        [
          { type: 'connect', peer: p, signal: true },
          { type: 'abortCaller', nth: 0 },
          { type: 'disconnect', peer: p },
          { type: 'connect', peer: p, signal: false },
          { type: 'arrive', peer: p },
          { type: 'advance', ms: CONNECT_MS },
          { type: 'shutdown', timeoutMs: 0 },
          { type: 'openDial', nth: 0 },
        ],
        [],
        { resolve: s.scheduleFunction(async (peerId: string) => peerId) },
      )
    }),
  )
})

test('two peers race for one slot', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), variant, async (s, v) => {
      await race(s, { ...v, maxConnections: 1 }, [
        { type: 'connect', peer: LOWER, signal: true },
        { type: 'connect', peer: HIGHER, signal: true },
        { type: 'openDial', nth: 0 },
        { type: 'abortCaller', nth: 0 },
        { type: 'abortCaller', nth: 1 },
        { type: 'arrive', peer: HIGHER },
        { type: 'arrive' },
        { type: 'disconnect', peer: LOWER },
        { type: 'openDial', nth: 0 },
        { type: 'updateStatus', peer: 1, status: 'Connected' },
      ])
    }),
  )
})

/** What holds at every instant of every race. */
const watch: Watch = (rig, where) => {
  const slots = rig.inSlots()
  if (slots.size > rig.limit) return `${slots.size} in slots, the limit is ${rig.limit}`
  for (const { peerId, links } of rig.transport.ledger.peers()) if (links > 2) return `${links} links for ${peerId} at ${where}`
  return gaugesAreWrong(rig)
}

/** Does `first` in order, then lets the scheduler order the commands and the settling of every dial; then ends, and looks for what is left. */
async function race(
  s: fc.Scheduler,
  variant_: Variant,
  commands: readonly Command[],
  first: readonly Command[] = [],
  wiring: Wiring = {},
): Promise<void> {
  const wrap = (transport: Transport): Transport => ({
    schemes: transport.schemes,
    ...(transport.localPeerId !== undefined && { localPeerId: transport.localPeerId }),
    // Scheduled once it is settled: the scheduler would wait for ever for a dial that nobody answers.
    dial: async (address, options) => {
      try {
        return await transport.dial(address, options)
      } finally {
        await s.schedule(Promise.resolve(), `the dial of ${address.href} is settled`)
      }
    },
    ...(transport.listen !== undefined && { listen: transport.listen.bind(transport) }),
  })
  const rig = new Rig(variant_, watch, [], { wrap, ...wiring })
  await rig.manager.listen('scripted://here:1')
  for (const command of first) rig.do(command)
  for (const command of commands) {
    void inItsTurn(command)
  }
  await s.waitIdle()
  await flush()
  // At rest: a Connected peer has its one link, and so has nobody else but who is in a slot.
  for (const { peerId, status } of rig.manager.peers()) {
    if (status === 'Connected' && rig.manager.get(peerId) !== undefined) expect(rig.transport.ledger.linksOf(peerId)).toBe(1)
    if (status === 'Failed') expect(rig.transport.ledger.linksOf(peerId)).toBe(0)
  }
  for (const link of rig.transport.links) expect(link.attached, 'somebody owns the link').toBe(true)
  const ending = rig.end()
  await s.waitIdle()
  await ending
  await s.waitIdle()
  await flush()
  assertLegalStream(rig.transitions)
  expect({ wrong: rig.wrong, ...rig.leftovers() }).toEqual({ wrong: [], ...NOTHING_LEFT })

  async function inItsTurn(command: Command): Promise<void> {
    await s.schedule(Promise.resolve(), JSON.stringify(command))
    rig.do(command)
    rig.look(JSON.stringify(command))
  }
}
