/** A transition reads as when, who, from what to what, and why. */
import type { Transition } from '../../machines/domain/transition.ts'
import { timeOfDay } from './quantities.ts'
import type { Style, StyledLine } from './styled-line.ts'

/** A transition and what its peer is called here. */
export interface NamedTransition {
  readonly transition: Transition
  readonly name: string
  /** How safe its new link is, in words; left out or empty: it is open, or it has none. */
  readonly safety?: string
}

/** The narrowest and the widest column of names, the latter where the terminal is wide and where it is not. */
const NAME = 14
const WIDE_NAME = 40
const LONG_NAME = 25
const REASON = 13
/** `Disconnected → Connecting`, and with the substate. */
const CHANGE = 25
const WIDE_CHANGE = 33

/** How a status looks. */
export const STYLES: Readonly<Record<string, Style>> = { Connecting: 'yellow', Connected: 'green', Disconnected: 'cyan', Failed: 'red' }

/** A transition, with its failure where there is room. */
export function transitionRow({ transition, name }: NamedTransition, width: number, column: number): StyledLine {
  const { at, to, reason, failure, remoteReason } = transition
  const isWide = width >= 100
  const change = width < 64 ? `→ ${to ?? 'gone'}`.padEnd(15) : changeOf(transition, isWide).padEnd(isWide ? WIDE_CHANGE : CHANGE)
  return [
    [` ${timeOfDay(at)}  `, 'dim'],
    [`${cut(name, column)} `],
    [`${change} `, to === undefined ? 'dim' : (STYLES[to] ?? 'plain')],
    [`${reason.padEnd(REASON)} `],
    [failure?.code ?? remoteReason ?? '', 'dim'],
  ]
}

/** A failure with its message, on two rows where one is too short. */
export function failureRows({ transition, name }: NamedTransition, width: number, column: number): readonly StyledLine[] {
  const { at, failure } = transition
  const indent = 12 + column
  const [first = '', second] = wrapped(failure === undefined ? '' : failureText(failure), Math.max(16, width - indent))
  const row: StyledLine = [[` ${timeOfDay(at)}  `, 'dim'], [`${cut(name, column)} `, 'red'], [first]]
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

/** How wide a column is for some names. */
export function nameColumn(named: readonly { readonly name: string }[], width: number): number {
  const most = width < 76 ? NAME : width < 100 ? LONG_NAME : WIDE_NAME
  return Math.min(
    most,
    named.reduce((longest, { name }) => Math.max(longest, name.length), NAME),
  )
}

/** A name in its column. One that is too long loses its middle: of an address both ends matter. */
export function cut(text: string, width: number): string {
  if (text.length <= width) return text.padEnd(width)
  const tail = Math.floor((width - 1) / 2)
  return `${text.slice(0, width - 1 - tail)}…${text.slice(text.length - tail)}`
}
