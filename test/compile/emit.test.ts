/** Emitted code is what its machine says now, is refused for another machine, and is read by whoever steps through it. */
import { readFileSync } from 'node:fs'
import { compile, emit, UncompilableError } from 'qudag-connections/compile'
import { type AnyActorLogic, type AnyStateMachine, assign, createActor, createMachine, setup } from 'xstate'
import { describe, expect, test } from 'vitest'
import { EMITTED } from '../checks/emitted-modules.mjs'
import { peerMachine, supervisorMachine } from 'qudag-connections/machines'
import { codeIn, emittedOf } from './emitted.ts'

const counter = setup({ types: { context: {} as { count: number; last: string } } }).createMachine({
  id: 'counter',
  context: { count: 0, last: '' },
  initial: 'counting',
  states: {
    counting: {
      on: {
        add: { guard: ({ context }) => context.count < 2, actions: assign({ count: ({ context }) => context.count + 1, last: 'add' }) },
        'odd one.*': { actions: () => {} },
      },
    },
  },
})

const MACHINES: Readonly<Record<string, AnyStateMachine>> = { peerMachine, supervisorMachine }

describe('the code of our machines', () => {
  test.each(EMITTED)('$file is what npm run emit writes now', ({ file, machine, input, types }) => {
    // As formatted: blanks and commas at the end of a line are nobody's business.
    const bare = (text: string) => text.replace(/,(?=\s*[\])}])/g, '').replaceAll(/\s+/g, '')
    const isFresh = bare(readFileSync(file, 'utf8')) === bare(emit(MACHINES[machine] as AnyStateMachine, { input, types }))
    // The texts are long: that they differ is all there is to say.
    expect(isFresh, `${file} is of the machine as it is drawn: npm run emit writes it anew`).toBe(true)
  })
})

describe('emitted code', () => {
  test('is the same text each time', () => {
    expect(emit(counter)).toBe(emit(counter))
  })

  test('is refused for a machine of another definition, which it names', () => {
    const other = createMachine({ id: 'other', initial: 'a', states: { a: { on: { go: 'b' } }, b: {} } })
    const compiling = () => compile(other, codeIn(emit(counter, { types: false })))

    expect(compiling).toThrow(UncompilableError)
    expect(compiling).toThrow("The machine 'other' cannot be compiled")
  })

  test('is refused where an action became an assign, and taken where it is implemented otherwise', () => {
    const drawn = setup({ actions: { act: () => {} } }).createMachine({ context: {}, on: { go: { actions: 'act' } } })
    const code = codeIn(emit(drawn, { types: false }))
    const done: string[] = []
    const actor = createActor(compile(drawn.provide({ actions: { act: () => void done.push('act') } }), code)).start()
    actor.send({ type: 'go' })

    expect(done).toEqual(['act'])
    expect(() => compile(drawn.provide({ actions: { act: assign({}) as never } }), code)).toThrow(UncompilableError)
  })

  test('takes events of an actor whose contexts have other keys than it was emitted for, by the table', () => {
    const grown = { value: 'counting', status: 'active', context: { count: 0, last: '', more: 1 }, children: {}, historyValue: {} }
    const actor = createActor(emittedOf(counter) as AnyActorLogic, { snapshot: grown as never } as never).start()
    actor.send({ type: 'add' })

    expect((actor.getSnapshot() as unknown as { context: unknown }).context).toEqual({ count: 1, last: 'add', more: 1 })
  })

  test('keeps the keys that an assign adds when the machine begins', () => {
    const counting = setup({ types: { context: {} as { count: number; added?: boolean } } }).createMachine({
      context: { count: 0 },
      entry: assign(() => ({ added: true })),
      on: { add: { actions: [assign({ count: 1 }), () => {}] } },
    })
    const actor = createActor(emittedOf(counting) as AnyActorLogic).start()
    actor.send({ type: 'add' })

    expect((actor.getSnapshot() as unknown as { context: unknown }).context).toEqual({ count: 1, added: true })
  })

  test('keeps the context that an assign does not change, and names a guard that throws as XState does', () => {
    const same = setup({
      guards: {
        throws: () => {
          throw new Error('oops')
        },
      },
    }).createMachine({
      context: { a: 1 },
      on: { go: { actions: [() => {}, assign({ a: 1 })] }, fail: { guard: 'throws', actions: () => {} } },
    })
    const actor = createActor(emittedOf(same) as AnyActorLogic).start()
    const { context } = actor.getSnapshot() as unknown as { context: unknown }
    actor.send({ type: 'go' })
    expect((actor.getSnapshot() as unknown as { context: unknown }).context).toBe(context)

    const errors: string[] = []
    actor.subscribe({ error: (error) => errors.push((error as Error).message) })
    actor.send({ type: 'fail' })
    expect(errors).toEqual(["Unable to evaluate guard 'throws' in transition for event 'fail' in state node '(machine)':\noops"])
  })

  test('makes each value of an assign of the context that the one before it has made', () => {
    const twice = setup({ types: { context: {} as { a: number; b: number } } }).createMachine({
      context: { a: 1, b: 1 },
      on: {
        go: { actions: [() => {}, assign({ a: ({ context }) => context.a + 1 }), assign({ b: ({ context }) => context.a * 10 })] },
      },
    })
    const actor = createActor(emittedOf(twice) as AnyActorLogic).start()
    actor.send({ type: 'go' })

    expect((actor.getSnapshot() as unknown as { context: unknown }).context).toEqual({ a: 2, b: 20 })
  })

  test('evaluates nothing from text when it runs', () => {
    expect(emit(counter, { types: false })).not.toMatch(/\beval\b|new Function/)
  })
})
