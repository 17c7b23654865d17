/** A process at the end of a TCP link may be killed, leave, or throw, and keeps no socket. */
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { numbered, record } from './link-recorder.ts'
import { door, peerProcess } from './tcp-rig.ts'

test('a peer that is killed is an error; one that leaves in order is not', async () => {
  const { listener, arrival } = await door()
  for (const way of ['killed', 'leaves'] as const) {
    const child = await peerProcess(
      `
      import { tcp } from '../../src/transports/tcp.ts'
      const link = await tcp().dial(new URL(process.argv[2]!), { peerId: 'hub', signal: new AbortController().signal })
      link.attach({ message: () => void link.close(), drain() {}, closed: () => process.disconnect() })
      link.send(new Uint8Array([1, 2, 3]))`,
      listener.address.href,
    )
    const exit = once(child, 'exit')
    const link = await arrival()
    const log = record(link)
    expect((await log.count(1))[0]).toEqual(new Uint8Array([1, 2, 3]))
    if (way === 'killed') child.kill('SIGKILL')
    else link.send(numbered(1))
    expect((await log.end()).kind).toBe(way === 'killed' ? 'error' : 'remote')
    // The one that leaves ends by itself: nothing of the transport keeps it alive.
    expect((await exit)[0]).toBe(way === 'killed' ? null : 0)
  }
})

test('abort before, during and after the dial, and every end of a link, leave no socket and a process that ends by itself', async () => {
  const { listener, arrival } = await door()
  const child = await peerProcess(
    `
    import { tcp } from '../../src/transports/tcp.ts'
    const sockets = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length
    const turn = () => new Promise(setImmediate)
    // Node counts a handle until the close callbacks of the turn in which it was closed.
    const closedTurn = async () => { await turn(); await turn() }
    const left = {}
    for (const host of ['127.0.0.1', 'localhost']) {
      const address = new URL(process.argv[2]!)
      address.hostname = host
      for (const turns of [-1, 0, 1, 2, 5]) {
        const abort = new AbortController()
        if (turns < 0) abort.abort()
        const dialling = tcp().dial(address, { peerId: 'hub', signal: abort.signal }).then((link) => link.abort(), () => {})
        for (let i = 0; i < turns; i++) await turn()
        abort.abort()
        await dialling
        await closedTurn()
        left[host + ' aborted after ' + turns] = sockets()
      }
    }
    for (const end of ['close', 'abort', 'crash']) {
      const link = await tcp().dial(new URL(process.argv[2]!), { peerId: 'hub', signal: new AbortController().signal })
      link.attach({ message() {}, drain() {}, closed() {} })
      if (end === 'close') await link.close()
      else link.abort(end === 'crash' ? new Error('enough') : undefined)
      await closedTurn()
      left[end] = sockets()
    }
    const listener = await tcp().listen(new URL('tcp://127.0.0.1:0'), { onLink() {} })
    await listener.close()
    process.send(left, () => process.disconnect())`,
    listener.address.href,
  )
  // This side's links must be read for the other's close to end.
  const serving = (async () => {
    for (;;) record(await arrival())
  })()
  const [[left], [code]] = (await Promise.all([once(child, 'message'), once(child, 'exit')])) as [[Record<string, number>], [number]]
  expect(Object.entries(left).filter(([, sockets]) => sockets > 0)).toEqual([])
  expect([code, Object.keys(left).length]).toEqual([0, 13])
  void serving
})

test('a handler that throws loses no message after it, nor the end', async () => {
  const { listener, arrival } = await door()
  const child = await peerProcess(
    `
    import { tcp } from '../../src/transports/tcp.ts'
    const got = []
    let thrown = 0
    process.on('uncaughtException', () => thrown++)
    const link = await tcp().dial(new URL(process.argv[2]!), { peerId: 'hub', signal: new AbortController().signal })
    link.attach({
      message(data) { got.push(data[3]); throw new Error('planted') },
      drain() {},
      closed: (reason) => process.send([thrown, got, reason.kind], () => process.disconnect()),
    })`,
    listener.address.href,
  )
  const link = await arrival()
  for (let i = 0; i < 5; i++) link.send(numbered(i))
  void link.close()
  expect((await once(child, 'message'))[0]).toEqual([5, [0, 1, 2, 3, 4], 'remote'])
})
