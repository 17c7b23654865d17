/** Keeps one thing true: a transition reads as when, who, from what to what, and why. */
import type { Transition } from '../../machines/domain/transition.ts'
import { timeOfDay } from './quantities.ts'
import type { Style, StyledLine } from './styled-line.ts'

/** A transition and what its peer is called here. */
export interface NamedTransition {
  readonly transition: Transition
  readonly name: string
}

const NAME = 14
const REASON = 13
/** `Disconnected → Connecting`, and with the substate. */
const CHANGE = 25
const WIDE_CHANGE = 33

const STYLES: Readonly<Record<string, Style>> = { Connecting: 'yellow', Connected: 'green', Disconnected: 'cyan', Failed: 'red' }

/** A transition, with its failure where there is room. */
export function transitionRow({ transition, name }: NamedTransition, width: number): StyledLine {
  const { at, to, reason, failure } = transition
  const isWide = width >= 100
  const change = width < 64 ? `→ ${to ?? 'gone'}`.padEnd(15) : changeOf(transition, isWide).padEnd(isWide ? WIDE_CHANGE : CHANGE)
  return [
    [` ${timeOfDay(at)}  `, 'dim'],
    [`${cut(name, NAME)} `],
    [`${change} `, to === undefined ? 'dim' : (STYLES[to] ?? 'plain')],
    [`${reason.padEnd(REASON)} `],
    [failure?.code ?? '', 'dim'],
  ]
}

/** A failure with its message, on two rows where one is too short. */
export function failureRows({ transition, name }: NamedTransition, width: number): readonly StyledLine[] {
  const { at, failure } = transition
  const indent = 12 + NAME
  const [first = '', second] = wrapped(failure === undefined ? '' : failureText(failure), Math.max(16, width - indent))
  const row: StyledLine = [[` ${timeOfDay(at)}  `, 'dim'], [`${cut(name, NAME)} `, 'red'], [first]]
  return second === undefined ? [row] : [row, [[' '.repeat(indent)], [second]]]
}

/** `Connected → Disconnected`; what was not known is `new`, what is forgotten is `gone`. */
export function changeOf({ from, to, fromState, toState }: Transition, withSubstate = false): string {
  const before = withSubstate ? detailed(fromState) : from
  const after = withSubstate ? detailed(toState) : to
  return `${before ?? 'new'} → ${after ?? 'gone'}`
}

/** A failure's message, and its code where that says more than that dialing failed. */
export function failureText({ code, message }: { readonly code: string; readonly message: string }): string {
  return code === 'ERR_DIAL_FAILED' || message.includes(code) ? message : `${code}: ${message}`
}

/** The substate where it tells more than the status does: `Disconnected.pooled`, but `Connecting`. */
function detailed(state: string | undefined): string | undefined {
  const [status, substate] = state?.split('.') ?? []
  return status === 'Disconnected' && substate !== undefined ? state : status
}

/** Text on at most two rows; what is too long for them stays on the second, which is cut when it is painted. */
function wrapped(text: string, width: number): readonly string[] {
  if (text.length <= width) return [text]
  const end = text.lastIndexOf(' ', width)
  return end <= 0 ? [text] : [text.slice(0, end), text.slice(end + 1)]
}

function cut(text: string, width: number): string {
  return (text.length > width ? `${text.slice(0, width - 1)}…` : text).padEnd(width)
}
