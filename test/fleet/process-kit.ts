/** A kit of processes: the nodes of a fleet, and the judge whom they dial. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

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

/** The judge. */
export class Judge {
  readonly url: string
  readonly log: Told[] = []
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, url: string) {
    this.#child = child
    this.url = url
    child.on('message', (message: Told) => void this.log.push(message))
  }

  static async start(): Promise<Judge> {
    const child = start('judge-program.mjs', {})
    const { url } = await told<{ readonly type: string; readonly url: string }>(child, 'listening')
    return new Judge(child, url)
  }

  /** The links that are open now. */
  get open(): ReadonlySet<number> {
    const open = new Set<number>()
    for (const { type, link } of this.log) {
      if (type === 'open') open.add(link)
      if (type === 'closed') open.delete(link)
    }
    return open
  }

  /** Who holds each peer, by what was said over links that are open. */
  get holders(): ReadonlyMap<string, readonly number[]> {
    const { open } = this
    const holders = new Map<string, Map<number, number>>()
    for (const { type, link, peer, pid } of this.log) {
      if (type !== 'said' || !open.has(link) || peer === undefined || pid === undefined) continue
      const of = holders.get(peer) ?? new Map<number, number>()
      holders.set(peer, of.set(link, pid))
    }
    return new Map([...holders].map(([peer, of]) => [peer, [...of.values()]]))
  }

  /** The most links that were open at one time. */
  get most(): number {
    let now = 0
    let most = 0
    for (const { type } of this.log) {
      if (type === 'open') most = Math.max(most, ++now)
      if (type === 'closed') now--
    }
    return most
  }

  /** What an older owner said after a newer one had spoken, and peers of which two links had one fence. */
  get overlaps(): readonly string[] {
    const faults: string[] = []
    const newest = new Map<string, { readonly fence: number; readonly link: number }>()
    for (const { type, peer, fence = -1, link, pid } of this.log) {
      if (type !== 'said' || peer === undefined) continue
      const known = newest.get(peer)
      if (known === undefined || fence > known.fence) newest.set(peer, { fence, link })
      else if (fence < known.fence) faults.push(`${pid} spoke to ${peer} under ${fence}, after ${known.fence} had`)
      else if (link !== known.link && this.#overlap(link, known.link)) faults.push(`two links to ${peer} under ${fence}`)
    }
    return faults
  }

  #overlap(one: number, other: number): boolean {
    const opened = this.log.findIndex(({ type, link }) => type === 'open' && link === other)
    const ended = this.log.findIndex(({ type, link }) => type === 'closed' && link === one)
    return ended < 0 || opened < ended
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
