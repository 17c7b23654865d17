import { PEER_STATES, TRANSITION_REASONS, peerMachine } from 'qudag-connections/machines'
import { describe, expect, test } from 'vitest'
import { setup } from 'xstate'
import { SETTINGS } from '../../src/cli/run/settings.ts'
import { FLEET_INSTRUMENTS } from '../../src/observability/fleet-instruments.ts'
import { INSTRUMENTS } from '../../src/observability/instruments.ts'
import { generatedParts, partOf } from './generated.mjs'
import { pageOf, textOf } from './pages.mjs'

const PARTS = generatedParts({ peerMachine, SETTINGS, INSTRUMENTS, FLEET_INSTRUMENTS })

describe('what the pages have from the code', () => {
  test.each(Object.keys(PARTS))('%s is fresh', (name) => {
    const page = pageOf(name)
    expect(partOf(textOf(page), name), `${page} is stale: renew it with \`npm run pages\``).toBe(PARTS[name])
  })

  test('the diagram shows every state of the peer machine, and every reason between two statuses', () => {
    const diagram = PARTS['peer-diagram'] ?? ''
    const words = new Set(diagram.split(/[^\w-]+/))
    // One link for another: the peer stays Connected, so there is no arrow to put it on.
    const within: readonly string[] = ['replaced']

    expect(PEER_STATES.flatMap((state) => state.split('.')).filter((name) => !words.has(name))).toEqual([])
    expect(TRANSITION_REASONS.filter((reason) => !words.has(reason))).toEqual(within)
  })

  test('a machine that has changed is drawn otherwise', () => {
    const other = setup({
      actions: { tell: (_, _params: { reason: string }) => {} },
    }).createMachine({
      initial: 'Here',
      states: {
        Here: { on: { go: { target: 'There', actions: [{ type: 'tell', params: { reason: 'because' } }] } } },
        There: {},
      },
    })

    const { 'peer-diagram': diagram, 'peer-transitions': table } = generatedParts({
      peerMachine: other,
      SETTINGS,
      INSTRUMENTS,
      FLEET_INSTRUMENTS,
    })

    expect(diagram).toBe('```mermaid\nstateDiagram-v2\n  [*] --> Here\n  Here\n  There\n  Here --> There: because\n```')
    expect(table?.split('\n').at(-1)).toBe('| Here | `go` |     | There   | because |')
  })
})
