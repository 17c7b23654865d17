/** The first guess: what a stranger looks for stands in a file whose header has the noun. */
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

/** A question, the file that answers it, and the noun that its header has. */
const QUESTIONS: readonly (readonly [question: string, file: string, noun: RegExp])[] = [
  ['who yields when a slot is wanted', 'src/runtime/admission/evictions.ts', /\bEvictions?\b.*\byields?\b/i],
  ['when a heartbeat is lost', 'machines/policy/heartbeat.ts', /\bheartbeat\b/i],
  ['what happens to a dial whose last caller leaves', 'src/runtime/supervisor/pending-connects.ts', /\bdial whose last caller leaves\b/i],
  ['where the TTL is enforced', 'src/runtime/pool/pool-trim.ts', /\bTTL\b.*\benforced\b/],
  ['limits per host', 'src/runtime/options/door-settings.ts', /\blimits per host\b/i],
  ['the retry pause', 'machines/policy/backoff.ts', /\bretry pause\b/i],
  ['who names an inbound peer', 'src/runtime/admission/arrivals.ts', /\binbound peer is named\b/i],
  ['how a link is replaced', 'machines/policy/duel.ts', /\blink is replaced\b/i],
  ['how a frame is decoded', 'src/transports/frames.ts', /\bframes\b.*\bdecoded\b/i],
  ['where rates come from', 'src/metrics/traffic-window.ts', /\brates?\b/i],
  ['the shutdown timeout', 'src/runtime/supervisor/shutdown.ts', /\bshutdown timeout\b/i],
  ['restarts after a crash', 'machines/policy/supervision.ts', /\brestart/i],
  ['the bound on unread bytes', 'src/runtime/holds/inbox.ts', /\bbound on unread bytes\b/i],
  ['the order of addresses', 'machines/policy/dial-order.ts', /\border of addresses\b/i],
  ['the half-open probe', 'machines/policy/breaker.ts', /\bhalf-open\b.*\bprobe\b/i],
  ['the default of any option', 'src/runtime/options/defaults.ts', /\bdefault of every option\b/i],
  ['the limit on dialing', 'src/runtime/peers/dial-turns.ts', /\blimit on dialing\b/i],
  ['which waiter gets the slot', 'src/runtime/waiting/slot-queue.ts', /\bwhich waiter gets the next slot\b/i],
  ['the close timeout', 'src/runtime/actors/peer-effects.ts', /\bclose timeout\b/i],
  ['the ping before reuse', 'src/runtime/pool/pool-checks.ts', /\bping before reuse\b/i],
  ['the 10,000 remembered', 'src/runtime/peers/remembered.ts', /\bremembered\b/i],
  ['what a crash of an actor does', 'src/runtime/supervisor/crashes.ts', /\bcrash of an actor\b/i],
  ['the order of emissions', 'src/runtime/world/streams.ts', /\border\b/i],
  ['the guard against a stalled process', 'src/runtime/world/waking.ts', /\bstalled process\b/i],
  ['200 pings a second', 'src/runtime/links/round-trips.ts', /\b200 pings a second\b/i],
]

describe('what somebody looks for is found at the first guess', () => {
  test('the list has all 25', () => {
    expect(new Set(QUESTIONS.map(([question]) => question)).size).toBe(25)
  })

  test.each(QUESTIONS)('%s: %s', (_question, file, noun) => {
    expect(existsSync(file)).toBe(true)
    expect(headerOf(file)).toMatch(noun)
  })
})

describe('the walks of the architecture', () => {
  const page = readFileSync('src/README.md', 'utf8')

  test('name files that exist', () => {
    const named = Array.from(page.matchAll(/^(?:sequenceDiagram|  .*)\[([^\]\n]*\.ts[^\]\n]*)\]/gm), ([, files = '']) =>
      files.split(', '),
    ).flat()
    let folder = ''
    const missing = named.filter((file) => {
      // A second file of a list may leave out the folder of the first.
      const path = file.includes('/') ? file : `${folder}/${file}`
      folder = path.slice(0, path.lastIndexOf('/'))
      return ![`src/${path}`, path, `src/${file}`].some(existsSync)
    })

    expect(named.length).toBeGreaterThan(25)
    expect(missing).toEqual([])
  })

  test('are no longer than 25, 20 and 12 hops', () => {
    const walks = Array.from(page.matchAll(/```mermaid\nsequenceDiagram\n([\s\S]*?)```/g), ([, walk = '']) => walk)
    const hops = walks.map((walk) => walk.match(/-{1,2}>>/g)?.length ?? 0)

    expect(hops).toHaveLength(3)
    expect([25, 20, 12].map((most, index) => hops[index]! <= most)).toEqual([true, true, true])
  })
})

/** The first comment of a file. */
function headerOf(file: string): string {
  return /^\/\*\*([\s\S]*?)\*\//.exec(readFileSync(file, 'utf8'))?.[1]?.replace(/\s+\*?\s*/g, ' ') ?? ''
}
