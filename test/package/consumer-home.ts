/** A folder in which a stranger has installed the packed package, and of what this tree has only what he would have. */
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { inject } from 'vitest'
import manifest from 'qudag-connections/package.json' with { type: 'json' }

export const run = promisify(execFile)

/** Where a consumer lives. */
export interface ConsumerHome {
  readonly home: string
  /** The folder of the package in it. */
  readonly installed: string
  /** The packed package itself. */
  readonly tarball: string
  /** Writes a file of the consumer. */
  write(name: string, text: string): void
  /** Removes it all. */
  remove(): void
}

/**
 * Lays the packed package out for a consumer; other packages are linked, so that no registry is needed.
 *
 * @param others what the consumer has installed beside it
 */
export async function consumerHome(others: readonly string[]): Promise<ConsumerHome> {
  const home = mkdtempSync(join(tmpdir(), 'qudag-consumer-'))
  const installed = join(home, 'node_modules', manifest.name)
  mkdirSync(installed, { recursive: true })
  const tarball = await packedPackage()
  await run('tar', ['-xzf', tarball, '-C', installed, '--strip-components=1'])
  for (const name of others) {
    mkdirSync(dirname(join(home, 'node_modules', name)), { recursive: true })
    symlinkSync(join(process.cwd(), 'node_modules', name), join(home, 'node_modules', name))
  }
  const write = (name: string, text: string): void => {
    mkdirSync(dirname(join(home, name)), { recursive: true })
    writeFileSync(join(home, name), text)
  }
  write('package.json', JSON.stringify({ name: 'consumer', private: true, type: 'module' }))
  return { home, installed, tarball, write, remove: () => rmSync(home, { recursive: true, force: true }) }
}

/** The path of the packed package. */
export async function packedPackage(): Promise<string> {
  const response = await fetch(inject('packedPackage'))
  if (!response.ok) throw new Error(await response.text())
  return response.text()
}

/** What the package needs to run, and its optional peers. */
export const NEEDED: readonly string[] = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies)]
