/** Whoever subscribes is told in its own AsyncLocalStorage context, and not in that of whoever dialled the link first. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { describe, expect, test } from 'vitest'
import { ConnectionManager } from 'qudag-connections'
import { flush, scripted, VirtualClock } from 'qudag-connections/testing'
import { map, take } from 'rxjs'

const PEER = 'scripted://peer'
const context = new AsyncLocalStorage<string>()
const bytes = new TextEncoder().encode('x')

describe('a link that is shared', () => {
  test('is read in the context of each of its readers, over TCP', async () => {
    const hub = new ConnectionManager(10)
    const { address } = await hub.listen('tcp://127.0.0.1:0')
    hub.connections$.subscribe((connection) => connection.send(bytes))
    const manager = new ConnectionManager(10)
    const seen: string[] = []
    const readBy = (reader: string): Promise<void> =>
      context.run(reader, async () => {
        const connection = await manager.connect(address.href)
        await new Promise<void>((resolve) => {
          connection.messages$.subscribe(() => {
            seen.push(`${reader} reads in ${context.getStore()}`)
            resolve()
          })
        })
      })
    await readBy('the first')
    const second = readBy('the second')
    const outside = new Promise<void>((resolve) => {
      manager.get(address.href)?.messages$.subscribe(() => {
        seen.push(`outside reads in ${context.getStore()}`)
        resolve()
      })
    })
    await flush()
    for (const { peerId } of hub.peers()) hub.get(peerId)?.send(bytes)
    await Promise.all([second, outside])
    expect(seen.toSorted()).toEqual([
      'outside reads in undefined',
      'the first reads in the first',
      'the first reads in the first',
      'the second reads in the second',
    ])
    await Promise.all([manager.shutdown(), hub.shutdown()])
  })

  test('tells every stream in the context that subscribed, its operators and its completion too', async () => {
    const clock = new VirtualClock()
    const transport = scripted({ autoOpen: true, autoClose: 'sync' })
    const manager = new ConnectionManager(10, { transport, clock })
    const kept = context.run('keeper', () => manager.keep(PEER))
    await context.run('another', () => kept.connected())
    const seen = new Map<string, Set<string | undefined>>()
    const note = (stream: string) => (): void => void (seen.get(stream) ?? seen.set(stream, new Set()).get(stream))?.add(context.getStore())
    context.run('reader', () => {
      kept.messages$.subscribe({ next: note('kept messages'), complete: note('kept messages') })
      kept.status$.subscribe({ next: note('kept status'), complete: note('kept status') })
      kept.connection?.messages$.pipe(map(note('operator'))).subscribe(note('messages'))
      kept.connection?.messages$.pipe(take(1)).subscribe({ complete: note('one message') })
      manager.messages$.subscribe(note('all messages'))
      manager.transitions$.subscribe({ next: note('transitions'), complete: note('transitions') })
      manager.changes$.subscribe(note('changes'))
      manager.connections$.subscribe(note('connections'))
      manager.metrics$.subscribe(note('metrics'))
      manager.status$(PEER).subscribe(note('status'))
    })
    await context.run('sender', async () => {
      transport.linkOf(PEER)?.receive(bytes)
      await manager.connect('scripted://other')
      await clock.advanceAsync(1_000)
      await manager.disconnect(PEER)
      await new Promise(setImmediate)
    })
    await manager.shutdown()
    expect(seen.size).toBe(11)
    for (const [stream, contexts] of seen) expect([stream, ...contexts]).toEqual([stream, 'reader'])
  })

  test('is read one by one, and its end is awaited, in the context of whoever waits', async () => {
    const transport = scripted({ autoOpen: true, autoClose: 'sync' })
    const manager = new ConnectionManager(10, { transport, clock: new VirtualClock() })
    const connection = await context.run('the first', () => manager.connect(PEER))
    const reading = context.run('reader', async () => {
      const seen: (string | undefined)[] = []
      for await (const message of connection) seen.push(message.length === 1 ? context.getStore() : 'no message')
      await connection.closed
      return [...seen, context.getStore()]
    })
    context.run('sender', () => transport.linkOf(PEER)?.receive(bytes))
    await flush()
    await context.run('closer', () => connection.close())
    expect(await reading).toEqual(['reader', 'reader'])
    await manager.shutdown()
  })

  test('a dial has nothing of the context of whoever asked first', async () => {
    const transport = scripted({ autoOpen: true, autoClose: 'sync' })
    const seen: (string | undefined)[] = []
    const dialling = {
      schemes: transport.schemes,
      dial(...args: Parameters<typeof transport.dial>) {
        seen.push(context.getStore())
        return transport.dial(...args)
      },
    }
    const manager = new ConnectionManager(10, { transport: dialling, clock: new VirtualClock() })
    await context.run('the first', () => manager.connect(PEER))
    expect(seen).toEqual([undefined])
    await manager.shutdown()
  })
})
