/** A process whose only business is a kept peer runs on through an outage where it is asked to, and ends when nothing is kept. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ConnectionManager } from 'qudag-connections'

const PROGRAM = join(import.meta.dirname, 'kept-process', 'one-peer.mjs')

/** Runs the program; its peer goes when it is connected, and comes back where `returns`. @returns how often it was connected, and its exit code */
async function run(how: string, keepAlive: boolean, returns: boolean): Promise<{ times: number; code: number | null }> {
  const first = new ConnectionManager(5)
  let hub = first
  const { address } = await first.listen('tcp://127.0.0.1:0')
  const child = spawn(process.execPath, [PROGRAM, address.href, how, keepAlive ? 'alive' : ''], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 20_000,
  })
  const ended = once(child, 'exit')
  const told = { Connected: 0, Failed: 0 }
  const heard = async (): Promise<void> => {
    for await (const status of createInterface({ input: child.stdout })) {
      if (status === 'Connected' && ++told.Connected === 1) await first.shutdown({ timeoutMs: 0 })
      // It has been dialled in vain: the process has outlived its link.
      if (status !== 'Failed' || ++told.Failed !== 3 || !returns) continue
      hub = new ConnectionManager(5)
      await hub.listen(address)
    }
  }
  const hearing = heard()
  const [code] = (await ended) as [number | null]
  await hearing
  await hub.shutdown({ timeoutMs: 0 })
  return { times: told.Connected, code }
}

describe('a process whose only business is a kept peer', () => {
  test.each(['keep', 'connect', 'option'])('ends with code 0 when the link is lost, by default (%s)', async (how) => {
    expect(await run(how, false, false)).toEqual({ times: 1, code: 0 })
  })

  test.each(['keep', 'connect', 'option'])(
    'runs on with keepAlive, is connected again, and ends when it lets its peer go (%s)',
    async (how) => {
      expect(await run(how, true, true)).toEqual({ times: 2, code: 0 })
    },
  )

  test('keepAlive of connect needs keep', async () => {
    const manager = new ConnectionManager(5)
    await expect(manager.connect('tcp://127.0.0.1:1', { keepAlive: true })).rejects.toThrow('keepAlive needs keep: true')
    await manager.shutdown()
  })
})
