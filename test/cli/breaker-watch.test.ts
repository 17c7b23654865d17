import { describe, expect, test } from 'vitest'
import { BreakerWatch } from '../../src/cli/breaker-watch.ts'
import type { Explanation } from '../../src/runtime/supervisor/explanation.ts'

describe('a breaker is told of', () => {
  test('when it opens, when it lets one try, and when it closes, each of them once', () => {
    const watch = new BreakerWatch()
    const until = Date.now() + 10_000

    expect(watch.look('ann', explained({ state: 'closed', failures: 2 }), 'Failed')).toBeUndefined()
    expect(watch.look('ann', explained({ state: 'open', failures: 3, until }), 'Failed')).toMatchObject({
      text: expect.stringMatching(/^open for 10 s: 3 failures in a row$/),
      fields: { state: 'open', failures: 3 },
    })
    expect(watch.look('ann', explained({ state: 'open', failures: 3, until }), 'Failed')).toBeUndefined()
    expect(watch.look('ann', explained({ state: 'half-open', failures: 3, until }), 'Connecting')?.text).toBe('half-open: one try')
    expect(watch.look('ann', explained({ state: 'open', failures: 4, until: until + 1 }), 'Failed')?.fields.failures).toBe(4)
    expect(watch.look('ann', explained({ state: 'closed', failures: 0 }), 'Connected')).toEqual({
      text: 'closed: it is back after 4 failures',
      fields: { state: 'closed', failures: 4 },
    })
    expect(watch.look('ann', explained({ state: 'closed', failures: 0 }), 'Disconnected')).toBeUndefined()
    expect([watch.opened, watch.closed]).toEqual([2, 1])
  })

  test('no more once its peer is forgotten, which is not to say that it has closed', () => {
    const watch = new BreakerWatch()
    watch.look('ann', explained({ state: 'open', failures: 3, until: Date.now() + 1_000 }), 'Failed')

    expect(watch.look('ann', undefined, undefined)).toBeUndefined()
    expect(watch.closed).toBe(0)
    expect(watch.facts((peerId) => peerId)).toEqual([['Breakers', ['0 open', '1 opened', '0 closed again']]])
  })
})

function explained(breaker: Explanation['breaker']): Explanation {
  return { peerId: 'ann', tags: {}, protections: {}, kept: true, holds: 0, callers: 0, attempts: 1, breaker, moves: [] }
}
