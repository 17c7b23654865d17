/** The rotation of files: whenever the process dies, the file has a whole beginning, or the one before it stands beside it. */
import { type FileHandle, lstat, open, rename, rm } from 'node:fs/promises'
import { RecordingError } from './recording-error.ts'

/**
 * Begins a new file at `path`, for its owner alone, and keeps the `files - 1` files before it as `path.1`, `path.2` …
 *
 * What is new is written under another name first, and put in place last; until then what was there is whole, as `path` or
 * as `path.1`.
 *
 * Rejects with a RecordingError, before anything has changed, where something at one of these names is no regular file:
 * whoever records as root to `/dev/null` must not lose it. Rejects with the system's error where it cannot write.
 */
export async function startFile(path: string, files: number, beginning: Uint8Array): Promise<FileHandle> {
  const named = (n: number): string => (n === 0 ? path : `${path}.${n}`)
  const fresh = `${path}.new`
  let count = 0
  for (let n = 0; n < files; n++) {
    const isThere = await isFile(named(n))
    if (isThere && count === n) count++
  }
  if (await isFile(fresh)) await rm(fresh)
  const handle = await open(fresh, 'wx', 0o600)
  try {
    await handle.appendFile(beginning)
    // The name must not come to stand for what the disk does not have yet.
    await handle.datasync()
    // The last one is written over; the first free number ends the row.
    for (let n = Math.min(count, files - 1); n > 0; n--) await rename(named(n - 1), named(n))
    await rename(fresh, path)
    return handle
  } catch (error) {
    await handle.close().catch(() => {})
    await rm(fresh, { force: true }).catch(() => {})
    throw error
  }
}

/** Whether a file is there. @throws RecordingError where something else is */
async function isFile(path: string): Promise<boolean> {
  const found = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (found === undefined || found.isFile()) return found !== undefined
  const what = found.isDirectory()
    ? 'a folder'
    : found.isSymbolicLink()
      ? 'a symbolic link'
      : found.isFIFO()
        ? 'a fifo'
        : found.isSocket()
          ? 'a socket'
          : 'a device'
  throw new RecordingError(
    'ERR_NOT_A_FILE',
    `this is ${what}, and a recording moves what was there away: name a regular file, or a new one`,
    path,
  )
}
