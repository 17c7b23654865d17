/** The primary's side of a cluster store, told of workers that are none: what it frees, and when. */
import cluster, { type Worker } from 'node:cluster'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { marked } from '../../src/fleet/stores/cluster-messages.ts'
import { ClusterServer } from '../../src/fleet/stores/cluster-server.ts'
import { MemoryData } from '../../src/fleet/stores/memory-data.ts'
import { flush, VirtualClock } from 'qudag-connections/testing'

const NAME = 'scripted'
const HOUR_MS = 3_600_000

/** A worker as `node:cluster` shows one. */
class ScriptedWorker {
  isUp = true
  isOver = false
  readonly told: { readonly value?: unknown }[] = []
  isConnected = (): boolean => this.isUp
  isDead = (): boolean => this.isOver
  send = (message: { readonly value?: unknown }, sent: () => void): void => {
    this.told.push(message)
    sent()
  }

  async call(client: number, call: string, ...args: readonly unknown[]): Promise<unknown> {
    this.#emit('message', marked({ name: NAME, client, type: 'call', id: this.told.length, call, args }))
    await flush()
    return this.told.at(-1)?.value
  }

  /** Holds a key until its lease ends. */
  async hold(client: number, key: string, ttlMs = HOUR_MS): Promise<string> {
    const lease = (await this.call(client, 'grant', ttlMs)) as string
    await this.call(client, 'write', [], [{ type: 'put', key, value: '', lease }])
    return lease
  }

  close(client: number): void {
    this.#emit('message', marked({ name: NAME, client, type: 'close' }))
  }

  disconnect(): void {
    this.isUp = false
    this.#emit('disconnect')
  }

  exit(): void {
    this.isOver = true
    this.#emit('exit', 1, null)
  }

  #emit(event: string, ...args: readonly unknown[]): void {
    cluster.emit(event, this as unknown as Worker, ...args)
  }
}

const EVENTS = ['message', 'disconnect', 'exit'] as const
let listeners: readonly (readonly [(typeof EVENTS)[number], readonly unknown[]])[] = []
let clock = new VirtualClock()
let data = new MemoryData(clock)

beforeEach(() => {
  listeners = EVENTS.map((event) => [event, cluster.listeners(event)])
  clock = new VirtualClock()
  data = new MemoryData(clock)
  void new ClusterServer(NAME, data)
})
afterEach(() => {
  for (const [event, before] of listeners) {
    for (const listener of cluster.listeners(event)) if (!before.includes(listener)) cluster.off(event, listener as () => void)
  }
})

const keys = (): readonly string[] => data.list('').map(({ key }) => key)

describe('the primary of a cluster store', () => {
  test('frees what a worker held when its process has ended, and nothing of the others', async () => {
    const [dies, lives] = [new ScriptedWorker(), new ScriptedWorker()]
    await dies.hold(1, 'a')
    await dies.hold(2, 'b')
    await lives.hold(1, 'c')
    dies.exit()
    dies.disconnect()
    expect(keys()).toEqual(['c'])
  })

  test('frees nothing when a channel ends, until the process does', async () => {
    const worker = new ScriptedWorker()
    await worker.hold(1, 'a')
    worker.disconnect()
    expect(keys()).toEqual(['a'])
    worker.exit()
    expect(keys()).toEqual([])
  })

  test('frees what stores held that a worker had closed', async () => {
    const worker = new ScriptedWorker()
    await worker.hold(1, 'a')
    worker.close(1)
    expect(keys()).toEqual(['a'])
    worker.exit()
    expect(keys()).toEqual([])
  })

  test('frees what a worker was granted by a message that is read after its process has ended', async () => {
    const worker = new ScriptedWorker()
    await worker.hold(1, 'a')
    worker.exit()
    await worker.hold(1, 'b')
    worker.disconnect()
    expect(keys()).toEqual([])
  })

  test('remembers no lease that was given back or has ended', async () => {
    const worker = new ScriptedWorker()
    const revoked = await worker.hold(1, 'a')
    await worker.hold(1, 'b', 1_000)
    await worker.call(1, 'revoke', revoked)
    clock.advance(1_000)
    expect(keys()).toEqual([])
    expect(clock.pending).toBe(0)
    worker.exit()
    expect(keys()).toEqual([])
  })
})
