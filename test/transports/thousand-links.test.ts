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

describe.each(['tcp', 'ws'])('a thousand real links over %s in one process', (scheme) => {
  const said = new Map<string, Said>()

  // It ends when the program does: one that is kept alive by anything would run into the test's own time limit.
  beforeAll(async () => {
    const program = fileURLToPath(new URL('thousand-links.mjs', import.meta.url))
    const { stdout } = await promisify(execFile)(process.execPath, [program, scheme], { encoding: 'utf8' })
    for (const line of stdout.trim().split('\n')) {
      const step = JSON.parse(line) as Said
      said.set(step.step, step)
    }
  }, 60_000)

  test('are opened, used, pooled, reused, killed and closed', () => {
    expect([...said.keys()]).toEqual(['opened', 'used', 'pooled', 'reused', 'killed', 'causes', 'shutdown', 'over'])
    expect(said.get('opened')?.gauges).toMatchObject({ Connected: 1_000, pooled: 0 })
    expect(said.get('used')?.gauges).toMatchObject({ Connected: 1_000, pooled: 0 })
    expect(said.get('pooled')?.gauges).toMatchObject({ Connected: 0, Disconnected: 1_000, pooled: 1_000 })
    expect(said.get('reused')).toMatchObject({
      gauges: { Connected: 1_000, pooled: 0 },
      pool: { hits: 1_000, misses: 1_000 },
      dials: { started: 1_000, succeeded: 1_000, failed: 0 },
    })
    expect(said.get('killed')?.gauges).toMatchObject({ Connected: 500, Failed: 500 })
    expect(said.get('causes')?.causes).toEqual(['link-error ECONNRESET'])
    expect(said.get('over')?.gauges).toEqual({ Connecting: 0, Connected: 0, Disconnected: 0, Failed: 0, pooled: 0 })
  })

  test('have gauges that equal a recount at every step', () => {
    for (const { step, gauges, recount, connections } of said.values()) {
      expect({ step, gauges, connections }).toEqual({ step, gauges: recount, connections: recount?.['Connected'] })
    }
  })

  test('leave nothing behind: what was still open was closed in order, and the process ended by itself', () => {
    expect(said.get('shutdown')?.report).toEqual({ closed: 500, forced: 0 })
  })
})
