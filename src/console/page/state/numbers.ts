/** A number is written one way, short enough for where it stands. */
const whole = new Intl.NumberFormat('en')
const brief = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 })

/** A count: `12,345`. */
export function count(value: number): string {
  return whole.format(value)
}

/** A count where there is little room: `12.3K`. */
export function short(value: number): string {
  return value < 10_000 ? whole.format(Math.round(value * 10) / 10) : brief.format(value)
}

/** A duration in milliseconds: `0.42 ms`, `1.2 s`. */
export function duration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined || Number.isNaN(ms)) return '–'
  if (ms >= 10_000) return `${Math.round(ms / 1000)} s`
  if (ms >= 1000) return `${(ms / 1000).toFixed(1)} s`
  return `${ms >= 100 ? Math.round(ms) : ms >= 10 ? ms.toFixed(1) : ms.toFixed(2)} ms`
}

/** An amount of bytes: `48.3 MB`. */
export function bytes(value: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB']
  const power = Math.min(units.length - 1, value > 0 ? Math.floor(Math.log(value) / Math.log(1024)) : 0)
  return `${power === 0 ? value : (value / 1024 ** power).toFixed(1)} ${units[power]}`
}

/** The time of day of an instant: `14:03:22.104`. */
export function clock(at: number): string {
  const date = new Date(at)
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, '0')}`
}

/** How long ago, or in how long: `3.2 s ago`, `in 400 ms`. */
export function away(at: number, now: number): string {
  const ms = at - now
  const text = duration(Math.abs(ms)).replace(/\.\d+ ms/, ' ms')
  return ms > 0 ? `in ${text}` : `${text} ago`
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}
