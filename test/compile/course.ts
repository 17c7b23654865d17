/** All that can be seen of a machine's run is written down, so that two runs can be held against each other. */
import {
  type AnyActorLogic,
  type AnyMachineSnapshot,
  type AnyTransitionDefinition,
  createActor,
  type EventObject,
  initialTransition,
  type InspectionEvent,
  transition,
} from 'xstate'

/** What is noted by the machine's actions goes here. */
export interface Course {
  readonly journal: unknown[]
  readonly alphabet: readonly EventObject[]
  readonly input?: unknown
  /** Whether somebody inspects the actor: code may take another way where nobody does. @default true */
  readonly isInspected?: boolean
}

/** Runs an actor through events, and is put away and taken up again before the `restart`th of them. Gives all that could be seen, step by step. */
export function actorCourse(
  logic: AnyActorLogic,
  events: readonly EventObject[],
  { journal, alphabet, input, isInspected = true }: Course,
  restart = Infinity,
): unknown[] {
  const seen: unknown[] = []
  const begin = (snapshot?: unknown) => {
    const actor = createActor(logic, {
      id: 'one',
      ...(snapshot === undefined ? { input } : { snapshot }),
      logger: (...args: unknown[]) => journal.push(['log', ...args]),
      ...(isInspected && { inspect: (event: InspectionEvent) => journal.push(spellInspection(event)) }),
    } as never)
    actor.subscribe({
      next: (next) => journal.push(['next', spellSnapshot(next as AnyMachineSnapshot)]),
      error: (error) => journal.push(['error', spellError(error)]),
      complete: () => journal.push(['complete']),
    })
    actor.on('*', (emitted) => journal.push(['emitted', emitted]))
    actor.start()
    return actor
  }
  const look = (what: string) => {
    seen.push([
      what,
      journal.splice(0),
      spellSnapshot(actor.getSnapshot() as AnyMachineSnapshot, alphabet),
      attempt(() => spellPersisted(actor.getPersistedSnapshot())),
    ])
  }
  journal.length = 0
  let actor = begin()
  look('start')
  for (const [index, event] of events.entries()) {
    if (index === restart) {
      actor = begin(attempt(() => actor.getPersistedSnapshot()))
      look('restart')
    }
    const before = actor.getSnapshot()
    if (before.status !== 'active') break
    actor.send(event)
    seen.push(actor.getSnapshot() === before)
    look(event.type)
  }
  if (actor.getSnapshot().status === 'active') actor.stop()
  look('stop')
  return seen
}

/** Folds `transition()` over events, past the end of the machine too. Gives the snapshots, the actions as data, and what is thrown. */
export function pureCourse(logic: AnyActorLogic, events: readonly EventObject[], { journal, alphabet, input }: Course): unknown[] {
  journal.length = 0
  let [snapshot, actions] = initialTransition(logic, input as never) as unknown as [AnyMachineSnapshot, readonly Executable[]]
  const seen: unknown[] = [[spellSnapshot(snapshot, alphabet), actions.map(spellAction)]]
  for (const event of events) {
    const before = snapshot
    if (snapshot.status === 'error') break
    const thrown = attempt(() => {
      ;[snapshot, actions] = transition(logic, snapshot, event)
      return undefined
    })
    seen.push([event.type, thrown, snapshot === before, spellSnapshot(snapshot, alphabet), actions.map(spellAction), journal.splice(0)])
  }
  return seen
}

interface Executable {
  readonly type: string
  readonly params: unknown
  readonly info: { readonly context: unknown; readonly event: EventObject }
  readonly exec: unknown
}

function spellAction({ type, params, info, exec }: Executable): unknown {
  return { type, params, context: structuredClone(info.context), event: info.event, exec: typeof exec }
}

function spellPersisted(snapshot: object): object {
  return 'error' in snapshot ? { ...snapshot, error: spellError(snapshot.error) } : snapshot
}

/** All that a snapshot says. */
function spellSnapshot(snapshot: AnyMachineSnapshot, alphabet: readonly EventObject[] = []): unknown {
  const { status, value, output, error, tags, _nodes: nodes, machine, children, historyValue } = snapshot
  // What XState makes of a failure before there is a snapshot.
  if (machine === undefined) return { status, error: spellError(error), keys: Object.keys(snapshot).toSorted() }
  return {
    status,
    value,
    context: structuredClone(snapshot.context as object),
    output: output as unknown,
    error: spellError(error),
    // XState turns them about when a machine ends, and back when it is restored; they are sets.
    tags: [...tags].toSorted(),
    nodes: nodes.map(({ id }) => id).toSorted(),
    id: machine.id,
    children: { ...children },
    historyValue: { ...historyValue },
    meta: snapshot.getMeta() as unknown,
    matches: [snapshot.matches(value as never), snapshot.matches('s1'), snapshot.matches({ s1: 's2' }), snapshot.hasTag('t')],
    can: alphabet.map((event) => attempt(() => snapshot.can(event as never))),
    json: JSON.parse(JSON.stringify({ ...(snapshot.toJSON() as object), error: spellError(error), tags: tags.size })) as unknown,
  }
}

function spellInspection(event: InspectionEvent): unknown {
  const taken = '_transitions' in event ? (event as { readonly [K in '_transitions']: AnyTransitionDefinition[] })['_transitions'] : []
  const whose = (event.actorRef as { readonly id?: string }).id
  switch (event.type) {
    case '@xstate.microstep':
      return [
        event.type,
        whose,
        event.event,
        spellSnapshot(event.snapshot as AnyMachineSnapshot),
        taken.map(spellTransition),
        Object.keys(event),
      ]
    case '@xstate.action':
      return [event.type, whose, event.action, Object.keys(event)]
    case '@xstate.snapshot':
      return [event.type, whose, event.event, spellSnapshot(event.snapshot as AnyMachineSnapshot)]
    case '@xstate.event':
      return [event.type, whose, event.event]
    default:
      return [event.type]
  }
}

function spellTransition({ source, target, eventType, reenter }: AnyTransitionDefinition): unknown {
  return [source.id, eventType, target?.map(({ id }) => id), reenter]
}

function attempt<T>(make: () => T): T | string {
  try {
    return make()
  } catch (error) {
    return `threw ${spellError(error)}`
  }
}

function spellError(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
