/** A process of peers is started, lost, started again and ended by its id, and its end is always seen. */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { PeerId } from '../../../machines/domain/peer-id.ts'
import type { Assignment, Cast, PeersReady, Scheme } from './assignment.ts'

const PROGRAM = fileURLToPath(new URL('./peer-process.js', import.meta.url))
const END_MS = 1_000

/** One process with some of the peers. */
export class PeerHost {
  readonly name: string
  /** Called when it dies without being asked to, once it had begun. */
  onCrash: (pid: number | undefined, cause: string) => void = () => {}
  /** What each peer is called, by id. */
  readonly names: ReadonlyMap<PeerId, string>
  readonly #assignment: Assignment
  readonly #cast: Cast
  #child: ChildProcess | undefined
  #isReady = false
  #isEnding = false

  constructor(name: string, cast: Cast) {
    this.name = name
    this.#cast = cast
    this.#assignment = cast.assignment
    this.names = new Map(Array.from(cast.ids, ([called, peerId]) => [peerId, called]))
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  /** How its peers talk. */
  get scheme(): Scheme {
    return this.#assignment.scheme
  }

  get isRunning(): boolean {
    return this.#isReady
  }

  get peers(): readonly PeerId[] {
    return [...this.names.keys()]
  }

  /** Starts it; resolves with where its peers listen. Rejects when it does not come up. */
  start(signal: AbortSignal): Promise<readonly (readonly [PeerId, string])[]> {
    const child = fork(PROGRAM, [JSON.stringify(this.#assignment)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    this.#child = child
    // A key in an argument could be read by everybody on this machine.
    child.send(this.#cast.keys, () => {})
    return new Promise((resolve, reject) => {
      const leave = (): void => signal.removeEventListener('abort', onAbort)
      const onAbort = (): void => resolve([])
      signal.addEventListener('abort', onAbort, { once: true })
      child.once('message', ({ addresses }: PeersReady) => {
        leave()
        this.#isReady = true
        resolve(addresses.map(([called, address]) => [this.#cast.ids.get(called) ?? called, address]))
      })
      child.once('error', reject)
      child.once('exit', (code, killer) => {
        leave()
        this.#child = undefined
        const cause = killer ?? `exit code ${code}`
        reject(new Error(`the peers of process ${this.name} did not start (${cause})`))
        const isCrash = this.#isReady && !this.#isEnding
        this.#isReady = false
        if (isCrash) this.onCrash(child.pid, cause)
      })
    })
  }

  /** Kills it as a crash does: it can do nothing about it. */
  kill(): void {
    this.#child?.kill('SIGKILL')
  }

  /** Ends it: by hanging up, and by killing it when it does not follow. Resolves when it is gone. */
  async end(): Promise<void> {
    const child = this.#child
    if (child === undefined || child.pid === undefined) return
    this.#isEnding = true
    const exited = once(child, 'exit')
    if (child.connected) child.disconnect()
    const timer = setTimeout(() => child.kill('SIGKILL'), END_MS)
    await exited
    clearTimeout(timer)
  }
}
