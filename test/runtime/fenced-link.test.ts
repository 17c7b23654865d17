/** A fenced link measures round trips as its link does, while its lease runs; and has nothing that its link has not. */
import { expect, test } from 'vitest'
import { FencedLink } from '../../src/runtime/links/fenced-link.ts'
import type { Link, PongListener } from '../../src/transports/transport.ts'

const PLAIN: Link = {
  remoteAddress: 'test://far',
  bufferedBytes: 0,
  attach() {},
  send: () => true,
  pause() {},
  resume() {},
  close: () => Promise.resolve(),
  abort() {},
}

test('a fenced link measures through its link while the lease runs, and throws ERR_NOT_CONNECTED once it is over', () => {
  const asked: PongListener[] = []
  const lease = { isRunning: true, isCurrent: () => lease.isRunning }
  const link = new FencedLink({ ...PLAIN, measure: (listener) => void asked.push(listener) }, lease, undefined)
  const listener: PongListener = { pong() {} }
  link.measure?.(listener)
  expect(asked).toEqual([listener])
  lease.isRunning = false
  expect(() => link.measure?.(listener)).toThrow(expect.objectContaining({ code: 'ERR_NOT_CONNECTED' }))
  expect(asked).toHaveLength(1)
})

test('a fenced link offers no measure, no ping and no assurance that its link does not', () => {
  const link = new FencedLink(PLAIN, { isCurrent: () => true }, undefined)
  expect([link.measure, link.ping, link.assure]).toEqual([undefined, undefined, undefined])
})
