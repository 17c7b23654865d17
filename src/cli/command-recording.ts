/** A command that cannot record does not begin, and one whose recording ends early says so once, goes on, and ends with exit code 1. */
import type { ConnectionManager } from '../connection-manager.ts'
import { record, type Recording } from '../inspect/record/index.ts'
import { complain } from './console-output.ts'

/** What a command records of its manager. */
export class CommandRecording {
  readonly #recording: Recording
  #failed = false

  /**
   * Begins to record, where a file was asked for.
   *
   * Rejects with an error that names the file where it cannot be written.
   */
  static async of(manager: ConnectionManager, file: string | undefined): Promise<CommandRecording | undefined> {
    if (file === undefined) return undefined
    const recording = record(manager, file)
    try {
      await recording.ready
    } catch (error) {
      throw new Error(`cannot record to ${file}: ${(error as Error).message}`, { cause: error })
    }
    return new CommandRecording(recording)
  }

  constructor(recording: Recording) {
    this.#recording = recording
    recording.closed.catch((error: unknown) => {
      this.#failed = true
      process.exitCode = 1
      complain(
        `the recording to ${recording.file} has ended early, and what happens from here on is not recorded: ${(error as Error).message}`,
      )
    })
  }

  /** Writes what is left. Never rejects: what went wrong was said. */
  async end(): Promise<void> {
    await this.#recording.close().catch(() => {})
    const { file, lost } = this.#recording
    if (lost > 0 && !this.#failed) complain(`${lost} events are missing from ${file}: the disk was too slow for them`)
  }
}
