/** What is explored is said here, what is left out with it, and what was found is printed in one form. */
import { ROWS, type RowTitle } from '../machines/design-table.ts'
import type { Exploration, Found } from './exploration.ts'

/** Below the id that the other side knows us by, and above it: duels are won by either side. */
const [A, B, C, X] = ['scripted://a', 'scripted://b', 'scripted://c', 'scripted://x'] as const

/** Two peers, one of each side of the duel, for one slot, with everything that can happen. */
export const DUO: Exploration = {
  peers: [A, X],
  symmetries: [[0, 1]],
  limit: 1,
  limits: [1],
  cap: 2,
  events: true,
  rare: true,
  endings: 'all',
  ownersOfTheGone: true,
}

/** The same for one slot and for two, as the limit is raised and lowered. */
const MOVING: Exploration = { ...DUO, limits: [1, 2], cap: 1, endings: 'one' }

/** The least that is worth an exploration. */
export const LITE: Exploration = { ...DUO, cap: 1 }

/** Three peers that are alike under a limit of two and one. */
export const TRIPLE: Exploration = {
  peers: [A, B, C],
  symmetries: [
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
  ],
  limit: 2,
  limits: [1, 2],
  cap: 1,
  events: false,
  rare: false,
  endings: 'one',
  ownersOfTheGone: false,
}

/**
 * Two peers that are alike, for one slot and for two, that are dialled one at a time, wait in a line of one, and have
 * breakers. What concerns one peer alone is left out, and so are the app's reports, which are explored above: with them it
 * is three times as long.
 */
export const POLICED: Exploration = {
  ...TRIPLE,
  peers: [A, B],
  symmetries: [
    [0, 1],
    [1, 0],
  ],
  limit: 1,
  policies: true,
  reports: false,
}

/** For long runs: the same with the app's reports. */
export const POLICED_WHOLE: Exploration = { ...POLICED, reports: true }

/**
 * For long runs: three of them, without the app's reports, for two slots alone, so that one is in line behind one that is
 * dialled and one that waits for its turn.
 */
export const POLICED_TRIPLE: Exploration = { ...TRIPLE, limits: [2], policies: true, reports: false }

/** For long runs: the moving limit with nothing left out. */
export const WHOLE_DUO: Exploration = { ...DUO, limits: [1, 2] }

/** For long runs: three peers of either side of the duel, with everything that can happen but second holds and callers. */
export const WHOLE_TRIPLE: Exploration = {
  ...MOVING,
  peers: [A, B, X],
  symmetries: [
    [0, 1, 2],
    [1, 0, 2],
  ],
  limit: 2,
  ownersOfTheGone: false,
}

/** Prints what was found, and what was left out. */
export function tell(name: string, exploration: Exploration, found: Found, ms: number): void {
  const { cap, events, rare, endings, peers, limits, symmetries, policies = false, reports = true } = exploration
  console.log(
    [
      `${name}: ${found.states} states, ${found.edges} edges (${found.steps} steps of ${found.managers} managers, ${(ms / 1000).toFixed(1)} s)`,
      `  ${peers.length} peers under limits of ${limits.join(' and ')}, ${symmetries.length} orders of them taken for one`,
      `  of a peer at most ${cap} holds and ${cap} callers; instants by their order; what a failure says is left out`,
      `  turns to be dialled, a line for slots, breakers: ${policies}; reports of the app: ${reports}`,
      `  connected by events: ${events}; broken links, batches, two things in one tick: ${rare}; ways to end a state: ${endings}`,
      `  states by phase: ${spell(found.byPhase)}`,
      `  states with a peer in: ${spell(found.byState)}`,
      ...(Object.keys(ROWS) as RowTitle[]).map((row) => `  ${String(found.rows.get(row) ?? 0).padStart(8)}  ${row}`),
    ].join('\n'),
  )
}

/** The rows of the table that were never taken. */
export function rowsLeftOut(rows: ReadonlyMap<RowTitle, number>): RowTitle[] {
  return (Object.keys(ROWS) as RowTitle[]).filter((row) => !rows.has(row))
}

function spell(counts: ReadonlyMap<string, number>): string {
  return [...counts].map(([name, count]) => `${name} ${count}`).join(', ')
}
