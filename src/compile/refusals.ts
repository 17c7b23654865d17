/** Refusals of the compiler: whatever a table cannot hold is found before there is a table. */
import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate'
import { type Action, implementationOf } from './action-plan.ts'
import type { Refusal } from './uncompilable-error.ts'

const SUPPORTED_BUILT_INS = new Set(['xstate.assign', 'xstate.emit', 'xstate.log'])

/** All that a machine uses and a table cannot hold, in the order of its states. Unused implementations do not count. */
export function refusalsOf(machine: AnyStateMachine): readonly Refusal[] {
  const { root } = machine
  const ofMachine = (machine.config.options?.maxIterations ?? 1) < 1 ? ['options.maxIterations below 1'] : []
  return [...ofMachine.map((feature) => ({ feature, state: root.id })), ...walk(root)]
}

function* walk(node: AnyStateNode): Generator<Refusal> {
  for (const feature of new Set([...featuresOf(node), ...actionsOf(node)])) yield { feature, state: node.id }
  for (const child of Object.values(node.states) as AnyStateNode[]) yield* walk(child)
}

function* featuresOf(node: AnyStateNode): Generator<string> {
  const { config, parent } = node
  const isRoot = parent === undefined
  if (node.type === 'parallel') yield `type: 'parallel'`
  if (node.type === 'history') yield `type: 'history'`
  if (config.always !== undefined) yield 'always'
  if (config.after !== undefined) yield 'after'
  if (config.invoke !== undefined) yield 'invoke'
  if (config.onDone !== undefined) yield 'onDone'
  if (config.route !== undefined) yield 'route'
  if (node.type === 'final' && (isRoot || parent.parent !== undefined)) yield `type: 'final' below the top level`
  if (node.type !== 'compound' && node.type !== 'parallel' && Object.keys(node.states).length > 0) yield `states in type: '${node.type}'`
  for (const transition of transitionsOf(node)) if ((transition.target?.length ?? 0) > 1) yield 'several targets'
}

function* actionsOf(node: AnyStateNode): Generator<string> {
  const lists = [node.entry, node.exit, node.initial.actions, ...transitionsOf(node).map(({ actions }) => actions)]
  // XState writes `after` as actions of its own; the word for it has been said.
  const isDelayed = node.config.after !== undefined
  for (const action of lists.flat() as unknown as Action[]) {
    const found = implementationOf(node.machine as AnyStateMachine, action)
    if (found === undefined) continue
    if (typeof found !== 'function') yield `an action that is no function`
    else if ('resolve' in found && !SUPPORTED_BUILT_INS.has(found.type ?? '') && !isDelayed) yield spell(found.type)
  }
}

function transitionsOf(node: AnyStateNode): readonly AnyTransitionDefinition[] {
  return [...node.transitions.values()].flat()
}

/** XState's `xstate.raise` is `raise` to who writes a machine. */
function spell(type: string | undefined): string {
  return type === undefined ? 'a built-in action without a type' : type.replace('xstate.', '')
}
