import { firstValueFrom } from 'rxjs'
import { afterEach, describe, expect, test } from 'vitest'
import { ConnectionManager } from 'qudag-connections'
import { tcp } from 'qudag-connections/transports/tcp'
import { websocket } from 'qudag-connections/transports/websocket'
import { cert, key } from '../../transports/localhost-certificate.ts'
import { run, type Program } from './process.ts'

const HONEST = 40
const programs: Program[] = []
const managers: ConnectionManager[] = []
const tls = { cert, key }

afterEach(async () => {
  for (const program of programs.splice(0)) program.kill()
  await Promise.all(managers.splice(0).map((manager) => manager.shutdown({ timeoutMs: 500 })))
})

function start(...args: Parameters<typeof run>): Program {
  const program = run(...args)
  programs.push(program)
  return program
}

function honest(): ConnectionManager {
  const manager = new ConnectionManager(100, {
    transport: [tcp(), websocket({ tls: { rejectUnauthorized: false } })],
    resolve: (id) => id.slice(id.indexOf('@') + 1),
  })
  managers.push(manager)
  return manager
}

describe('64 descriptors, 100 silent strangers', () => {
  test.each([
    ['tcp', 'who stay', 'tcp://127.0.0.1:0', false],
    ['ws', 'who stay', 'ws://127.0.0.1:0/peers', false],
    ['wss', 'who stay', 'wss://127.0.0.1:0/peers', false],
    ['tcp', 'who come again when they are cut', 'tcp://127.0.0.1:0', true],
  ])('%s, %s: 40 of 40 honest peers come in, our own dials succeed, and the process lives', async (scheme, _, address, again) => {
    const victim = start('victim.mjs', [JSON.stringify({ address, ...(scheme === 'wss' ? { tls } : {}), metrics: { sampleMs: 5 } })])
    const { address: bound } = (await victim.next()) as { address: string }
    const strangers = start('strangers.mjs', [JSON.stringify({ port: new URL(bound).port, count: 100, again })])
    await strangers.next()

    const manager = honest()
    const links = await Promise.allSettled(Array.from({ length: HONEST }, (__, i) => manager.connect(`${i}@${bound}`)))
    const open = links.flatMap((link) => (link.status === 'fulfilled' ? [link.value] : []))
    // The victim greets whom it has let in.
    await Promise.all(open.map(({ messages$ }) => firstValueFrom(messages$)))
    expect(open).toHaveLength(HONEST)
    const own = await manager.listen('tcp://127.0.0.1:0')
    victim.say({ dial: own.address.href })
    expect(await victim.next()).toEqual({ outcome: 'ok' })

    strangers.kill()
    await strangers.ended
    victim.say({ end: true })
    expect(await victim.next()).toEqual({ connections: HONEST + 1, memoryUsageStale: false, hasMemory: true })
    expect(await victim.ended).toEqual({ code: 0, stderr: '' })
  })
})
