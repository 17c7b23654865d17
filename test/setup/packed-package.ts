/** The packed package, which all files of a run share: npm packs it for the first that asks, and it goes with the run. */
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    /** A URL that answers with the path of the packed package, once there is one. */
    readonly packedPackage: string
  }
}

/** Waits for who asks; removes what was packed for them. */
export default async function setup(project: TestProject): Promise<() => void> {
  const home = mkdtempSync(join(tmpdir(), 'qudag-packed-'))
  let packed: Promise<string> | undefined
  const server = createServer((_, response) => {
    packed ??= pack(home)
    packed.then(
      (path) => response.end(path),
      (error: unknown) => response.writeHead(500).end(String(error)),
    )
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  project.provide('packedPackage', `http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  return () => {
    server.close()
    rmSync(home, { recursive: true, force: true })
  }
}

/** The build is fresh (`fresh-build.ts`); building again here would pull it from under other tests. */
async function pack(home: string): Promise<string> {
  const { stdout } = await promisify(execFile)('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', home])
  const [{ filename }] = JSON.parse(stdout) as [{ readonly filename: string }]
  return join(home, filename)
}
