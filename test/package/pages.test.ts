/** What a page of the package links to is in the package. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, normalize } from 'node:path'
import { expect, test } from 'vitest'

/** What would be published, but for `dist`, which may not be built here. */
function packed(): readonly string[] {
  const said = execFileSync('npm', ['pack', '--dry-run', '--ignore-scripts', '--json'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const [pack] = JSON.parse(said) as [{ readonly files: readonly { readonly path: string }[] }]
  return pack.files.map(({ path }) => path)
}

/** Pictures are left out: two of them weigh a quarter of the package. */
test('every page of the package finds there what it links to', () => {
  const files = packed()
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
