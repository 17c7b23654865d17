/** What the arbitraries generate is valid, complete and reaches the edges. */
import fc from 'fast-check'
import { arbitraries, type Command, faultError } from 'qudag-connections/testing'
import { expect, test } from 'vitest'
import { assertPeerId } from '../../machines/domain/peer-id.ts'

const { peerId, fault, timeStep, command, commands } = arbitraries(fc)

test('every peer id is one', () => {
  fc.assert(fc.property(peerId(), (id) => assertPeerId(id)))
})

test('a fault becomes the error of a transport', () => {
  fc.assert(
    fc.property(fault(), (f) => {
      expect(faultError(f)).toBeInstanceOf(Error)
      expect(faultError(f)).toMatchObject(f)
    }),
  )
})

test('steps of time reach one before, at and after a duration', () => {
  const steps = new Set(fc.sample(timeStep([500]), 500))
  expect([0, 1, 499, 500, 501].filter((ms) => !steps.has(ms))).toEqual([])
  expect([...steps].every((ms) => ms >= 0)).toBe(true)
})

test('every type of command comes up, and only those that were asked for', () => {
  const seen = new Set(fc.sample(command(), 3_000).map(({ type }) => type))
  expect(seen.size).toBe(23)
  expect(seen.has('shutdown')).toBe(false)
  const few = new Set(fc.sample(command({ types: ['stop', 'read'] }), 100).map(({ type }) => type))
  expect([...few].toSorted()).toEqual(['read', 'stop'])
})

test('a run stays within its peers and its length, and is plain data', () => {
  fc.assert(
    fc.property(commands({ peers: 2, maxLength: 9 }), (run: Command[]) => {
      expect(run.length).toBeLessThanOrEqual(9)
      expect(run.every((c) => !('peer' in c) || (c.peer ?? 0) < 2)).toBe(true)
      expect(structuredClone(run)).toEqual(run)
    }),
  )
})
