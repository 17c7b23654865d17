/** The page is light or dark as the system is, or as its reader chose; who paints pixels is told. */
import { signal } from '@preact/signals'

/** What the reader chose. */
type Theme = 'auto' | 'light' | 'dark'

const KEY = 'qudag-connections-theme'
const systemIsDark = matchMedia('(prefers-color-scheme: dark)')

const theme = signal<Theme>(stored())
/** Counts up whenever colours changed. */
export const palette = signal(0)
/** Whether the reader wants little to move. */
export const isCalm = matchMedia('(prefers-reduced-motion: reduce)')

/** Goes to the next theme: as the system, light, dark. */
export function nextTheme(): void {
  const next = { auto: isDark() ? 'light' : 'dark', light: 'dark', dark: 'light' } as const
  theme.value = next[theme.value]
  localStorage.setItem(KEY, theme.value)
  apply()
}

/** Whether it is dark now. */
export function isDark(): boolean {
  return theme.value === 'dark' || (theme.value === 'auto' && systemIsDark.matches)
}

/** What a custom property is now, as a colour that a canvas takes. */
export function colour(name: string): string {
  const probe = document.createElement('span')
  probe.style.color = `var(--${name})`
  document.body.append(probe)
  const { color } = getComputedStyle(probe)
  probe.remove()
  return color
}

function stored(): Theme {
  const value = localStorage.getItem(KEY)
  return value === 'light' || value === 'dark' ? value : 'auto'
}

function apply(): void {
  document.documentElement.dataset['theme'] = theme.value
  palette.value++
}

systemIsDark.addEventListener('change', apply)
apply()
