/** The flight recorder: what the machines took, written to a file and run again. Node only. */
export { readRecording, type ReadRecordingOptions } from './read-recording.ts'
export { record, type Recording, type RecordOptions } from './recorder.ts'
export { RecordingError, type RecordingErrorCode } from './recording-error.ts'
export { Replay, type ReplayedPeer } from './replay.ts'
export type { FileBounds } from './rotating-file.ts'
export { isMove, type Jump, type ReplayStep } from './step-log.ts'
