/** The command `identity` makes the file of an identity, and shows what others may know of one. */
import { createIdentity, type Identity } from '../../transports/identity.ts'
import { IDENTITY_ALGORITHMS, type IdentityAlgorithm } from '../../transports/identity-algorithm.ts'
import { loadIdentity, saveIdentity } from '../../transports/identity-file.ts'
import { readFlags, UsageError } from '../arguments.ts'
import type { Command } from '../command.ts'
import { ConsoleOutput } from '../console-output.ts'
import { choice } from '../flags.ts'

const DEFAULT_FILE = 'identity.pem'

const FLAGS = {
  algorithm: choice<IdentityAlgorithm>(IDENTITY_ALGORITHMS, 'of create: how it proves who it is (default ed25519)'),
}

const HELP = `qudag-connections identity: who this peer is on tls: links

Usage: qudag-connections identity create [FILE] [--algorithm NAME]
       qudag-connections identity show [FILE]

create makes a key and writes it to FILE (default ${DEFAULT_FILE}), which only its
owner can read; a file that is there is left alone. show prints the id and the
certificate of FILE, and never the key. The id is the SHA-256 of the public key:
others expect it in tls://ID@host:port.

  --algorithm NAME   ${IDENTITY_ALGORITHMS.join(', ')} (default ed25519). p256 is for
                     runtimes that cannot verify ed25519. ml-dsa-65 is safe
                     against quantum computers: Node 24.7 or newer, at both ends
  -h, --help         print this`

/** `qudag-connections identity`. */
export const identity: Command = {
  name: 'identity',
  summary: 'make an identity for tls: links, or show its id',
  help: HELP,
  async run([word, ...args]) {
    const output = new ConsoleOutput()
    if (word === '--help' || word === '-h' || args.includes('--help') || args.includes('-h')) return output.print(HELP)
    if (word !== 'create' && word !== 'show')
      throw new UsageError(`${word === undefined ? 'say' : `'${word}' is none of its words: say`} create or show`)
    const [file, flags] = fileOf(args)
    const given = readFlags(flags, FLAGS)
    if (given === 'help') return output.print(HELP)
    if (word === 'create') return output.print(shown(file, await create(file, given.algorithm)))
    if (given.algorithm !== undefined) throw new UsageError('--algorithm is for create')
    const found = await show(file)
    output.print(`${shown(file, found)}\n\n${found.certificate.trimEnd()}`)
  },
}

/** The file, wherever it stands, and the rest. */
function fileOf(args: readonly string[]): readonly [file: string, flags: readonly string[]] {
  const at = args.findIndex((arg, index) => !arg.startsWith('-') && args[index - 1] !== '--algorithm')
  return at < 0 ? [DEFAULT_FILE, args] : [args[at] ?? DEFAULT_FILE, args.toSpliced(at, 1)]
}

async function create(file: string, algorithm: IdentityAlgorithm = 'ed25519'): Promise<Identity> {
  const made = createIdentity({ algorithm })
  try {
    await saveIdentity(file, made)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    throw new Error(`${file} is there already, and a key is not written over; name another file, or show this one`, { cause: error })
  }
  return made
}

async function show(file: string): Promise<Identity> {
  try {
    return await loadIdentity(file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    throw new Error(`there is no ${file}; make one with: qudag-connections identity create ${file}`, { cause: error })
  }
}

function shown(file: string, { peerId, algorithm }: Identity): string {
  return `id         ${peerId}\nalgorithm  ${algorithm}\nfile       ${file}`
}
