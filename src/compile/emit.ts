/** The emitter writes a machine's transitions out as straight-line code: a function for each state and event, to be read and stepped through. */
import type { AnyStateMachine, InputFrom, MachineContext } from 'xstate'
import type { Act } from './action-plan.ts'
import { digestOf, isPrimitive } from './digest.ts'
import { refusalsOf } from './refusals.ts'
import { type Candidate, type State, type Table, tableOf } from './table.ts'
import { UncompilableError } from './uncompilable-error.ts'

/** What can be set of {@link emit}. @since 0.2.0 */
export interface EmitOptions<M extends AnyStateMachine = AnyStateMachine> {
  /** The input of an actor, where the first context is made of it: the code needs to know which keys a context has. @default none */
  readonly input?: InputFrom<M>
  /** Where `qudag-connections/compile` is, for the types of a TypeScript module; false: JavaScript without types. @default 'qudag-connections/compile' */
  readonly types?: string | false
}

/**
 * Writes a machine out as the source text of a module that exports `code`, for `compile(machine, code)`: for a build step, as
 * nothing is evaluated at run time. The machine may be the one before `provide`: guards and actions are bound by `compile`.
 *
 * @throws {UncompilableError} as `compile` does
 * @since 0.2.0
 * @example
 * console.log(emit(machine)) // the text of a module, to be written to `door-code.ts` by a build step
 */
export function emit<M extends AnyStateMachine>(machine: M, options: EmitOptions<M> = {}): string {
  const refusals = refusalsOf(machine)
  if (refusals.length > 0) throw new UncompilableError(machine.id, refusals)
  return emitTable(tableOf(machine), options)
}

/** Writes a table out. */
export function emitTable(table: Table, { input, types = 'qudag-connections/compile' }: EmitOptions = {}): string {
  const { machine } = table
  const keys = literalKeys(table, input)
  const names = new Names()
  const casts = { context: types === false || keys === undefined ? '' : ' as Context', made: types === false ? '' : ' as Made' }
  const typed = (name: string): string => (types === false ? '' : `: ${name}`)
  const states = [...table.states].map(([id, state]) =>
    [...state.candidates].map(([type, all]) => ({ id, state, type, name: `${names.of(id)}On${capital(names.of(type))}`, all })),
  )
  const steps = states
    .flat()
    .map(({ id, state, type, name, all }) => new StepWriter({ id, state, type, name, all, keys, names, typed, ...casts }).text())
  const takes = states.map((all, index) => {
    const id = [...table.states.keys()][index]!
    const parts = all.map(({ type, name }) => `        case ${quoted(type)}:\n          return ${name}(now, event, scope)`)
    const made = all.map(({ name }) => `    const ${name} = ${name}Of(kit)`)
    return {
      id,
      made,
      body: `      ${quoted(id)}: (now, event, scope) => {\n        switch (event.type) {\n${parts.join('\n')}\n        default:\n          return undefined\n        }\n      },`,
    }
  })
  return [
    `/** The code of the machine ${quoted(machine.id)}: emitted from its definition, not written. */`,
    ...(types === false ? [] : [`import type { CodeKit, MachineCode, Made, Take } from ${quoted(types)}`]),
    '',
    ...(casts.context === '' ? [] : [`type Context = { ${keys?.map((key) => `readonly ${key}: unknown`).join('; ')} }`, '']),
    ...steps,
    `/** For \`compile(machine, code)\`. */`,
    `export const code${typed('MachineCode')} = {`,
    `  digest: ${quoted(digestOf(table))},`,
    `  keys: ${keys === undefined ? 'undefined' : `[${keys.map(quoted).join(', ')}]`},`,
    `  bind(kit) {`,
    ...takes.flatMap(({ made }) => made),
    `    return {`,
    ...takes.filter(({ made }) => made.length > 0).map(({ body }) => body),
    `    }`,
    `  },`,
    `}`,
    '',
  ].join('\n')
}

/** The keys of the first context, where every assign only changes values of these; undefined: contexts are copied as the table does. */
function literalKeys({ machine, states, initial }: Table, input: unknown): readonly string[] | undefined {
  const keys = keysOf(machine, input)
  if (keys === undefined) return undefined
  const steps = [...states.values()].flatMap(({ candidates }) => [...candidates.values()].flat())
  // What a machine does when it begins may add keys as well.
  const acts = [initial, ...steps].flatMap((step) => step.acts)
  const assignments = acts.flatMap(({ assignment }) => assignment ?? [])
  const isLiteral = assignments.every((one) => one.make === undefined && one.keys.every((key) => keys.includes(key)))
  return isLiteral ? keys : undefined
}

