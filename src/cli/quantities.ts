/** A quantity is written one way wherever it is shown, short and with its unit. */

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const

/** Bytes: `812 B`, `12.3 KiB`. */
export function bytes(value: number): string {
  let unit = 0
  let scaled = value
  while (scaled >= 1_000 && unit < UNITS.length - 1) {
    scaled /= 1_024
    unit++
  }
  return `${unit === 0 ? Math.round(scaled) : brief(scaled)} ${UNITS[unit]}`
}

/** Milliseconds: `0.42 ms`; null: `–`. */
export function milliseconds(value: number | null): string {
  return value === null ? '–' : `${value < 1 ? value.toFixed(2) : brief(value)} ms`
}

/** A pause: `1.8 s`, `75 s`. */
export function inSeconds(ms: number): string {
  return `${ms < 9_950 ? (ms / 1_000).toFixed(1) : Math.round(ms / 1_000)} s`
}

/** So many a second: `8.3`, `412`. */
export function rate(value: number): string {
  return brief(value)
}

/** A share of one: `58 %`; null: `–`. */
export function share(value: number | null): string {
  return value === null ? '–' : `${Math.round(value * 100)} %`
}

/** The time of day where this runs: `14:03:07`. */
export function timeOfDay(at: number): string {
  const date = new Date(at)
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits).join(':')
}

/** How long, in minutes and seconds: `02:05`. */
export function elapsed(ms: number): string {
  const seconds = Math.floor(ms / 1_000)
  return `${twoDigits(Math.floor(seconds / 60))}:${twoDigits(seconds % 60)}`
}

/** One digit after the point below 100, none above. */
function brief(value: number): string {
  return value < 99.95 ? value.toFixed(1) : Math.round(value).toLocaleString('en-US')
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0')
}
