import { AsyncLocalStorage } from 'node:async_hooks'
import { tracingChannel } from 'node:diagnostics_channel'
import { afterEach, describe, expect, test } from 'vitest'
import { ConnectionManager } from 'qudag-connections'
import { scripted, VirtualClock } from 'qudag-connections/testing'

type Seen = Record<string, unknown>

const undone: (() => void)[] = []
afterEach(() => {
  for (const undo of undone.splice(0)) undo()
})

/** Notes each event of a channel as it comes. */
function subscribed(name: string, told: (event: string, context: Seen) => void): void {
  const channel = tracingChannel<object, Seen>(`qudag-connections:${name}`)
  const note =
    (event: string) =>
    (context: Seen): void =>
      told(event, context)
  const subscriber = {
    start: note('start'),
    end: note('end'),
    asyncStart: note('asyncStart'),
    asyncEnd: note('asyncEnd'),
    error: note('error'),
  }
  channel.subscribe(subscriber)
  undone.push(() => channel.unsubscribe(subscriber))
}

function managed() {
  const transport = scripted({ autoClose: 'sync' })
  const manager = new ConnectionManager(2, { transport, clock: new VirtualClock(), resolve: (peerId) => `scripted://${peerId}` })
  return { manager, transport }
}

describe('the diagnostics channels', () => {
  test('connect is traced as Node traces a promise, in the context of its caller', async () => {
    const { manager, transport } = managed()
    transport.autoOpen = true
    const storage = new AsyncLocalStorage<string>()
    const seen: unknown[] = []
    subscribed('connect', (event, context) => seen.push([event, context['peerId'], storage.getStore()]))

    const ann = await storage.run('the caller', () => manager.connect('ann'))

    expect(ann.peerId).toBe('ann')
    expect(seen).toEqual(['start', 'end', 'asyncStart', 'asyncEnd'].map((event) => [event, 'ann', 'the caller']))
    await manager.shutdown()
  })

  test('a connect that fails has its error, and still rejects with it', async () => {
    const { manager, transport } = managed()
    transport.autoFail = new Error('nobody there')
    const errors: unknown[] = []
    subscribed('connect', (event, { error }) => void (event === 'error' && errors.push(error)))

    const thrown = await manager.connect('ann').catch((error: unknown) => error)

    expect(thrown).toMatchObject({ code: 'ERR_DIAL_FAILED' })
    expect(errors).toEqual([thrown])
    await manager.shutdown()
  })

  test('dial, close, evict and accept tell what became of links', async () => {
    const { manager, transport } = managed()
    const seen: [channel: string, event: string, context: Seen][] = []
    for (const name of ['dial', 'accept', 'close', 'evict']) {
      subscribed(name, (event, context) => seen.push([name, event, { ...context }]))
    }
    const [ann] = [manager.connect('ann')]
    transport.dials[0]!.open()
    await (await ann).release()
    const others = ['ben', 'cleo'].map((peerId) => manager.connect(peerId).catch(() => {}))
    transport.dials[1]!.open()
    transport.dials[2]!.fail(new Error('no'))
    await Promise.all(others)
    await manager.listen('scripted://here')
    transport.arrive({ remoteAddress: 'scripted://there' })
    await manager.shutdown()

    expect(
      seen
        .filter(([name]) => name === 'dial')
        .map(([, event, { peerId, error }]) => [event, peerId, (error as Seen | undefined)?.['code']]),
    ).toEqual([
      ['start', 'ann', undefined],
      ['end', 'ann', undefined],
      ['asyncStart', 'ann', undefined],
      ['asyncEnd', 'ann', undefined],
      ['start', 'ben', undefined],
      ['end', 'ben', undefined],
      ['start', 'cleo', undefined],
      ['end', 'cleo', undefined],
      ['asyncStart', 'ben', undefined],
      ['asyncEnd', 'ben', undefined],
      ['error', 'cleo', 'ERR_DIAL_FAILED'],
      ['asyncStart', 'cleo', 'ERR_DIAL_FAILED'],
      ['asyncEnd', 'cleo', 'ERR_DIAL_FAILED'],
    ])
    const started = (channel: string) => seen.flatMap(([name, event, context]) => (name === channel && event === 'start' ? [context] : []))
    expect(started('evict')).toEqual([{ peerId: 'ann', remoteAddress: 'scripted://ann', direction: 'outbound', reason: 'pool-evicted' }])
    expect(started('accept')).toMatchObject([{ remoteAddress: 'scripted://there' }])
    expect(started('close').map(({ reason, direction }) => [reason, direction])).toEqual([
      ['pool-evicted', 'outbound'],
      ['shutdown', 'inbound'],
      ['shutdown', 'outbound'],
    ])
  })

  test('a subscriber may command, and what it throws stops nobody', async () => {
    const { manager, transport } = managed()
    transport.autoOpen = true
    subscribed('dial', (event) => void (event === 'asyncEnd' && manager.connect('ben').catch(() => {})))

    await manager.connect('ann')
    await manager.connect('ben')

    expect(manager.metrics.connections).toBe(2)
    await manager.shutdown()
  })
})
