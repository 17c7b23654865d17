/** A peer of `tcp:` can be written from the page of the wire alone, and it and ours understand each other in both directions. */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { firstValueFrom } from 'rxjs'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type Connection, ConnectionManager } from 'qudag-connections'
import { tcp } from 'qudag-connections/transports/tcp'

const PROGRAM = 'examples/foreign-peer/peer.mjs'
const LIMIT_MS = 20_000

/** The program in a process of its own: what it prints, line by line, and its end. */
function foreign(...args: string[]) {
  const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['pipe', 'pipe', 'inherit'], timeout: LIMIT_MS })
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  return {
    ended,
    kill: () => void child.kill('SIGKILL'),
    type: (line: string) => void child.stdin.write(`${line}\n`),
    async line(): Promise<string> {
      const { value, done } = await lines.next()
      return done === true ? '(nothing more)' : value
    },
  }
}

function manager(options: object = {}): ConnectionManager {
  const made = new ConnectionManager(4, { transport: tcp(), ...options })
  onTestFinished(async () => void (await made.shutdown()))
  return made
}

const words = (data: Uint8Array): string => Buffer.from(data).toString()
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

type Foreign = ReturnType<typeof foreign>

/** The program and a connection of ours to it, whoever has dialled. */
const DIRECTIONS: Readonly<Record<string, () => Promise<{ peer: Foreign; connection: Connection; ours: ConnectionManager }>>> = {
  'it dials ours': async () => {
    const ours = manager()
    const { address } = await ours.listen('tcp://127.0.0.1:0')
    const arriving = firstValueFrom(ours.connections$)
    const peer = foreign('dial', address.hostname, address.port)
    const connection = await arriving
    expect(await peer.line()).toBe('open')
    return { peer, connection, ours }
  },
  'ours dials it': async () => {
    const ours = manager()
    const peer = foreign('listen', '0')
    const connection = await ours.connect(await addressOf(peer))
    expect(await peer.line()).toBe('open')
    return { peer, connection, ours }
  },
}

async function addressOf(peer: Foreign): Promise<string> {
  return `tcp://127.0.0.1:${/^listening at (\d+)$/.exec(await peer.line())![1]}`
}

test('the program has at most 80 lines, and takes nothing but node:net', () => {
  const source = readFileSync(PROGRAM, 'utf8')

  expect(source.trimEnd().split('\n').length).toBeLessThanOrEqual(80)
  expect(Array.from(source.matchAll(/\b(?:from|import\(|require\()\s*'([^']+)'/g), ([, name]) => name)).toEqual(['node:net'])
})

describe.each(Object.entries(DIRECTIONS))('a peer with none of our code: %s', (_, open) => {
  test('messages pass both ways, small ones and one of a megabyte, and ours answers its pings', async () => {
    const { peer, connection } = await open()
    const arrived = connection[Symbol.asyncIterator]()

    peer.type('say good morning')
    expect(words((await arrived.next()).value as Uint8Array)).toBe('good morning')
    connection.send(bytes('to you too'))
    expect(await peer.line()).toBe('message to you too')
    connection.send(bytes('x'.repeat(1024 * 1024)))
    expect((await peer.line()).length).toBe('message '.length + 1024 * 1024)
    peer.type('ping')
    expect(await peer.line()).toBe('pong 1')
  })

  test.each([
    ['disconnected', ({ connection }: { connection: Connection }) => connection.close()],
    ['shutdown', ({ ours }: { ours: ConnectionManager }) => ours.shutdown()],
  ] as const)('it reads the goodbye of ours, with the reason: %s', async (reason, close) => {
    const opened = await open()

    await close(opened)

    expect(await opened.peer.line()).toBe(`goodbye ${reason}`)
    expect(await opened.peer.ended).toBe(0)
  })

  test.each(['', ' idle', ' a-word-of-the-future'])('ours reads its goodbye, with the reason if there is one:%s', async (reason) => {
    const { peer, connection } = await open()
    const { closed } = connection

    peer.type(`bye${reason}`)

    expect(await closed).toEqual(reason === '' ? { kind: 'remote' } : { kind: 'remote', reason: reason.trim() })
    expect(await peer.line()).toBe('closed')
    expect(await peer.ended).toBe(0)
  })

  test('it sees a crash as one', async () => {
    const { peer, connection } = await open()
    const { closed } = connection

    peer.kill()

    expect(await closed).toMatchObject({ kind: 'error' })
  })
})

test('it answers the pings of ours', async () => {
  const peer = foreign('listen', '0')
  const { signal } = new AbortController()
  const link = await tcp().dial(new URL(await addressOf(peer)), { peerId: 'peer', signal })
  onTestFinished(() => link.abort())
  link.attach({ message() {}, drain() {}, closed() {} })

  expect(await link.ping!(signal)).toBeGreaterThanOrEqual(0)
})

test.each([
  ['the gate', { gate: () => false }, { code: 'ERR_DENIED', reason: 'gate' }],
  ['a full hub', { limits: { inbound: 0 } }, { code: 'ERR_MAX_CONNECTIONS', reason: 'inbound-limit' }],
] as const)('it is turned away by %s of ours, and prints the code and the reason', async (_, options, refusal) => {
  const hub = manager(options)
  const { address } = await hub.listen('tcp://127.0.0.1:0')

  const peer = foreign('dial', address.hostname, address.port)

  const [, said] = /^refused (.*)$/.exec(await peer.line())!
  expect(JSON.parse(said!)).toEqual(refusal)
  expect(await peer.ended).toBe(0)
})

test('it turns ours away: connect rejects with its code, its reason and its pause', async () => {
  const peer = foreign('listen', '0', '{"code":"ERR_RATE_LIMITED","reason":"enough","retryAfterMs":5000,"unknown":true}')

  const connecting = manager().connect(await addressOf(peer))

  await expect(connecting).rejects.toMatchObject({
    code: 'ERR_REJECTED_BY_PEER',
    remoteCode: 'ERR_RATE_LIMITED',
    reason: 'enough',
    retryAfterMs: 5000,
  })
  expect(await peer.line()).toBe('turned away')
  expect(await peer.ended).toBe(0)
})
