/** What a page of the package links to is in the package. */
import { readFileSync } from 'node:fs'
import { join, normalize } from 'node:path'
import { expect, test } from 'vitest'
import { packedPackage, run } from './consumer-home.ts'

/** What would be published. */
async function packed(): Promise<readonly string[]> {
  const { stdout } = await run('tar', ['-tzf', await packedPackage()])
  return stdout
    .trim()
    .split('\n')
    .map((path) => path.replace(/^package\//, ''))
}

/** Pictures are left out: two of them weigh a quarter of the package. */
test('every page of the package finds there what it links to', async () => {
  const files = await packed()
  const pages = files.filter((path) => path.endsWith('.md'))
  const links = pages.flatMap((page) =>
    Array.from(readFileSync(page, 'utf8').matchAll(/\]\(([^)#\s]+)[^)]*\)/g), ([, target = '']) => target)
      .filter((target) => !target.includes('://') && !target.endsWith('.png'))
      .map((target) => normalize(join(page, '..', target))),
  )

  expect(pages).toContain('README.md')
  expect(links).toContain('examples/important-peer.ts')
  expect(links.filter((target) => !files.some((path) => path === target || path.startsWith(`${target}/`)))).toEqual([])
  expect(files.filter((path) => path.startsWith('examples/') && /node_modules|\.test\.|\.mjs\.map$/.test(path))).toEqual([])
})
