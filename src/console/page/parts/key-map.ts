/** Every key that does something is listed, and none acts while somebody types. */
import { signal } from '@preact/signals'
import { isPaused, pauseLog } from '../state/log-book.ts'
import { goTo, openPeer } from '../state/route.ts'
import { control } from '../state/server.ts'
import { replay } from '../state/session.ts'
import { nextTheme } from '../state/theme.ts'

/** What each key does. */
export const KEYS: readonly (readonly [keys: string, what: string])[] = [
  ['/', 'Filter the peers'],
  ['← ↑ → ↓', 'Move through the peers, when they have the focus'],
  ['Enter', 'Open the peer'],
  ['Esc', 'Close the peer, or this list'],
  ['p', 'Pause the log, or let it go on'],
  ['t', 'Light or dark'],
  ['Space', 'In a replay: play or pause'],
  ['← →', 'In a replay: a step back, a step on'],
  ['?', 'This list'],
]

/** Whether the list of keys is shown. */
export const areKeysShown = signal(false)

/** Shows the list of keys, or hides it. */
export function showKeys(shown: boolean): void {
  areKeysShown.value = shown
}

/** Takes keys from now on. @returns ends that */
export function listenToKeys(): () => void {
  document.addEventListener('keydown', take)
  return () => document.removeEventListener('keydown', take)
}

function take(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return
  if (event.key === 'Escape') return leave(event)
  const target = event.target as HTMLElement
  if (target.closest('input, select, textarea, dialog') !== null) return
  const act = actionOf(event.key, target)
  if (act === undefined) return
  act()
  event.preventDefault()
}

function leave(event: KeyboardEvent): void {
  const target = event.target as HTMLElement
  if (target.matches('input[type=search]')) target.blur()
  else if (!areKeysShown.value && openPeer.value !== null) goTo(null)
}

function actionOf(key: string, target: HTMLElement): (() => void) | undefined {
  switch (key) {
    case '/':
      return () => document.querySelector<HTMLElement>('#filter')?.focus()
    case '?':
      return () => showKeys(!areKeysShown.value)
    case 't':
      return nextTheme
    case 'p':
      return () => pauseLog(!isPaused.value)
    default:
      return replayAction(key, target)
  }
}

function replayAction(key: string, target: HTMLElement): (() => void) | undefined {
  const now = replay.value
  if (now === undefined || target.closest('[role=listbox], [role=log], .chart-scroll') !== null) return undefined
  if (key === ' ' && target.closest('button, a') === null) return () => control({ type: 'replay', action: now.playing ? 'pause' : 'play' })
  if (key === 'ArrowRight') return () => control({ type: 'replay', action: 'step' })
  if (key === 'ArrowLeft') return () => control({ type: 'replay', action: 'back' })
  return undefined
}