function keysOf(machine: AnyStateMachine, input: unknown): readonly string[] | undefined {
  const given = machine.config.context as MachineContext | ((args: object) => MachineContext) | undefined
  try {
    const keys = Object.keys(typeof given === 'function' ? given({ input, spawn: () => {} }) : (given ?? {}))
    return keys.every((key) => /^[A-Za-z_$][\w$]*$/.test(key) && key !== '__proto__') ? keys : undefined
  } catch {
    return undefined
  }
}

interface Named {
  readonly id: string
  readonly state: State
  readonly type: string
  readonly name: string
  readonly all: readonly Candidate[]
  readonly keys: readonly string[] | undefined
  readonly names: Names
  /** How a context and what makes a value are typed: empty in JavaScript. */
  readonly context: string
  readonly made: string
  typed(name: string): string
}

/** Writes the function for one event in one state. */
class StepWriter {
  readonly #step: Named
  readonly #bound: string[] = []
  readonly #body: string[] = []
  readonly #kit = new Set<string>()

  constructor(step: Named) {
    this.#step = step
  }

  text(): string {
    const { id, type, name, all, typed } = this.#step
    const isOpen = all.every((candidate, index) => this.#candidate(candidate, index))
    if (isOpen) this.#body.push(`    return ${this.#uses('nothing')}(now, event, scope)`)
    return [
      `/** ${id.replaceAll('*/', '* /')}: ${type.replaceAll('*/', '* /')} */`,
      `function ${name}Of(kit${typed('CodeKit')})${typed('Take')} {`,
      `  const { ${[...this.#kit].toSorted().join(', ')} } = kit`,
      `  const [${all.map((_, index) => `to${index}`).join(', ')}] = kit.candidates(${quoted(id)}, ${quoted(type)})`,
      ...this.#bound,
      `  return (now, event, scope) => {`,
      ...(this.#body.some((line) => /\bcontext\b/.test(line)) ? [`    const context = now.context${this.#step.context}`] : []),
      ...this.#body,
      `  }`,
      `}`,
      '',
    ].join('\n')
  }

  #uses(part: string): string {
    this.#kit.add(part)
    return part
  }

  /** @returns whether the one after it may be asked */
  #candidate(candidate: Candidate, index: number): boolean {
    const to = `to${index}`
    if (candidate.guard === undefined) {
      this.#body.push(...this.#taking(candidate, index).map((line) => `    ${line}`))
      return false
    }
    const passes = `passes${index}`
    if (candidate.plain === undefined) {
      this.#body.push(`    if (${this.#uses('asks')}(${to}, now, event)) {`)
    } else {
      const guard = `${this.#step.names.of(candidate.guardName ?? 'guard')}${index}`
      this.#bound.push(`  const { asks: ${guard}, given: ${guard}Given } = kit.predicate(${to})`)
      this.#body.push(
        `    let ${passes}`,
        `    try {`,
        `      ${passes} = ${guard}({ context, event }, ${guard}Given)`,
        `    } catch (error) {`,
        `      throw ${this.#uses('guardFailed')}(${to}, event, error)`,
        `    }`,
        `    if (${passes}) {`,
      )
    }
    this.#body.push(...this.#taking(candidate, index).map((line) => `      ${line}`), `    }`)
    return true
  }

  /** What is done once a transition is chosen. */
  #taking(candidate: Candidate, index: number): readonly string[] {
    const { acts, final } = candidate
    const to = `to${index}`
    const isPlain =
      final === undefined && acts.every((act) => act.kind === 'call' || (act.kind === 'assign' && this.#step.keys !== undefined))
    // With nothing to call nobody is asked whether somebody inspects: the table tells the step.
    const first = acts.findIndex(({ kind }) => kind === 'call')
    if (!isPlain || first < 0) return [`return ${this.#uses('take')}(${to}, now, event, scope)`]
    const lines: string[] = []
    const at: Place = { context: 'context', args: '', count: 0, before: undefined }
    for (const [place, act] of acts.entries()) {
      const name = `${this.#step.names.of(act.type)}${index}_${place}`
      if (act.kind === 'call') lines.push(...this.#calling(act, name, to, place, place === first, at))
      else lines.push(...this.#assigning(act, name, to, place, at))
    }
    const isWithin = !candidate.assigns && candidate.target === this.#step.state
    return [...lines, isWithin ? 'return now' : `return ${this.#uses('landed')}(${to}, now, ${at.context})`]
  }

  #calling(act: Act, name: string, to: string, place: number, isFirst: boolean, at: Place): readonly string[] {
    const lines: string[] = []
    const params = `${name}Params`
    const given = act.paramsOf === undefined ? `params: ${params}` : `paramsOf: ${name}ParamsOf`
    this.#bound.push(`  const { exec: ${name}, ${given} } = kit.call(${to}, ${place})`)
    if (act.paramsOf !== undefined) lines.push(`const ${params} = ${name}ParamsOf({ context: ${at.context}, event })`)
    if (isFirst) {
      lines.push(
        `if (${this.#uses('inspects')}(scope, ${quoted(act.type)}, ${params})) return ${this.#uses('goOn')}(${to}, now, ${at.context}, event, scope, ${place})`,
      )
    }
    if (at.args === '') {
      const made = `{ context: ${at.context}, event, self: scope.self, system: scope.system }`
      const reused = at.before === undefined ? made : `${at.context} === ${at.before.context} ? ${at.before.args} : ${made}`
      at.args = `args${to.slice(2)}${at.count}`
      at.before = undefined
      lines.push(`const ${at.args} = ${reused}`)
    }
    lines.push(`${name}(${at.args}, ${params})`)
    return lines
  }

  #assigning(act: Act, name: string, to: string, place: number, at: Place): readonly string[] {
    const { keys = [], values = [], isFixed = true } = act.assignment ?? {}
    const lines: string[] = []
    const { context } = at
    if (values.some((value) => !isPrimitive(value))) this.#bound.push(`  const ${name} = kit.assign(${to}, ${place})`)
    let params = `${name}.params`
    if (!isFixed && act.paramsOf !== undefined) {
      this.#bound.push(`  const { paramsOf: ${name}ParamsOf } = kit.call(${to}, ${place})`)
      lines.push(`const ${name}Params = ${name}ParamsOf({ context: ${context}, event })`)
      params = `${name}Params`
    }
    if (!isFixed)
      lines.push(`const ${name}Args = { context: ${context}, event, spawn: ${name}.spawn, self: scope.self, system: scope.system }`)
    const made = keys.map((key, index) => {
      if (isPrimitive(values[index])) return { key, value: literalOf(values[index]) }
      const value = `${name}_${index}`
      this.#bound.push(`  const ${value}Given = ${name}.values[${index}]${typeof values[index] === 'function' ? this.#step.made : ''}`)
      if (typeof values[index] !== 'function') return { key, value: `${value}Given` }
      lines.push(`const ${value} = ${value}Given(${name}Args, ${params})`)
      return { key, value }
    })
    const next = `context${to.slice(2)}${++at.count}`
    const isSame = made.map(({ key, value }) => `Object.is(${context}.${key}, ${value})`).join(' && ') || 'true'
    const literal = this.#step.keys!.map((key) => `${key}: ${made.findLast((one) => one.key === key)?.value ?? `${context}.${key}`}`)
    lines.push(`const ${next} = ${isSame} ? ${context} : { ${literal.join(', ')} }`)
    if (at.args !== '') at.before = { context, args: at.args }
    at.context = next
    at.args = ''
    return lines
  }
}

/** What stands for the context and the arguments at one place of a step. */
interface Place {
  context: string
  /** Empty: there are none for this context yet. */
  args: string
  count: number
  /** The arguments of an earlier context, which are good where it is still the same. */
  before: { readonly context: string; readonly args: string } | undefined
}

/** The names of one module: what is called alike has one name, and nothing else has it. */
class Names {
  readonly #names = new Map<string, string>()
  readonly #taken = new Set<string>()

  /** A text as an identifier: its letters and digits, and a number where others have those too. */
  of(text: string): string {
    const known = this.#names.get(text)
    if (known !== undefined) return known
    const words = text.split(/[^A-Za-z0-9]+/).filter((word) => word !== '')
    const joined = words.map((word, index) => (index === 0 ? word : capital(word))).join('')
    const isFree = /^[A-Za-z]/.test(joined) && !this.#taken.has(joined)
    const name = isFree ? joined : `x${this.#names.size}${capital(joined)}`
    this.#names.set(text, name)
    this.#taken.add(name)
    return name
  }
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

function literalOf(value: unknown): string {
  return typeof value === 'string' ? quoted(value) : Object.is(value, -0) ? '-0' : String(value)
}

function quoted(text: string): string {
  return `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
}
