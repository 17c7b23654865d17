/** Real links of one process, to peers in two others: what the gauges say of them at every step, and that none is left. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'

interface Said {
  step: string
  gauges?: Record<string, number>
  recount?: Record<string, number>
  connections?: number
  pool?: { hits: number; misses: number; size: number }
  dials?: { started: number; succeeded: number; failed: number }
  causes?: string[]
  report?: { closed: number; forced: number }
}

/** Tests so many links over a scheme; an even number. */
export function testManyLinks(scheme: string, count: number): void {
  describe(`${count.toLocaleString('en')} real links over ${scheme} in one process`, () => {
    const said = new Map<string, Said>()

    // It ends when the program does: one that is kept alive by anything would run into the test's own time limit.
    beforeAll(async () => {
      const program = fileURLToPath(new URL('many-links.mjs', import.meta.url))
      const { stdout } = await promisify(execFile)(process.execPath, [program, scheme, String(count)], { encoding: 'utf8' })
      for (const line of stdout.trim().split('\n')) {
        const step = JSON.parse(line) as Said
        said.set(step.step, step)
      }
    }, 60_000)

    test('are opened, used, pooled, reused, killed and closed', () => {
      expect([...said.keys()]).toEqual(['opened', 'used', 'pooled', 'reused', 'killed', 'causes', 'shutdown', 'over'])
      expect(said.get('opened')?.gauges).toMatchObject({ Connected: count, pooled: 0 })
      expect(said.get('used')?.gauges).toMatchObject({ Connected: count, pooled: 0 })
      expect(said.get('pooled')?.gauges).toMatchObject({ Connected: 0, Disconnected: count, pooled: count })
      expect(said.get('reused')).toMatchObject({
        gauges: { Connected: count, pooled: 0 },
        pool: { hits: count, misses: count },
        dials: { started: count, succeeded: count, failed: 0 },
      })
      expect(said.get('killed')?.gauges).toMatchObject({ Connected: count / 2, Failed: count / 2 })
      // A write that comes before the reset is read finds a pipe that is broken.
      const causes = said.get('causes')?.causes ?? []
      expect(causes.filter((cause) => !/^link-error (?:ECONNRESET|EPIPE)$/.test(cause))).toEqual([])
      expect(causes.length).toBeGreaterThan(0)
      expect(said.get('over')?.gauges).toEqual({ Connecting: 0, Connected: 0, Disconnected: 0, Failed: 0, pooled: 0 })
    })

    test('have gauges that equal a recount at every step', () => {
      for (const { step, gauges, recount, connections } of said.values()) {
        expect({ step, gauges, connections }).toEqual({ step, gauges: recount, connections: recount?.['Connected'] })
      }
    })

    test('leave nothing behind: what was still open was closed in order, and the process ended by itself', () => {
      expect(said.get('shutdown')?.report).toEqual({ closed: count / 2, forced: 0 })
    })
  })
}
