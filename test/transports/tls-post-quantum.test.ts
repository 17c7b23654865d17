/** Under a Node that knows them, identities and links are safe against quantum computers, and what is less is refused by name. */
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { LinkSecurity } from 'qudag-connections'
import { node24 } from '../setup/node24.ts'

type Order = Readonly<Record<string, unknown>> & { readonly order: string }
interface Told {
  readonly id: number
  readonly result?: unknown
  readonly error?: object
}
interface Place {
  readonly port: number
  readonly peerId: string
}
interface Proven {
  readonly peerId: string
  readonly security: LinkSecurity
}

/** A peer in a process, and what comes of an order. */
class Side {
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, (told: Told) => void>()
  #last = 0

  constructor(execPath: string) {
    // Without the conditions that this process runs under: the child takes the built package.
    this.#child = fork(fileURLToPath(new URL('post-quantum-side.mjs', import.meta.url)), { execArgv: [], execPath })
    this.#child.on('message', (told: Told) => {
      this.#waiting.get(told.id)?.(told)
      this.#waiting.delete(told.id)
    })
  }

  /** Rejects with what it has thrown. */
  async tell<T>(order: Order): Promise<T> {
    const id = ++this.#last
    const told = await new Promise<Told>((resolve) => {
      this.#waiting.set(id, resolve)
      this.#child.send({ id, ...order })
    })
    if (told.error !== undefined) throw Object.assign(new Error('told'), told.error)
    return told.result as T
  }

  end(): void {
    this.#child.kill('SIGKILL')
  }
}

let newer: Side
let far: Side
let older: Side

beforeAll(async () => {
  const path = await node24()
  newer = new Side(path)
  far = new Side(path)
  older = new Side(process.execPath)
}, 300_000)
afterAll(() => [newer, far, older].forEach((side) => side.end()))

const HYBRID = { protocol: 'TLSv1.3', keyAgreement: 'X25519MLKEM768', resumed: false }

describe('an identity of ml-dsa-65', () => {
  test('is proven both ways, over a hybrid key agreement, where both ends require it', async () => {
    const place = await far.tell<Place>({ order: 'listen', algorithm: 'ml-dsa-65', requirePostQuantum: true })
    const { peerId, security } = await newer.tell<Proven>({ order: 'dial', algorithm: 'ml-dsa-65', requirePostQuantum: true, ...place })
    expect(security).toMatchObject({ ...HYBRID, identity: 'ml-dsa-65', postQuantum: { keyAgreement: true, identity: true } })
    expect(peerId).toMatch(/^[a-z2-7]{52}$/)
  })

  test('is refused by name of an end that requires it of one that has less, whoever dialled', async () => {
    const strict = await far.tell<Place>({ order: 'listen', algorithm: 'ml-dsa-65', requirePostQuantum: true })
    const dial = { order: 'dial', algorithm: 'ed25519' }
    await expect(newer.tell({ ...dial, ...strict })).rejects.toMatchObject({ code: 'ERR_REJECTED_BY_PEER', reason: 'post-quantum' })
    const lax = await newer.tell<Place>({ order: 'listen', algorithm: 'ed25519' })
    await expect(far.tell({ order: 'dial', algorithm: 'ml-dsa-65', requirePostQuantum: true, ...lax })).rejects.toMatchObject({
      code: 'ERR_DENIED',
      reason: 'post-quantum',
      message: expect.stringContaining('requirePostQuantum: its identity is ed25519, which a quantum computer forges'),
    })
  })

  test('stays out of reach of a key agreement that can be broken later', async () => {
    const { port } = await far.tell<Place>({ order: 'listen', algorithm: 'ml-dsa-65', requirePostQuantum: true })
    expect(await newer.tell({ order: 'classic', port })).toEqual({ code: expect.stringMatching(/HANDSHAKE_FAILURE/) })
  })
})

describe('two versions of Node', () => {
  test.each(['ed25519', 'p256'])('prove an identity of %s to each other, both ways', async (algorithm) => {
    for (const [listener, dialer] of [
      [newer, older],
      [older, newer],
    ] as const) {
      const place = await listener.tell<Place>({ order: 'listen', algorithm })
      const { security } = await dialer.tell<Proven>({ order: 'dial', algorithm, ...place })
      expect(security).toMatchObject({ protocol: 'TLSv1.3', identity: algorithm })
    }
  })

  test('say why where one does not know the algorithm of the other', async () => {
    const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
    const knows = major > 24 || (major === 24 && minor >= 7)
    const place = await newer.tell<Place>({ order: 'listen', algorithm: 'ml-dsa-65' })
    const dialing = older.tell<Proven>({ order: 'dial', algorithm: 'ed25519', ...place })
    if (knows) await expect(dialing).resolves.toBeDefined()
    else await expect(dialing).rejects.toThrow(/both sides have no algorithm in common: .* Node 24.7 or newer at both ends/)
  })
})
