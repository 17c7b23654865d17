/** A recording has every event that the machines took, and where they stood when it began. */
import { createRequire } from 'node:module'
import type { AnyActorRef } from 'xstate'
import { assertInteger } from '../../../machines/domain/limits.ts'
import { assertKnown, type Known } from '../../../machines/domain/options.ts'
import { shownPeerId } from '../../../machines/domain/shown.ts'
import { runningOn, type Running } from '../../supervisor-logic.ts'
import { ShownIds } from '../shown-ids.ts'
import { RECORDING_VERSION, writeLine } from './line.ts'
import { isKnownEvent } from './line-check.ts'
import { type FileBounds, RotatingFile } from './rotating-file.ts'

const { version } = createRequire(import.meta.url)('qudag-connections/package.json') as { version: string }

const MI = 1024 * 1024

/** What may be said of a recording. @since 0.1.0 */
export type RecordOptions = Partial<FileBounds>

const KNOWN = { maxBytes: true, files: true, maxBuffered: true } as const satisfies Known<RecordOptions>

/** A recording under way. @since 0.1.0 */
export interface Recording extends AsyncDisposable {
  readonly file: string
  /** How many events were not written so far, as the disk was too slow. */
  readonly lost: number
  /** Resolves when the file is open; rejects with the system's error where it cannot be. */
  readonly ready: Promise<void>
  /** Resolves when the recording is over and the file closed; rejects with the error that ended it early. */
  readonly closed: Promise<void>
  /** Ends the recording: writes what is left and closes the file. Idempotent; the same promise as {@link Recording.closed}. */
  close(): Promise<void>
}

/**
 * Writes every command and fact that the manager's machines take to a file, as JSON lines, until it is closed or the
 * manager is shut down. `qudag-connections replay FILE` and `readRecording` run them again. What stood at `file` before is
 * kept as `file.1`; what is no regular file is refused, before anything is moved. The file has the peers' ids, addresses and errors, but no message; only its owner may read it.
 *
 * An error of the disk ends the recording, not the manager: `ready` and `closed` reject with it. Nobody need look.
 *
 * @throws TypeError or RangeError that names the argument; Error where code called in the middle of a command calls this
 * @since 0.1.0
 * @example
 * const recording = record(manager, 'run.jsonl')
 * await manager.shutdown()
 * await recording.close()
 */
export function record(manager: { readonly supervisor: AnyActorRef }, file: string, options: RecordOptions = {}): Recording {
  if (typeof file !== 'string' || file === '') throw new TypeError('file must be a path')
  assertKnown('', options, KNOWN)
  const { maxBytes = 64 * MI, files = 2, maxBuffered = 16 * MI } = options
  assertInteger('maxBytes', maxBytes, 1)
  assertInteger('files', files, 1)
  assertInteger('maxBuffered', maxBuffered, 1)
  const running = runningOn(manager.supervisor)
  if (running === undefined) throw new TypeError('manager must have a supervisor that runs')
  const { world } = running.supervisor
  if (world.isBusy) throw new Error('a recording cannot begin in the middle of a command; begin it from a handler, or later')

  const ids = new ShownIds(shownPeerId)
  const run = crypto.randomUUID()
  const out = new RotatingFile(
    file,
    { maxBytes, files, maxBuffered },
    (part) => beginning(running, ids, run, part),
    (lost) => writeLine({ lost, at: world.instant(world.now()) }),
  )
  const untap = world.taps.add((peerId, e) => {
    // What an app sends an actor that its machine does not know moves nothing.
    if (!isKnownEvent(e.type, peerId !== undefined)) return
    try {
      out.write(writeLine({ at: world.instant(e.at), s: world.seq, ...(peerId !== undefined && { p: ids.of(peerId) }), e: named(e, ids) }))
    } catch {
      // An app may report a failure that JSON has no words for: that costs this event, and not the peer.
      out.lose()
    }
  })
  const stop = (): void => {
    untap()
    ended.unsubscribe()
  }
  let isOver = false
  const close = (): Promise<void> => {
    if (!isOver) out.write(writeLine({ end: running.supervisor.state, at: world.instant(world.now()), s: world.seq }))
    isOver = true
    stop()
    return out.close()
  }
  const ended = world.streams.moves.observable.subscribe({ complete: () => queueMicrotask(() => void close().catch(() => {})) })
  out.closed.catch(stop)
  return {
    file,
    get lost() {
      return out.lost
    },
    ready: out.ready,
    closed: out.closed,
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** Where everything stands, as lines. */
function beginning({ supervisor }: Running, ids: ShownIds, run: string, part: number): string {
  const { world } = supervisor
  const lines = [
    writeLine({
      recording: RECORDING_VERSION,
      package: version,
      run,
      part,
      at: world.instant(world.now()),
      seq: world.seq,
      supervisor: supervisor.state,
      limits: world.limits,
      peers: world.peers.size,
    }),
  ]
  for (const { peerId, ref, state } of world.peers.values()) {
    if (ref === undefined) continue
    const shown = ids.of(peerId)
    const { value, context: inside } = ref.getSnapshot()
    const context = shown === peerId ? inside : { ...inside, peerId: shown }
    const line = { peer: shown, ...(state !== undefined && { state }), value }
    try {
      lines.push(writeLine({ ...line, context }))
    } catch {
      lines.push(writeLine({ ...line, context: { ...context, failure: undefined } }))
    }
  }
  return lines.join('')
}

/** An event, with the ids that it names as they are shown. */
function named<E extends object>(event: E, ids: ShownIds): E {
  if (!('peerId' in event) || typeof event.peerId !== 'string') return event
  const peerId = ids.of(event.peerId)
  return peerId === event.peerId ? event : { ...event, peerId }
}
