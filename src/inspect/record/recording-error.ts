/** A file that cannot be replayed, or recorded to, says why, and where. */

/** Why a file cannot be replayed, or recorded to. @since 0.1.0 */
export type RecordingErrorCode =
  /** The file is empty, or not written by `record`. */
  | 'ERR_NOT_A_RECORDING'
  /** It is a folder, a device, a fifo or a link, which is neither written over nor moved away. */
  | 'ERR_NOT_A_FILE'
  /** It was written in another version of the format. */
  | 'ERR_RECORDING_VERSION'
  /** A line in the middle of it cannot be read. */
  | 'ERR_RECORDING_DAMAGED'
  /** The machines of this version do not do what those did that were recorded. */
  | 'ERR_RECORDING_DIVERGED'

/** What {@link readRecording}, and a recording that cannot begin, reject with, beside the system's own errors. @since 0.1.0 */
export class RecordingError extends Error {
  readonly code: RecordingErrorCode
  readonly file: string
  /** The line that it is about, counted from 1; left out: the file as a whole. */
  readonly line?: number

  constructor(code: RecordingErrorCode, message: string, file: string, line?: number) {
    super(`${file}${line === undefined ? '' : `:${line}`}: ${message}`)
    this.name = 'RecordingError'
    this.code = code
    this.file = file
    if (line !== undefined) this.line = line
  }
}
