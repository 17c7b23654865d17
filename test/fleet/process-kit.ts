/** A kit of processes: the nodes of a fleet, and the judge whom they dial. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** Prints what was measured where `FLEET_FIGURES` is set, for the page of the fleet. */
export function note(what: string, ms: number): void {
  if (process.env['FLEET_FIGURES'] !== undefined) console.log(`${what}: ${(ms / 1_000).toFixed(1)} s`)
}

/** What the judge tells, by its own clock, in milliseconds. */
export interface Told {
  readonly type: 'open' | 'said' | 'closed'
  readonly at: number
  readonly link: number
  readonly fence?: number
  readonly pid?: number
  readonly peer?: string
}

const children = new Set<ChildProcess>()
process.once('exit', () => children.forEach((child) => child.kill('SIGKILL')))

function start(program: string, argument: object): ChildProcess {
  const child = fork(fileURLToPath(new URL(program, import.meta.url)), [JSON.stringify(argument)], {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  children.add(child)
  child.once('exit', () => children.delete(child))
  return child
}

function told<T extends { readonly type: string }>(child: ChildProcess, type: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const listener = (message: T): void => {
      if (message.type !== type) return
      child.off('message', listener)
      resolve(message)
    }
    child.on('message', listener)
    child.once('exit', (code, signal) => reject(new Error(`the process ended (${signal ?? code}) before it was ${type}`)))
  })
}

/** What waits until the log says something. */
interface Waiter {
  look(): void
  fail(error: Error): void
}

/** The judge: what it tells is folded as it comes. */
export class Judge {
  readonly url: string
  readonly #child: ChildProcess
  readonly #waiters = new Set<Waiter>()
  /** The links that are open now. */
  readonly open = new Set<number>()
  /** Who holds each peer, by what was said over links that are open: the processes by link. */
  readonly holders = new Map<string, Map<number, number>>()
  /** The most links that were open at one time, and how many were ever opened and closed. */
  most = 0
  opened = 0
  closed = 0
  /** What an older owner said after a newer one had spoken. */
  readonly late: string[] = []
  /** Peers that two links had under one fence. */
  readonly overlaps: string[] = []
  /** Peers that two processes spoke to over links that were both open. */
  readonly doubles: string[] = []
  readonly #newest = new Map<string, { readonly fence: number; readonly link: number; readonly pid: number }>()
  readonly #peers = new Map<number, string>()

  private constructor(child: ChildProcess, url: string) {
    this.#child = child
    this.url = url
    child.on('message', (message: Told) => {
      this.#fold(message)
      for (const waiter of this.#waiters) waiter.look()
    })
    child.once('exit', () => this.#waiters.forEach((waiter) => waiter.fail(new Error('the judge has ended'))))
  }

  static async start(): Promise<Judge> {
    const child = start('judge-program.mjs', {})
    const { url } = await told<{ readonly type: string; readonly url: string }>(child, 'listening')
    return new Judge(child, url)
  }

  /** Resolves when something holds by what the judge has told, with the milliseconds that it took. */
  until(what: string, holds: () => boolean, mostMs: number): Promise<number> {
    const from = performance.now()
    return new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer)
        this.#waiters.delete(waiter)
      }
      const waiter: Waiter = {
        look: () => {
          if (!holds()) return
          end()
          resolve(performance.now() - from)
        },
        fail: (error) => {
          end()
          reject(error)
        },
      }
      const timer = setTimeout(() => waiter.fail(new Error(`not within ${mostMs} ms: ${what}`)), mostMs)
      this.#waiters.add(waiter)
      waiter.look()
    })
  }

  /** Whether each of these peers has one holder, which is none of `gone`. */
  isPlaced(peers: readonly string[], gone: readonly number[] = []): boolean {
    return peers.every((peer) => {
      const by = [...(this.holders.get(peer)?.values() ?? [])]
      return by.length === 1 && !gone.includes(by[0] ?? 0)
    })
  }

  /** How many peers this process holds, by what the judge has told. */
  heldBy(pid: number): number {
    return [...this.holders.values()].filter((by) => [...by.values()].includes(pid)).length
  }

  #fold({ type, link, peer, pid = 0, fence = -1 }: Told): void {
    if (type === 'open') {
      this.opened++
      this.open.add(link)
      this.most = Math.max(this.most, this.open.size)
    } else if (type === 'closed') {
      this.closed++
      this.open.delete(link)
      this.holders.get(this.#peers.get(link) ?? '')?.delete(link)
    } else if (peer !== undefined && this.open.has(link)) this.#said(link, peer, pid, fence)
  }

  #said(link: number, peer: string, pid: number, fence: number): void {
    const of = this.holders.get(peer) ?? new Map<number, number>()
    this.holders.set(peer, of)
    this.#peers.set(link, peer)
    const isNew = !of.has(link)
    of.set(link, pid)
    if (isNew && new Set(of.values()).size > 1) this.doubles.push(`${[...of.values()].join(' and ')} speak to ${peer}`)
    const known = this.#newest.get(peer)
    if (known === undefined || fence > known.fence) this.#newest.set(peer, { fence, link, pid })
    else if (fence < known.fence) this.late.push(`${pid} spoke to ${peer} under ${fence}, after ${known.fence} had`)
    else if (link !== known.link && of.has(known.link)) this.overlaps.push(`two links to ${peer} under ${fence}`)
  }

  stop(): void {
    this.#child.kill('SIGKILL')
  }
}

