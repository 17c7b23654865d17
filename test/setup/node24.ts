/** A Node that knows post-quantum algorithms: this one, or one from the package registry, which is fetched once. */
import { join } from 'node:path'
import { packagesApart } from './packages-apart.ts'

// Not among the development dependencies: its `node` would come before the user's in every script of the package.
const VERSION = '24.22.3'
// The package with the binary itself: `node` fetches it by an install script, which npm may not run.
const PACKAGE = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`

/** The path of a Node 24.7 or newer. `QUDAG_NODE24` names one that is there already. */
export async function node24(): Promise<string> {
  const given = process.env['QUDAG_NODE24']
  if (given !== undefined) return given
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > 24 || (major === 24 && minor >= 7)) return process.execPath
  const home = await packagesApart('node', [`${PACKAGE}@${VERSION}`])
  return join(home, 'node_modules', PACKAGE, 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
}
