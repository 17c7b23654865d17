/** A socket file appears with its mode, replaces only one that nobody answers at, and goes with its listener. */
import { chmodSync, linkSync, lstatSync, mkdtempSync, rmSync, type Stats, unlinkSync } from 'node:fs'
import { connect, type Server } from 'node:net'
import { dirname, join } from 'node:path'
import { systemError } from './link-error.ts'

/** Listens at a path. @returns gives the path back */
export async function listenAtPath(server: Server, path: string, mode: number): Promise<() => void> {
  if (process.platform === 'win32') {
    await listening(server, { path, readableAll: (mode & 0o044) !== 0, writableAll: (mode & 0o022) !== 0 })
    return () => {}
  }
  await freeStale(path)
  // Made where nobody else may enter, and moved to its place when it has its mode: a file of the process's umask would
  // be open to others for a moment, and the umask is the whole process's.
  const folder = mkdtempSync(join(dirname(path), '.qc'))
  try {
    const made = join(folder, 's')
    await listening(server, { path: made })
    try {
      chmodSync(made, mode)
      linkSync(made, path)
    } catch (error) {
      server.close()
      throw (error as { code?: unknown }).code === 'EEXIST' ? inUse(path, 'another listener has come meanwhile') : error
    }
    const own = lstatSync(path)
    return () => {
      const is = lstatSync(path, { throwIfNoEntry: false })
      if (is !== undefined && isSame(is, own)) unlinkSync(path)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Takes away a socket file at which nobody answers. @throws SystemError `EADDRINUSE` where somebody does, or where it is no socket */
async function freeStale(path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found === undefined) return
  if (!found.isSocket()) throw inUse(path, 'there is a file that is no socket')
  if (await answers(path)) throw inUse(path, 'another listener answers there')
  const now = lstatSync(path, { throwIfNoEntry: false })
  if (now !== undefined && isSame(now, found)) unlinkSync(path)
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const probe = connect(path)
    const done = (settle: () => void): void => {
      probe.destroy()
      settle()
    }
    probe.on('connect', () => done(() => resolve(true)))
    probe.on('error', (error: Error & { code?: unknown }) => {
      // Whoever may not ask, or is not answered for now, does not know that nobody is there.
      if (error.code === 'ECONNREFUSED' || error.code === 'ENOENT') done(() => resolve(false))
      else if (error.code === 'EAGAIN') done(() => resolve(true))
      else done(() => reject(error))
    })
  })
}

/** So many may wait to be accepted, where the system lets them: past it a dial is told to come again, and does not wait as over TCP. */
const BACKLOG = 4_096

function listening(server: Server, options: { path: string; readableAll?: boolean; writableAll?: boolean }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ ...options, exclusive: true, backlog: BACKLOG }, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function isSame(a: Stats, b: Stats): boolean {
  return a.ino === b.ino && a.dev === b.dev
}

function inUse(path: string, why: string): Error {
  return systemError('EADDRINUSE', `${path} is in use: ${why}`)
}
