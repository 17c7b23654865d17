/** A picture of a machine leaves out no state and no transition of it. */
import { peerOutline, supervisorOutline, type Outline } from 'qudag-connections/inspect'
import { peerMachine, supervisorMachine } from 'qudag-connections/machines'
import { describe, expect, test } from 'vitest'

interface Config {
  readonly on?: Readonly<Record<string, unknown>>
  readonly states?: Readonly<Record<string, Config>>
}

/** Said by the configuration alone, which is how a reader of the machine would count them. */
function statesAndTransitions(config: Config, path: readonly string[] = []): { states: string[]; transitions: string[] } {
  const transitions = Object.entries(config.on ?? {}).flatMap(([event, taken]) =>
    (Array.isArray(taken) ? taken : [taken]).map((one: { readonly guard?: string }) => `${path.join('.')} ${event} ${one.guard ?? ''}`),
  )
  const below = Object.entries(config.states ?? {}).map(([key, child]) => statesAndTransitions(child, [...path, key]))
  return {
    states: [...(path.length === 0 ? [] : [path.join('.')]), ...below.flatMap(({ states }) => states)],
    transitions: [...transitions, ...below.flatMap((child) => child.transitions)],
  }
}

function drawn({ nodes, edges }: Outline) {
  return {
    states: nodes.filter(({ kind }) => kind === 'state').map(({ id }) => id),
    transitions: edges.flatMap(({ source, transitions }) => transitions.map(({ event, guard }) => `${source} ${event} ${guard ?? ''}`)),
  }
}

describe.each([
  ['peer', peerOutline, peerMachine.config as Config],
  ['supervisor', supervisorOutline, supervisorMachine.config as Config],
])('the %s', (_, outline, config) => {
  test('is drawn with every state', () => {
    expect(drawn(outline).states.toSorted()).toEqual(statesAndTransitions(config).states.toSorted())
  })

  test('is drawn with every transition', () => {
    const { transitions } = drawn(outline)
    const missing = statesAndTransitions(config).transitions.filter((transition) => {
      // What holds everywhere has no box of its own.
      return !transitions.some((one) => one === transition || (transition.startsWith(' ') && one.endsWith(transition)))
    })
    expect(missing).toEqual([])
  })

  test('has an edge between two states at most once', () => {
    const pairs = outline.edges.map(({ source, target }) => `${source} ${target}`)
    expect(new Set(pairs).size).toBe(pairs.length)
  })
})
