/** Test files that share a process replace no module: others of them have loaded it already, and the replacement comes too late. */
import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

test('no file of the rooms that share a process mocks a module', () => {
  const [, list] = /SHARED = \[([^\]]+)\]/.exec(readFileSync('vitest.config.ts', 'utf8')) ?? []
  const rooms = [...(list ?? '').matchAll(/'(\w+)'/g)].map(([, room]) => `test/${room}`)
  const files = rooms.flatMap((room) => readdirSync(room).map((name) => `${room}/${name}`)).filter((name) => name.endsWith('.test.ts'))
  expect(files.length).toBeGreaterThan(50)
  expect(files.filter((name) => /vi\.(mock|doMock|stubGlobal|resetModules)\(/.test(readFileSync(name, 'utf8')))).toEqual([])
})
