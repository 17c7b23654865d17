/** Whoever ends or refuses a link with a reason is not the only one who knows it. */
import { describe, expect, onTestFinished, test } from 'vitest'
import { ConnectionManager, type ManagerOptions, type Transition } from 'qudag-connections'
import { flush, scripted, VirtualClock } from 'qudag-connections/testing'
import { tcp } from 'qudag-connections/transports/tcp'
import { transitionFields } from '../../src/cli/json-report.ts'
import { transitionLine } from '../../src/cli/plain-lines.ts'
import { ConnectionError } from '../../src/errors.ts'
import { readRefusal, refusalText, wordOf } from '../../src/transports/refusal.ts'

const REASONS = ['disconnected', 'shutdown', 'evicted', 'replaced', 'idle', 'a-word-of-the-future']

function started(options: Partial<ManagerOptions> = {}, highWaterMark = 65_536) {
  const clock = new VirtualClock()
  const transport = scripted({ autoClose: 'sync', highWaterMark })
  const manager = new ConnectionManager(4, { transport, clock, random: () => 0.5, ...options })
  onTestFinished(async () => void (await manager.shutdown()))
  const transitions: Transition[] = []
  manager.transitions$.subscribe((transition) => transitions.push(transition))
  return { manager, transport, clock, transitions }
}

describe('the other side ends a link and says why', () => {
  test.each(REASONS)('the transition, explain and the errors of the connection say it: %s', async (reason) => {
    const { manager, transport, transitions } = started()
    const connecting = manager.connect('scripted://hub')
    const link = transport.lastDial()!.open()
    const connection = await connecting

    link.remoteClose(reason)
    await connection.closed

    expect(transitions.at(-1)).toMatchObject({ reason: 'remote-closed', to: 'Disconnected', remoteReason: reason })
    expect(manager.explain('scripted://hub')?.lastEnd).toEqual({ at: expect.any(Number), reason: 'remote-closed', remoteReason: reason })
    expect(() => connection.send(new Uint8Array(1))).toThrow(`the other side closed it (${reason})`)
    expect(transitionFields(transitions.at(-1)!)).toMatchObject({ remoteReason: reason })
    expect(transitionLine('closed', { transition: transitions.at(-1)!, name: 'hub' })).toContain(`remote-closed (${reason})`)
  })

  test('what waits to drain is told it', async () => {
    const { manager, transport } = started({}, 16)
    const connecting = manager.connect('scripted://hub')
    const link = transport.lastDial()!.open()
    const connection = await connecting
    link.setBuffered(100)
    connection.send(new Uint8Array(100))
    const drained = connection.drained()

    link.remoteClose('shutdown')

    await expect(drained).rejects.toThrow('ended before it drained: the other side closed it (shutdown)')
  })

  test('a pooled link that it ends says it in the last transition of its peer', async () => {
    const { manager, transport, transitions } = started()
    const connecting = manager.connect('scripted://hub')
    const link = transport.lastDial()!.open()
    await connecting
    await manager.disconnect('scripted://hub', { pool: true })

    link.remoteClose('idle')
    await flush()

    expect(transitions.at(-1)).toMatchObject({ reason: 'remote-closed', to: undefined, remoteReason: 'idle' })
  })

  test('the next link does not hide why the last one ended', async () => {
    const { manager, transport } = started()
    const connect = async () => {
      const connecting = manager.connect('scripted://hub')
      return [transport.lastDial()!.open(), await connecting] as const
    }
    const [link, connection] = await connect()
    link.remoteClose('evicted')
    await connection.closed
    await connect()

    expect(manager.explain('scripted://hub')?.lastEnd).toMatchObject({ reason: 'remote-closed', remoteReason: 'evicted' })
  })

  test('what says nothing is not given an older reason', async () => {
    const { manager, transport, transitions } = started()
    for (const reason of ['shutdown', undefined]) {
      const connecting = manager.connect('scripted://hub')
      const link = transport.lastDial()!.open()
      const connection = await connecting
      link.remoteClose(reason)
      await connection.closed
    }

    expect(transitions.at(-1)).not.toHaveProperty('remoteReason')
    expect(manager.explain('scripted://hub')?.lastEnd).not.toHaveProperty('remoteReason')
  })

  test('over real sockets, whatever this side has been told', async () => {
    const hub = new ConnectionManager(4, { transport: tcp() })
    const { address } = await hub.listen('tcp://127.0.0.1:0')
    const client = new ConnectionManager(4, { transport: tcp() })
    const { closed } = await client.connect(address.href)
    await hub.shutdown()
    await closed

    expect(client.explain(address.href)?.lastEnd).toMatchObject({ reason: 'remote-closed', remoteReason: 'shutdown' })
    await client.shutdown()
  })
})

test('a dial that is turned away fails with what the other side said, in the transition and in what is explained', async () => {
  const { manager, transport, transitions } = started({ reconnect: false })
  const said = { remoteCode: 'ERR_RATE_LIMITED', reason: 'host-rate', retryAfterMs: 1_500 }
  const connecting = manager.connect('scripted://hub')
  transport.lastDial()!.fail(new ConnectionError('ERR_REJECTED_BY_PEER', 'turned away', said))
  await connecting.catch(() => {})

  expect(transitions.at(-1)?.failure).toMatchObject({ code: 'ERR_REJECTED_BY_PEER', ...said })
  expect(manager.explain('scripted://hub')?.failure).toMatchObject(said)
})

describe('the option admission refuses an arriving peer with a reason of its own', () => {
  test.each([
    ['no guests today', 'no-guests-today'],
    ['banned', 'banned'],
    ['заняты', 'max-connections'],
  ])('which the other side is told as a word: %j', async (reason, word) => {
    const hub = new ConnectionManager(4, { transport: tcp(), admission: () => ({ kind: 'reject', reason }) })
    const { address } = await hub.listen('tcp://127.0.0.1:0')
    const client = new ConnectionManager(4, { transport: tcp() })

    await expect(client.connect(address.href)).rejects.toMatchObject({
      code: 'ERR_REJECTED_BY_PEER',
      remoteCode: 'ERR_MAX_CONNECTIONS',
      reason: word,
    })
    expect(hub.explain().inbound.lastRefusal).toMatchObject({ reason: 'max-connections', said: reason })
    await Promise.all([client.shutdown(), hub.shutdown()])
  })

  test('what it throws, or answers without a reason, is nobody else’s business', async () => {
    const answers: readonly (() => unknown)[] = [
      () => 'reject',
      () => 'nonsense',
      () => {
        throw new Error('the password is tulip')
      },
    ]
    for (const admission of answers) {
      const hub = new ConnectionManager(4, { transport: tcp(), admission: admission as () => 'reject', onError: () => {} })
      const { address } = await hub.listen('tcp://127.0.0.1:0')
      const client = new ConnectionManager(4, { transport: tcp() })
      await expect(client.connect(address.href)).rejects.toMatchObject({ code: 'ERR_REJECTED_BY_PEER', reason: 'max-connections' })
      await Promise.all([client.shutdown(), hub.shutdown()])
    }
  })

  test('any words become a word of the wire, or nothing', () => {
    for (const words of ['a b', ' a\n', 'ä', '', '-'.repeat(70), 'x'.repeat(70), '<script>', 'a'.repeat(10_000)]) {
      const reason = wordOf(words)
      if (reason !== '') expect(readRefusal(refusalText({ code: 'ERR_DENIED', reason }))).toEqual({ code: 'ERR_DENIED', reason })
    }
  })
})