/** What a node process is told when it starts. */
export interface NodeChoice {
  readonly store: string
  readonly name: string
  readonly limit: number
  readonly leaseMs: number
  readonly judge: string
}

/** What is undone when a test is over. */
const running = new Set<() => unknown>()

/** Ends every process that was started here. */
export async function endAll(): Promise<void> {
  const ends = [...running].toReversed()
  running.clear()
  for (const end of ends) await end()
}

/** Has something end with the test. */
export function ending<T>(what: T, end: (what: T) => unknown): T {
  running.add(() => end(what))
  return what
}

/** Nodes that have joined, one for each store, and the judge. */
export async function fleetOf(
  stores: readonly string[],
  { limit, leaseMs }: Pick<NodeChoice, 'limit' | 'leaseMs'>,
): Promise<{ readonly judge: Judge; readonly fleet: readonly NodeProcess[] }> {
  const judge = ending(await Judge.start(), (it) => it.stop())
  const fleet = stores.map((store, i) =>
    ending(new NodeProcess({ store, name: 'abcdefgh'[i] ?? '', limit, leaseMs, judge: judge.url }), async (node) => {
      node.signal('SIGCONT')
      await node.kill()
    }),
  )
  await Promise.all(fleet.map(({ joined }) => joined))
  return { judge, fleet }
}

/** Has nodes keep peers by turns. */
export async function keepBy(fleet: readonly NodeProcess[], peers: readonly string[]): Promise<void> {
  await Promise.all(fleet.map((node, n) => node.ask('keep', { peers: peers.filter((_, i) => i % fleet.length === n) })))
}

/** Names of so many peers. */
export const ids = (count: number): readonly string[] => Array.from({ length: count }, (_, i) => `p${i}`)

/** A node in a process of its own. */
export class NodeProcess {
  readonly pid: number
  readonly faults: string[] = []
  readonly joined: Promise<unknown>
  readonly #child: ChildProcess
  #asked = 0

  constructor(choice: NodeChoice) {
    this.#child = start('node-program.mjs', choice)
    this.pid = this.#child.pid ?? 0
    this.joined = told(this.#child, 'joined')
    this.joined.catch(() => {})
    this.#child.on('message', (message: { readonly type: string; readonly message?: string }) => {
      if (message.type === 'fault') this.faults.push(message.message ?? '')
    })
  }

  /** Resolves when the store has extended its lease the next time, and it has joined. */
  async renewed(): Promise<void> {
    await told(this.#child, 'renewed')
    await this.ask('joined')
  }

  ask<T>(command: string, argument: object = {}): Promise<T> {
    const id = ++this.#asked
    return new Promise((resolve, reject) => {
      const listener = (message: { readonly type: string; readonly id?: number; readonly answer?: T; readonly error?: string }): void => {
        if (message.type !== 'answer' || message.id !== id) return
        this.#child.off('message', listener)
        if (message.error === undefined) resolve(message.answer as T)
        else reject(new Error(message.error))
      }
      this.#child.on('message', listener)
      this.#child.send({ id, command, ...argument })
    })
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const gone = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await gone
  }
}
