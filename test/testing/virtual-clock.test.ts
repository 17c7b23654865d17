/** A virtual clock tells time as a real one does, only when asked. */
import fc from 'fast-check'
import { DEFAULT_EPOCH, VirtualClock } from 'qudag-connections/testing'
import { expect, test } from 'vitest'

test('starts at a fixed instant, or where it is told', () => {
  expect(new VirtualClock().now()).toBe(DEFAULT_EPOCH)
  expect(new VirtualClock(5).now()).toBe(5)
  expect(() => new VirtualClock(Number.NaN)).toThrow(RangeError)
})

test('fires timers in order of time, then of arming, each at its own instant', () => {
  const clock = new VirtualClock(0)
  const fired: [string, number][] = []
  const log = (name: string) => () => void fired.push([name, clock.now()])
  clock.setTimeout(log('c'), 20)
  clock.setTimeout(log('a'), 10)
  clock.setTimeout(log('b'), 10)
  clock.setTimeout(log('never'), 31)
  clock.advance(30)
  expect(fired).toEqual([
    ['a', 10],
    ['b', 10],
    ['c', 20],
  ])
  expect([clock.now(), clock.pending, clock.next, clock.armed]).toEqual([30, 1, 31, 4])
})

test('fires what is chained within the step', () => {
  const clock = new VirtualClock(0)
  const at: number[] = []
  const again = (): void => {
    at.push(clock.now())
    clock.setTimeout(again, 10)
  }
  clock.setTimeout(again, 10)
  clock.advance(35)
  expect(at).toEqual([10, 20, 30])
  expect(clock.next).toBe(40)
})

test('a timer without a delay waits until time is moved, if only by nothing', () => {
  const clock = new VirtualClock()
  let fired = 0
  clock.setTimeout(() => fired++, 0)
  clock.setTimeout(() => fired++, -1)
  clock.setTimeout(() => fired++, Number.NaN)
  expect(fired).toBe(0)
  clock.advance(0)
  expect(fired).toBe(3)
})

test('a cleared timer does not fire, not even one cleared while another fires', () => {
  const clock = new VirtualClock(0)
  const fired: string[] = []
  const second = { id: undefined as unknown }
  clock.setTimeout(() => {
    fired.push('first')
    clock.clearTimeout(second.id)
  }, 1)
  second.id = clock.setTimeout(() => fired.push('second'), 1)
  const third = clock.setTimeout(() => fired.push('third'), 1)
  clock.advance(1)
  clock.clearTimeout(third)
  clock.clearTimeout(undefined)
  clock.clearTimeout(7)
  clock.clearTimeout({ index: 0 })
  expect(fired).toEqual(['first', 'third'])
})

test('clearing leaves the order of the others alone', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat({ max: 20 }), fc.boolean()), { maxLength: 60 }), (timers) => {
      const clock = new VirtualClock(0)
      const fired: number[] = []
      const ids = timers.map(([ms], index) => clock.setTimeout(() => fired.push(index), ms))
      timers.forEach(([, clear], index) => clear && clock.clearTimeout(ids[index]))
      const kept = timers.flatMap(([ms, clear], index) => (clear ? [] : [{ ms, index }]))
      expect(clock.pending).toBe(kept.length)
      clock.advance(20)
      expect(fired).toEqual(kept.toSorted((a, b) => a.ms - b.ms || a.index - b.index).map(({ index }) => index))
      expect(clock.pending).toBe(0)
    }),
  )
})

test('what a timer throws surfaces at its instant, and the rest stays armed', () => {
  const clock = new VirtualClock(0)
  let later = 0
  clock.setTimeout(() => {
    throw new Error('boom')
  }, 5)
  clock.setTimeout(() => later++, 5)
  expect(() => clock.advance(10)).toThrow('boom')
  expect(clock.now()).toBe(5)
  clock.advance(0)
  expect(later).toBe(1)
})

test('never goes backwards, nor anywhere from within a timer', () => {
  const clock = new VirtualClock(10)
  expect(() => clock.advance(-1)).toThrow(RangeError)
  expect(() => clock.advance(Infinity)).toThrow(RangeError)
  expect(() => clock.advanceTo(9)).toThrow(RangeError)
  clock.setTimeout(() => clock.advance(1), 1)
  expect(() => clock.advance(1)).toThrow('must not move the time')
})

test('a loop without a delay fails instead of hanging', () => {
  const clock = new VirtualClock()
  const again = (): void => void clock.setTimeout(again, 0)
  again()
  expect(() => clock.advance(0)).toThrow('re-arms itself')
})

test('the async variant lets promise jobs run between timers, and sees what they arm', async () => {
  const clock = new VirtualClock(0)
  const at: [string, number][] = []
  clock.setTimeout(() => {
    void (async () => {
      for (let i = 0; i < 50; i++) await Promise.resolve()
      at.push(['job', clock.now()])
      clock.setTimeout(() => at.push(['chained', clock.now()]), 5)
    })()
  }, 10)
  clock.setTimeout(() => at.push(['later', clock.now()]), 20)
  await clock.advanceAsync(30)
  expect(at).toEqual([
    ['job', 10],
    ['chained', 15],
    ['later', 20],
  ])
  expect(clock.now()).toBe(30)
})
