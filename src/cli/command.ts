/** Every command of the command line looks the same to the one that dispatches. */

/** One command, chosen by its name. */
export interface Command {
  readonly name: string
  /** What it does, in a few words. */
  readonly summary: string
  /** What `--help` prints. */
  readonly help: string
  /**
   * Does it; resolves when nothing of it is left.
   *
   * @throws UsageError when it was called wrongly
   */
  run(args: readonly string[]): Promise<void>
}
