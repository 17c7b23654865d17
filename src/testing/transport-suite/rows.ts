/** Both sides of a row know the same rows, by their titles. */
import { ADMISSION_ROWS } from './admission-rows.ts'
import { CROWD_ROWS, DIAL_ROWS } from './dial-rows.ts'
import { END_ROWS } from './end-rows.ts'
import { CRASH_ROWS, VANISH_ROWS } from './loss-rows.ts'
import { MESSAGE_ROWS } from './message-rows.ts'
import { PING_ROWS } from './ping-rows.ts'
import { PRESSURE_ROWS } from './pressure-rows.ts'
import type { Row } from './row.ts'

export { ADMISSION_ROWS, CRASH_ROWS, DIAL_ROWS, VANISH_ROWS }

/** The rows of links, which every transport passes in both directions. */
export const LINK_ROWS: readonly Row[] = [...MESSAGE_ROWS, ...PRESSURE_ROWS, ...END_ROWS, ...PING_ROWS, ...CROWD_ROWS]

/** Every row by its title: what a side in another process is told. */
export const ROWS_BY_TITLE: ReadonlyMap<string, Row> = new Map(
  [...DIAL_ROWS, ...ADMISSION_ROWS, ...LINK_ROWS, ...CRASH_ROWS, ...VANISH_ROWS].map((row) => [row.title, row]),
)
