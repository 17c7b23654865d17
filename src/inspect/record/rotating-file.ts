/** A rotating file takes no more disk and no more memory than was allowed, whatever comes and however slow the disk is. */
import type { FileHandle } from 'node:fs/promises'
import { startFile } from './rotation.ts'

/** How much a recording may take. @since 0.1.0 */
export interface FileBounds {
  /** The file that has so many bytes after a write, of {@link FileBounds.maxBuffered} at most, is the last to be written to. @default 64 MiB */
  readonly maxBytes: number
  /** How many files there are at most: FILE, which is written, then FILE.1, the one before, and so on. @default 2 */
  readonly files: number
  /**
   * The most characters that wait in memory for the disk, while it writes at most as many; what comes on top is lost, and
   * counted. @default 16 Mi
   */
  readonly maxBuffered: number
}

/** What stands at the beginning of each part, and after what was lost. Called only between two commands. */
export type Beginning = (part: number) => string

/** A file that is appended to, in parts. */
export class RotatingFile {
  /** Resolves when the file is open; rejects with the system's error where it cannot be. */
  readonly ready: Promise<void>
  /** Resolves when all is written and the file is closed; rejects with the error that ended it early. */
  readonly closed: Promise<void>
  /** How many lines were lost so far. */
  lost = 0
  readonly #path: string
  readonly #bounds: FileBounds
  readonly #begin: Beginning
  readonly #loss: (lost: number) => string
  #pending: string[] = []
  #waiting = 0
  #missing = 0
  #part = 1
  #bytes = 0
  #leastBytes = 0
  #wake: (() => void) | undefined = undefined
  #ending = false
  #failed = false

  /**
   * @param begin gives the beginning of a part
   * @param loss gives the line that tells of lost ones
   */
  constructor(path: string, bounds: FileBounds, begin: Beginning, loss: (lost: number) => string) {
    this.#path = path
    this.#bounds = bounds
    this.#begin = begin
    this.#loss = loss
    const opened = this.#open(begin(this.#part))
    this.ready = isOpen(opened)
    this.closed = opened.then((handle) => this.#run(handle)).catch((error: unknown) => this.#fail(error))
    // Who does not ask is not told: an error of the disk must not end the process.
    this.ready.catch(() => {})
    this.closed.catch(() => {})
  }

  /** Appends a line, or counts it as lost. */
  write(line: string): void {
    if (this.#ending || this.#failed) return
    // After a loss nothing makes sense until a new beginning is written.
    if (this.#missing > 0 || this.#waiting + line.length > this.#bounds.maxBuffered) return this.lose()
    this.#pending.push(line)
    this.#waiting += line.length
    this.#wake?.()
  }

  /** Counts a line that was not written. */
  lose(): void {
    this.#missing++
    this.lost++
    this.#wake?.()
  }

  /** Writes what is left and closes. Idempotent. */
  close(): Promise<void> {
    this.#ending = true
    this.#wake?.()
    return this.closed
  }

  async #run(first: FileHandle): Promise<void> {
    let handle = first
    try {
      for (;;) {
        if (this.#pending.length === 0 && this.#missing === 0) {
          if (this.#ending) break
          await this.#somethingToDo()
        }
        // Text that is taken and the beginning that follows it belong together: nothing happens between them.
        const text = this.#take()
        const resumed = this.#missing > 0 ? this.#loss(this.#missing) + this.#begin(this.#part) : ''
        this.#missing = 0
        await this.#write(handle, text + resumed)
        if (this.#leastBytes === 0) this.#leastBytes = 2 * this.#bytes
        if (this.#bytes < Math.max(this.#bounds.maxBytes, this.#leastBytes) || this.#ending || this.#missing > 0) continue
        const last = this.#take()
        const beginning = this.#begin(++this.#part)
        await this.#write(handle, last)
        const before = handle
        handle = await this.#open(beginning)
        await before.close()
        // A part whose beginning alone is over the bound still takes as much again.
        this.#leastBytes = 2 * this.#bytes
      }
    } finally {
      await handle.close()
    }
  }

  /** Puts a new file, with its beginning in it, where the one before was. */
  async #open(beginning: string): Promise<FileHandle> {
    const bytes = Buffer.from(beginning)
    const handle = await startFile(this.#path, this.#bounds.files, bytes)
    this.#bytes = bytes.length
    return handle
  }

  async #write(handle: FileHandle, text: string): Promise<void> {
    if (text === '') return
    const bytes = Buffer.from(text)
    await handle.appendFile(bytes)
    this.#bytes += bytes.length
  }

  #take(): string {
    const text = this.#pending.join('')
    this.#pending = []
    this.#waiting = 0
    return text
  }

  /** Waits for the first line, and then for the rest of its turn of the event loop. */
  #somethingToDo(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = undefined
        setImmediate(resolve)
      }
    })
  }

  #fail(error: unknown): never {
    this.#failed = true
    this.#pending = []
    throw error
  }
}

async function isOpen(opened: Promise<FileHandle>): Promise<void> {
  await opened
}
