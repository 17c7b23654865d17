/**
 * Who may import whom is written down once; the linter and the test of the linter read it here.
 *
 * A place imports itself and the floors below it. Places on one floor do not see each other.
 */
import { posix } from 'node:path'

/** The places of each floor, from the ground up: a folder, a file, or the files directly in a folder (`machines/*`). */
export const FLOORS = [
  ['machines/domain', 'src/errors.ts', 'src/clock.ts'],
  ['machines/policy'],
  ['machines/*'],
  ['src/transports', 'src/compile'],
  // The rooms of the runtime, with floors of their own.
  ['src/runtime/collections', 'src/runtime/errors'],
  ['src/runtime/callbacks', 'src/runtime/time'],
  ['src/runtime/options', 'src/runtime/holds'],
  ['src/runtime/links', 'src/runtime/dialing'],
  ['src/runtime/peers'],
  ['src/runtime/world'],
  ['src/runtime/actors', 'src/runtime/pool', 'src/runtime/admission'],
  ['src/runtime/waiting'],
  ['src/runtime/reconnecting'],
  ['src/runtime/keeping'],
  ['src/runtime/supervisor'],
  ['src/metrics', 'src/platform'],
  ['src/*'],
  ['src/inspect', 'src/observability', 'src/fleet', 'src/testing'],
  ['src/console'],
  ['src/cli'],
]

/** How many folders deep a place may be; a file below that would escape the linter. */
export const DEEPEST = 2

/** From this floor up, `#platform` may be imported: below, defaults are handed in. */
const PLATFORM_FLOOR = floorOf('src/*')

/** The floor of a place. */
function floorOf(place) {
  return FLOORS.findIndex((places) => places.includes(place))
}

/** The place of a file, named by its path from the root; undefined: it has none. */
export function placeOf(file) {
  const inFolder = FLOORS.flat().find((place) => place === file || file.startsWith(`${place}/`))
  const above = `${file.slice(0, file.lastIndexOf('/'))}/*`
  return inFolder ?? (floorOf(above) < 0 ? undefined : above)
}

/** Whether the files of one place may import those of another. `machines` is the pure core: nothing of `src` is below it. */
export function mayImport(from, to) {
  if (from === to) return true
  if (from.startsWith('machines/') && to.startsWith('src/')) return false
  return floorOf(to) < floorOf(from)
}

/** The linter's overrides, one for each place and depth, with a message that names the floor. */
export function floorOverrides() {
  // The files directly in a folder come first: what is said of one of them by name replaces what is said of all.
  const places = FLOORS.flat().toSorted((a, b) => Number(b.endsWith('*')) - Number(a.endsWith('*')))
  return places.flatMap((place) => {
    const depths = isFolder(place) ? Array.from({ length: DEEPEST + 1 }, (_, depth) => depth) : [0]
    return depths.map((depth) => ({
      files: [isFolder(place) ? `${place}/${'*/'.repeat(depth)}*.{ts,tsx}` : place.replace(/\*$/, '*.{ts,tsx}')],
      rules: { 'no-restricted-imports': ['error', { patterns: [{ group: restricted(place, depth), message: message(place) }] }] },
    }))
  })
}

/**
 * The patterns of a place, as in a .gitignore: everything relative, then what it may reach after all.
 * Last, what no file needs: a way round through a longer path.
 */
function restricted(from, depth) {
  const house = from.slice(0, from.indexOf('/'))
  const folder = isFolder(from) ? posix.join(from, 'folder/'.repeat(depth)) : posix.dirname(from)
  const own = isFolder(from) ? ['./**', ...Array.from({ length: depth }, (_, up) => `${'../'.repeat(up + 1)}**`)] : []
  const others = FLOORS.flat()
    .filter((to) => mayImport(from, to) && !(to === from && own.length > 0))
    .map((to) => (isFolder(to) ? `${to}/**` : to))
    .map((to) => posix.relative(folder, to))
    .map((path) => (path.startsWith('.') ? path : `./${path}`))
  return [
    ...(house === 'machines' ? ['**', '!xstate'] : ['./**', '../**', 'qudag-connections', 'qudag-connections/**']),
    ...(house === 'src' && floorOf(from) < PLATFORM_FLOOR ? ['\\#*'] : []),
    ...own.map((path) => `!${path}`),
    isFolder(from) ? `${'../'.repeat(depth + 1)}**` : '../**',
    ...others.map((path) => `!${path}`),
    './../**',
    '**/[!.]*/../**',
  ]
}

function message(place) {
  const floor = floorOf(place)
  return `${place} is on floor ${floor}: it may import itself and lower floors by the shortest path${place.startsWith('machines/') ? ', and xstate; nothing else' : ''}.`
}

function isFolder(place) {
  return !place.endsWith('.ts') && !place.endsWith('*')
}
