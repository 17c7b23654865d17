/** What comes from another realm, as in jest, jsdom or a frame, is taken for what it is. */
import { once } from 'node:events'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { ConnectionManager } from '../../src/index.ts'
import { asError, failureReported } from '../../src/runtime/errors/failures.ts'
import { memory } from '../../src/transports/memory.ts'
import { tcp } from '../../src/transports/tcp.ts'
import { websocket } from '../../src/transports/websocket.ts'

const bytes = runInNewContext('new Uint8Array([0, 1, 2, 3]).subarray(1)') as Uint8Array
const foreignUrl = (href: string): URL =>
  ({ __proto__: { toString: () => href }, href, protocol: href.slice(0, href.indexOf(':') + 1), searchParams: {} }) as unknown as URL

test.each([
  ['memory', 'memory:', memory],
  ['tcp', 'tcp://127.0.0.1:0', tcp],
  ['websocket', 'ws://127.0.0.1:0', websocket],
])('%s sends bytes of another realm, and listens at and dials a URL of one', async (_, address, make) => {
  expect(bytes).not.toBeInstanceOf(Uint8Array)
  const transport = make()
  const [near, far] = [new ConnectionManager(2, { transport }), new ConnectionManager(2, { transport })]
  const listener = await far.listen(foreignUrl(address))
  const got = new Promise<Uint8Array>((resolve) => far.messages$.subscribe(({ data }) => resolve(data)))
  const connection = await near.connect('far', { addresses: [foreignUrl(listener.address.href)] })
  connection.send(bytes)
  expect([...(await got)]).toEqual([1, 2, 3])
  await Promise.all([near.shutdown(), far.shutdown()])
})

test('an error of another realm keeps its words and its code', () => {
  const error = runInNewContext("Object.assign(new RangeError('lost'), { code: 'EFAR' })") as Error
  expect(asError(error)).toBe(error)
  expect(failureReported(error, 1)).toMatchObject({ code: 'EFAR', message: 'lost' })
})

test('a signal that is no AbortSignal of ours ends a connect', async () => {
  const target = new EventTarget()
  const reason = new Error('enough')
  const signal = {
    aborted: false,
    reason,
    addEventListener: target.addEventListener.bind(target),
    removeEventListener: target.removeEventListener.bind(target),
  }
  const manager = new ConnectionManager(2, { transport: { schemes: ['x'], dial: () => new Promise(() => {}) } })
  const connecting = manager.connect('x://a', { signal: signal as unknown as AbortSignal })
  const heard = once(target, 'abort')
  signal.aborted = true
  target.dispatchEvent(new Event('abort'))
  await heard
  await expect(connecting).rejects.toBe(reason)
  await manager.shutdown()
})
