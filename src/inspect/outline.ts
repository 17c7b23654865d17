/** A machine's definition is read once, into the states and transitions that a picture of it shows. */
import { peerMachine } from '../../machines/peer-machine.ts'
import { supervisorMachine } from '../../machines/supervisor-machine.ts'

/** Where actors begin, as a state of an outline. */
export const BEGIN = '(begin)'
/** Where actors end, as a state of an outline. */
export const END = '(end)'

/** A machine as a picture of it shows it, without places. @since 0.1.0 */
export interface Outline {
  readonly id: 'supervisor' | 'peer'
  readonly nodes: readonly OutlineNode[]
  readonly edges: readonly OutlineEdge[]
}

/** A state, or a point where actors begin or end. @since 0.1.0 */
export interface OutlineNode {
  /** Its path, `Connecting.dialing`; {@link BEGIN} and {@link END} for the points. */
  readonly id: string
  readonly label: string
  readonly kind: 'state' | 'begin' | 'end'
  readonly parent?: string
  readonly isInitial: boolean
  readonly description?: string
}

/** All transitions of one state to one other. One that stays where it is goes from its state to itself. @since 0.1.0 */
export interface OutlineEdge {
  readonly source: string
  readonly target: string
  readonly transitions: readonly OutlineTransition[]
}

/** One transition of the definition. One that says why it moves and then forgets the peer appears twice: on its way, and at the end. @since 0.1.0 */
export interface OutlineTransition {
  readonly event: string
  readonly guard?: string
  readonly actions: readonly string[]
  /** What it tells, where it tells anything. */
  readonly reason?: string
}

/** What is read of a state node of XState 5. */
interface StateNode {
  readonly id: string
  readonly key: string
  readonly path: readonly string[]
  readonly type: string
  readonly description?: string | undefined
  readonly parent?: StateNode | undefined
  readonly initial: { readonly target: readonly StateNode[] }
  readonly states: Readonly<Record<string, StateNode>>
  readonly transitions: ReadonlyMap<string, readonly Definition[]>
}

interface Definition {
  readonly eventType: string
  readonly guard?: unknown
  readonly actions: readonly unknown[]
  readonly target: readonly StateNode[] | undefined
}

/** The outline of the peer's machine. @since 0.1.0 */
export const peerOutline: Outline = outlineOf('peer', peerMachine.root)
/** The outline of the supervisor's machine. @since 0.1.0 */
export const supervisorOutline: Outline = outlineOf('supervisor', supervisorMachine.root)

function outlineOf(id: Outline['id'], root: StateNode): Outline {
  const nodes: OutlineNode[] = [{ id: BEGIN, label: '', kind: 'begin', isInitial: false }]
  const edges = new Map<string, { source: string; target: string; transitions: OutlineTransition[] }>()
  const draw = (source: string, target: string, transition: OutlineTransition): void => {
    const key = `${source}\n${target}`
    const edge = edges.get(key) ?? { source, target, transitions: [] }
    edges.set(key, edge)
    edge.transitions.push(transition)
  }
  const leaves: StateNode[] = []
  const visit = (node: StateNode): void => {
    const { parent } = node
    if (parent !== undefined) nodes.push(nodeOf(node, parent, root))
    const children = Object.values(node.states)
    if (children.length === 0) leaves.push(node)
    for (const child of children) visit(child)
  }
  visit(root)
  nodes.push({ id: END, label: '', kind: 'end', isInitial: false })
  draw(BEGIN, pathOf(firstLeaf(root)), { event: '', actions: [] })
  // Innermost first, as the machine itself looks for what takes an event.
  const walk = (node: StateNode): void => {
    for (const child of Object.values(node.states)) walk(child)
    for (const definition of [...node.transitions.values()].flat()) {
      // What the machine takes anywhere is drawn where actors can be: there is no box around the whole.
      for (const source of node === root ? Object.values(root.states).filter(({ type }) => type !== 'final') : [node]) {
        drawTransition(draw, source, definition)
      }
    }
  }
  walk(root)
  for (const leaf of leaves) if (leaf.type === 'final') draw(pathOf(leaf), END, { event: '', actions: [] })
  return { id, nodes, edges: [...edges.values()] }
}

function nodeOf(node: StateNode, parent: StateNode, root: StateNode): OutlineNode {
  return {
    id: pathOf(node),
    label: node.key,
    kind: 'state',
    isInitial: parent.initial.target[0] === node,
    ...(parent === root ? {} : { parent: pathOf(parent) }),
    ...(node.description === undefined ? {} : { description: node.description }),
  }
}

function drawTransition(
  draw: (source: string, target: string, transition: OutlineTransition) => void,
  node: StateNode,
  { eventType: event, guard, actions, target }: Definition,
): void {
  const source = pathOf(node)
  const told = reasonOf(actions, 'tell')
  const forgotten = reasonOf(actions, 'forget')
  const destination = target?.[0] === undefined ? source : pathOf(firstLeaf(target[0]))
  const transition = {
    event,
    ...(guard === undefined ? {} : { guard: nameOf(guard) }),
    actions: actions.map(nameOf).filter((name) => name !== 'tell' && name !== 'forget'),
  }
  if (forgotten === undefined || told !== undefined)
    draw(source, destination, { ...transition, ...(told === undefined ? {} : { reason: told }) })
  if (forgotten !== undefined) draw(told === undefined ? source : destination, END, { ...transition, reason: forgotten })
}

function firstLeaf(node: StateNode): StateNode {
  const [first] = Object.keys(node.states).length === 0 ? [] : node.initial.target
  return first === undefined ? node : firstLeaf(first)
}

function pathOf(node: StateNode): string {
  return node.path.join('.')
}

/** The name of a guard or an action, given as a name or as an object with a type. */
function nameOf(named: unknown): string {
  if (typeof named === 'string') return named
  if (typeof named === 'function') return named.name
  return String((named as { readonly type?: unknown }).type)
}

function reasonOf(actions: readonly unknown[], name: 'tell' | 'forget'): string | undefined {
  const action = actions.find((one) => nameOf(one) === name)
  return (action as { readonly params?: { readonly reason?: string } } | undefined)?.params?.reason
}
