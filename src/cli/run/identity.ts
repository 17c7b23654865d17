/** An identity is read, and found able to do what is asked of it, before anything listens or dials. */
import { loadIdentity } from '../../transports/identity-file.ts'
import type { Identity } from '../../transports/identity.ts'
import { tls } from '../../transports/tls.ts'
import type { Transport } from '../../transports/transport.ts'
import { UsageError } from '../arguments.ts'

/** Who we are, and what of others is enough. */
export interface IdentityChoice {
  readonly file?: string
  readonly requirePostQuantum?: boolean
  /** The ids of those who may be at the other end; left out: everybody's. */
  readonly only?: readonly string[]
}

const CREATE = 'make one with: qudag-connections identity create'

/** What is asked of it together with others. @throws UsageError */
export function checkIdentity({ file, requirePostQuantum, only }: IdentityChoice, addresses: readonly string[]): void {
  const address = addresses.find((one) => one.startsWith('tls:'))
  if (address !== undefined && file === undefined)
    throw new UsageError(`${address} needs --identity FILE: both ends prove who they are; ${CREATE} FILE`)
  if (address === undefined && file !== undefined)
    throw new UsageError('--identity needs a tls:// address: in --listen, --connect or --keep')
  if (only !== undefined && file === undefined) throw new UsageError('--only needs --identity FILE')
  if (requirePostQuantum === true && file === undefined) throw new UsageError('--require-post-quantum needs --identity FILE')
}

/** What serves `tls:`; undefined: nothing does. Rejects with a UsageError that names the file. */
export async function tlsBy({ file, requirePostQuantum = false, only }: IdentityChoice = {}): Promise<Transport | undefined> {
  if (file === undefined) return undefined
  const identity = await readIdentity(file)
  try {
    return tls({ identity, requirePostQuantum, ...(only === undefined ? {} : { allow: only }) })
  } catch (error) {
    throw new UsageError(`--identity ${file}: ${(error as Error).message}`)
  }
}

/** Reads an identity. Rejects with a UsageError that says what to do. */
async function readIdentity(file: string): Promise<Identity> {
  try {
    return await loadIdentity(file)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new UsageError(code === 'ENOENT' ? `--identity ${file}: there is no such file; ${CREATE} ${file}` : `--identity: ${message}`)
  }
}
