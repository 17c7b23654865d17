/** A peer that is kept stays at hand: no handle dies with the first outage, and nothing that it accepted is sent twice or out of order. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ConnectionManager, type KeptPeer, type Transport } from 'qudag-connections'
import { flush, scripted, VirtualClock, type ScriptedLink } from 'qudag-connections/testing'
import { firstValueFrom, filter } from 'rxjs'

const PEER = 'scripted://peer'
const QUEUE = { maxMessages: 4, maxBytes: 30 }

/** A scripted transport whose every link is remembered, those that are over too. */
function remembering() {
  const transport = scripted({ autoOpen: true, autoClose: 'sync', highWaterMark: 100 })
  const links: ScriptedLink[] = []
  const dialling: Transport = {
    schemes: transport.schemes,
    async dial(address, options) {
      const link = (await transport.dial(address, options)) as ScriptedLink
      links.push(link)
      return link
    },
  }
  return { transport, dialling, links }
}

const EVENTS = ['fail', 'hang up', 'replace', 'keep', 'connect', 'disconnect', 'drain', 'block', 'limit', 'read'] as const

type Step =
  | { readonly kind: 'send'; readonly handle: number; readonly size: number }
  | { readonly kind: (typeof EVENTS)[number] }
  | { readonly kind: 'release'; readonly handle: number }
  | { readonly kind: 'advance'; readonly ms: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('send' as const), handle: fc.nat(2), size: fc.integer({ min: 1, max: 12 }) }) },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constantFrom(...EVENTS),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('release' as const), handle: fc.nat(2) }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('advance' as const), ms: fc.constantFrom(0, 100, 1_000, 60_000) }) },
)

describe('a handle on a kept peer', () => {
  test('sends what it accepted in order and at most once, within its bounds, and leaves no hold behind, whatever happens', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const { transport, dialling, links } = remembering()
        const clock = new VirtualClock()
        const manager = new ConnectionManager(3, { transport: dialling, clock, random: () => 0.5, breaker: false })
        const handles: { readonly kept: KeptPeer; readonly accepted: string[]; unsentAtMost: number }[] = []
        const read: string[] = []
        let delivered = 0
        let count = 0
        const keep = (): void => void handles.push({ kept: manager.keep(PEER, { queue: QUEUE }), accepted: [], unsentAtMost: 0 })
        const sent = (): string[] => links.flatMap((link) => link.sent.map((data) => new TextDecoder().decode(data)))
        keep()
        for (const done of steps) {
          const link = transport.linkOf(PEER)
          if (done.kind === 'send') {
            const at = done.handle % handles.length
            const handle = handles[at]!
            // Who sent it, the how manieth it is, and something to give it a size.
            const word = `${at}:${++count}:`.padEnd(done.size, '.')
            try {
              handle.kept.send(new TextEncoder().encode(word))
              handle.accepted.push(word)
            } catch (error) {
              expect((error as { code: string }).code).toMatch(/^ERR_(?:NOT_CONNECTED|BUFFER_FULL)$/)
            }
            const went = new Set(sent())
            const waiting = handle.accepted.filter((one) => !went.has(one))
            const lostOnRelease = handle.kept.connection === undefined && manager.explain(PEER)?.kept !== true
            if (!lostOnRelease) {
              expect(waiting.length).toBeLessThanOrEqual(QUEUE.maxMessages)
              expect(waiting.join('').length).toBeLessThanOrEqual(QUEUE.maxBytes)
            }
          } else if (done.kind === 'fail') link?.fail(new Error('cut'))
          else if (done.kind === 'hang up') link?.remoteClose()
          else if (done.kind === 'replace') link?.remoteClose('replaced')
          else if (done.kind === 'keep') keep()
          else if (done.kind === 'connect')
            await manager.connect(PEER).then(
              (connection) => connection.release(),
              () => {},
            )
          else if (done.kind === 'disconnect') await manager.disconnect(PEER)
          else if (done.kind === 'block') transport.script.highWaterMark = transport.script.highWaterMark === 100 ? -1 : 100
          else if (done.kind === 'drain') link?.drain()
          else if (done.kind === 'limit') manager.setLimits({ maxConnections: 1 + (count % 3) })
          else if (done.kind === 'read') {
            handles[0]!.kept.messages$.subscribe((data) => read.push(new TextDecoder().decode(data)))
            if (link?.receive(new TextEncoder().encode(String(delivered)))) delivered++
          } else if (done.kind === 'release') await handles[done.handle % handles.length]!.kept.release()
          else if (done.kind === 'advance') await clock.advanceAsync(done.ms)
          await flush()
        }
        const went = sent()
        expect(new Set(went).size).toBe(went.length)
        for (const [at, { accepted }] of handles.entries()) {
          const own = went.filter((word) => word.startsWith(`${at}:`))
          expect(own).toEqual(accepted.filter((word) => own.includes(word)))
        }
        for (const { kept } of handles) await kept.release()
        await flush()
        expect([...manager.peers()].map(({ holds }) => holds).filter((holds) => holds > 0)).toEqual([])
        expect([manager.metrics.byStatus.Connected, manager.metrics.byStatus.Connecting]).toEqual([0, 0])
        const dials = links.length
        await clock.advanceAsync(600_000)
        expect(links.length).toBe(dials)
        await manager.shutdown()
        expect([transport.ledger.live, transport.ledger.dialing]).toEqual([0, 0])
      }),
      { numRuns: 60 },
    )
  })

  test('says what waited first when a server that was killed is back, over TCP', async () => {
    const first = new ConnectionManager(10)
    const { address } = await first.listen('tcp://127.0.0.1:0')
    const manager = new ConnectionManager(10, { reconnect: { baseMs: 20, maxMs: 100 }, breaker: false })
    const kept = manager.keep('server', { address: address.href, queue: {} })
    await kept.connected()
    expect(kept.send(new TextEncoder().encode('before'))).toBe(true)
    await first.shutdown({ timeoutMs: 0 })
    await firstValueFrom(kept.status$.pipe(filter((status) => status !== 'Connected')))
    for (const word of ['one', 'two', 'three']) expect(kept.send(new TextEncoder().encode(word))).toBe(false)
    const second = new ConnectionManager(10)
    const heard: string[] = []
    const all = firstValueFrom(
      second.messages$.pipe(
        filter(({ data }) => {
          heard.push(new TextDecoder().decode(data))
          return heard.length === 4
        }),
      ),
    )
    await second.listen(address)
    await kept.drained()
    kept.send(new TextEncoder().encode('four'))
    await all
    expect(heard).toEqual(['one', 'two', 'three', 'four'])
    await kept.release()
    await Promise.all([manager.shutdown(), second.shutdown()])
  })
})
