/** A dial that is aborted hears of it without a signal too, at once, and nothing is left of it. */
import { getEventListeners } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { tcp } from '../../src/transports/tcp.ts'
import type { DialOptions, Transport } from '../../src/transports/transport.ts'
import { ConnectionManager } from 'qudag-connections'
import { VirtualClock } from 'qudag-connections/testing'
import { door } from './tcp-rig.ts'

type OnAbort = (reason: unknown) => void

/** What a transport is told that is not to ask for a signal. */
function withoutSignal(onAbort?: DialOptions['onAbort']) {
  const told: (OnAbort | undefined)[] = []
  const options: DialOptions = {
    peerId: 'x',
    get signal(): AbortSignal {
      throw new Error('a signal was asked for')
    },
    onAbort: onAbort ?? ((f) => void told.push(f)),
  }
  return { options, told }
}

test('a dial over TCP asks for no signal where it hears of an abort without, and forgets it when it has its link', async () => {
  const { listener } = await door()
  const { options, told } = withoutSignal()
  const near = await tcp().dial(new URL(listener.address), options)
  onTestFinished(() => near.abort())
  expect(told).toEqual([expect.any(Function), undefined])
})

test('… and ends at once with the reason, while it connects and before', async () => {
  const { listener } = await door()
  const reason = new Error('nobody waits')
  const { options, told } = withoutSignal()
  const dialling = tcp().dial(new URL(listener.address), options)
  told[0]?.(reason)
  await expect(dialling).rejects.toBe(reason)
  const { options: late } = withoutSignal((f) => f?.(reason))
  await expect(tcp().dial(new URL(listener.address), late)).rejects.toBe(reason)
})

test('a manager tells the last function of a transport, once and with the reason of its signal', async () => {
  const heard: unknown[] = []
  let dialled: DialOptions | undefined
  const transport: Transport = {
    schemes: ['slow'],
    dial(_address, options) {
      dialled = options
      options.onAbort?.(() => heard.push('the first'))
      options.onAbort?.((reason) => heard.push(reason))
      return new Promise(() => {})
    },
  }
  const manager = new ConnectionManager(1, { transport })
  const connecting = manager.connect('slow://x')
  const failed = connecting.catch((error: unknown) => error)
  await manager.disconnect('slow://x')
  expect(await failed).toMatchObject({ code: 'ERR_DISCONNECTED' })
  expect(heard).toEqual([dialled?.signal.reason])
  expect(heard[0]).toMatchObject({ code: 'ERR_DISCONNECTED' })
  // Whoever asks later hears it at once, and who asks for nothing nothing.
  dialled?.onAbort?.((reason) => heard.push(reason))
  dialled?.onAbort?.(undefined)
  expect(heard).toEqual([dialled?.signal.reason, dialled?.signal.reason])
  expect(getEventListeners(dialled!.signal, 'abort')).toEqual([])
  await manager.shutdown()
})

test('what a transport throws when it is told keeps no other attempt from being told', async () => {
  const clock = new VirtualClock()
  const heard: string[] = []
  const transport: Transport = {
    schemes: ['slow'],
    dial({ hostname }, options) {
      options.onAbort?.(() => {
        heard.push(hostname)
        throw new Error('a fault of the transport')
      })
      return new Promise(() => {})
    },
  }
  const resolve = (): string[] => ['slow://one', 'slow://two']
  const manager = new ConnectionManager(1, { transport, clock, resolve, staggerMs: 100 })
  const failed = manager.connect('x').catch((error: unknown) => error)
  await clock.advanceAsync(100)
  await manager.disconnect('x')
  expect(await failed).toMatchObject({ code: 'ERR_DISCONNECTED' })
  expect(heard).toEqual(['one', 'two'])
  await manager.shutdown()
})
