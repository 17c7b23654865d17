/**
 * A transition leaves and enters the states that SCXML says it does, in that order.
 *
 * The rules are XState's own (`getTransitionDomain`, `computeExitSet`, `computeEntrySet`), for one region without history.
 */
import type { AnyStateNode, AnyTransitionDefinition } from 'xstate'

/** The way of a transition out of one leaf and into another. */
export interface Route {
  /** What is left, innermost first. */
  readonly exits: readonly AnyStateNode[]
  /** What is entered, outermost first. */
  readonly entries: readonly AnyStateNode[]
  /** Those entered whose `initial` transition is taken, so that its actions run. */
  readonly byDefault: ReadonlySet<AnyStateNode>
  /** What is active afterwards, outermost first. */
  readonly active: readonly AnyStateNode[]
}

/** What of a transition decides on its route. */
export type Arrow = Pick<AnyTransitionDefinition, 'source' | 'target' | 'reenter'>

/** The state and all around it, outermost first. */
export function pathTo(node: AnyStateNode): readonly AnyStateNode[] {
  return node.parent === undefined ? [node] : [...pathTo(node.parent), node]
}

/** The route of a transition, where these states are active. */
export function routeOf(arrow: Arrow, active: readonly AnyStateNode[]): Route {
  const domain = domainOf(arrow)
  const exits = exitsOf(arrow, domain, active)
  const entered = new Set<AnyStateNode>()
  const byDefault = new Set<AnyStateNode>()
  for (const target of arrow.target ?? []) {
    if (arrow.source !== target || arrow.source !== domain || arrow.reenter) {
      entered.add(target)
      byDefault.add(target)
    }
    enterDescendants(target, entered, byDefault)
    const border = arrow.source.parent === undefined && arrow.reenter ? undefined : domain
    for (const ancestor of ancestorsOf(target, domain)) {
      if (border === undefined || isDescendant(ancestor, border)) entered.add(ancestor)
    }
  }
  const entries = [...entered].toSorted((a, b) => a.order - b.order)
  const left = new Set(exits)
  return { exits, entries, byDefault, active: [...new Set([...active.filter((node) => !left.has(node)), ...entries])] }
}

function exitsOf(arrow: Arrow, domain: AnyStateNode | undefined, active: readonly AnyStateNode[]): readonly AnyStateNode[] {
  if (arrow.target === undefined || arrow.target.length === 0) return []
  const exits = active.filter((node) => isDescendant(node, domain))
  return exits.toSorted((a, b) => b.order - a.order)
}

/** The innermost state that the transition does not leave; undefined: it leaves the machine's root too. */
function domainOf({ source, target = [], reenter }: Arrow): AnyStateNode | undefined {
  if (!reenter && target.every((node) => node === source || isDescendant(node, source))) return source
  const [head, ...others] = [...target, source]
  const common = ancestorsOf(head, undefined).find((ancestor) => others.every((node) => isDescendant(node, ancestor)))
  return common ?? (reenter ? undefined : source.machine.root)
}

function enterDescendants(node: AnyStateNode, entered: Set<AnyStateNode>, byDefault: Set<AnyStateNode>): void {
  if (node.type !== 'compound') return
  const [first] = node.initial.target
  if (first === undefined) return
  entered.add(first)
  byDefault.add(first)
  enterDescendants(first, entered, byDefault)
}

/** The states around a state, innermost first, up to but without `border`. */
function ancestorsOf(node: AnyStateNode, border: AnyStateNode | undefined): readonly AnyStateNode[] {
  if (node === border || node.parent === undefined || node.parent === border) return []
  return [node.parent, ...ancestorsOf(node.parent, border)]
}

/** Whether a state lies within another. Everything lies within `undefined`, the root too. */
function isDescendant(node: AnyStateNode, within: AnyStateNode | undefined): boolean {
  if (node.parent === undefined) return within === undefined
  return node.parent === within || isDescendant(node.parent, within)
}
