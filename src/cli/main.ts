#!/usr/bin/env node
/** Whatever is typed ends in an exit code: 0 done, 1 it could not be done, 2 it was asked wrongly. */
import { readFileSync } from 'node:fs'
import { UsageError } from './arguments.ts'
import type { Command } from './command.ts'
import { complain, ConsoleOutput } from './console-output.ts'
import { demo } from './demo/command.ts'
import { identity } from './identity/command.ts'
import { replay } from './replay/command.ts'
import { run } from './run/command.ts'

const NAME = 'qudag-connections'
const COMMANDS: readonly Command[] = [run, demo, replay, identity]

const HELP = `${NAME}: supervises connections to peers

Usage: ${NAME} COMMAND [options]

Commands:
${COMMANDS.map(({ name, summary }) => `  ${name.padEnd(8)} ${summary}`).join('\n')}
  help     print this, or the help of a command: ${NAME} help run

Options:
  -h, --help      print this; after a command, print that command's help
  -v, --version   print the version`

// There is nowhere to say that an error cannot be said.
process.stderr.on('error', () => {})
await main(process.argv.slice(2))

async function main([word, ...args]: readonly string[]): Promise<void> {
  if (word === 'help') return main(args.length === 0 ? ['--help'] : [...args.slice(0, 1), '--help'])
  if (word === undefined || word === '--help' || word === '-h') return new ConsoleOutput().print(HELP)
  if (word === '--version' || word === '-v') return new ConsoleOutput().print(version())
  const command = COMMANDS.find(({ name }) => name === word)
  if (command === undefined) {
    const what = word.startsWith('-') ? `unknown option ${word}` : `unknown command '${word}'`
    return fail(2, `${NAME}: ${what}; see ${NAME} --help`)
  }
  try {
    await command.run(args)
  } catch (error) {
    if (error instanceof UsageError) return fail(2, `${NAME} ${word}: ${error.message}; see ${NAME} ${word} --help`)
    fail(1, `${NAME} ${word}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function fail(code: number, line: string): void {
  process.exitCode = code
  complain(line)
}

function version(): string {
  const manifest = readFileSync(new URL(import.meta.resolve(`${NAME}/package.json`)), 'utf8')
  return (JSON.parse(manifest) as { version: string }).version
}
