/** The file of an identity: only its owner reads it, and nothing that exists is written over. */
import { open, type FileHandle, unlink } from 'node:fs/promises'
import { type Identity, identityFromPem, identityToPem } from './identity.ts'

/** Whoever else may read, write or run a file. */
const OTHERS = 0o077
/** More is no key. */
const MOST_BYTES = 64 * 1024

/**
 * Reads an identity from its file. Rejects where others than its owner may read or change the file, with the command that
 * mends it; with the platform's own error where it cannot be read (`ENOENT`, `EACCES`); and with a TypeError where it holds
 * no private key. On Windows modes say nothing, and are not looked at.
 * @since 0.2.0
 */
export async function loadIdentity(file: string): Promise<Identity> {
  const handle = await open(file, 'r')
  let pem: string
  try {
    const { mode, size } = await handle.stat()
    if (process.platform !== 'win32' && (mode & OTHERS) !== 0)
      throw new Error(
        `${file} is not its owner's alone (mode ${(mode & 0o777).toString(8).padStart(4, '0')}); run: chmod 600 ${quoted(file)}`,
      )
    if (size > MOST_BYTES) throw new TypeError(`${file} holds no identity: it has ${size} bytes`)
    pem = await handle.readFile('utf8')
  } finally {
    await handle.close()
  }
  try {
    return identityFromPem(pem)
  } catch (error) {
    throw new TypeError(`${file}: ${(error as Error).message}`, { cause: error })
  }
}

/** Writes an identity to a new file that only its owner can read (mode 0600). Rejects with `EEXIST` where there is one: a key is not written over. @since 0.2.0 */
export async function saveIdentity(file: string, identity: Identity): Promise<void> {
  const pem = identityToPem(identity)
  const handle = await open(file, 'wx', 0o600)
  try {
    await write(handle, pem)
  } catch (error) {
    // Half a key is worse than none.
    await unlink(file).catch(() => {})
    throw error
  }
}

async function write(handle: FileHandle, text: string): Promise<void> {
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** A file's name as a shell takes it. */
function quoted(file: string): string {
  return /^[\w./-]+$/.test(file) ? file : `'${file.replaceAll("'", String.raw`'\''`)}'`
}
