/** Who asks a command for the console is given a URL that works for as long as the command runs. */
import { ConnectionManager } from 'qudag-connections'
import { scripted } from 'qudag-connections/testing'
import { createServer } from 'node:http'
import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { optional, readFlags } from '../../src/cli/arguments.ts'
import { openConsole } from '../../src/cli/console-link.ts'
import { integer, toggle } from '../../src/cli/flags.ts'
import { ask } from '../console/page.ts'

test('the usual port is taken where it is free, and any other where it is not', async () => {
  const manager = new ConnectionManager(1, { transport: scripted() })
  const taken = createServer().listen(7_007, '127.0.0.1')
  // Somebody else on this machine may have it already, which is as good.
  await Promise.race([once(taken, 'listening'), new Promise((resolve) => taken.once('error', resolve))])
  onTestFinished(() => void taken.close())
  await using console = await openConsole(manager, 'usual')

  expect(new URL(console.url).port).not.toBe('7007')
  expect((await ask(console.url)).status).toBe(200)
  await manager.shutdown()
})

test('a value that may be left out is the number that follows, and nothing else', () => {
  const flags = { console: optional(integer('PORT', 'a port', 0, 65_535), 'usual' as const), json: toggle('lines') }

  expect(readFlags(['--console', '8080'], flags)).toEqual({ console: 8_080 })
  expect(readFlags(['--console=8080', '--json'], flags)).toEqual({ console: 8_080, json: true })
  expect(readFlags(['--console', '--json'], flags)).toEqual({ console: 'usual', json: true })
  expect(readFlags(['--console'], flags)).toEqual({ console: 'usual' })
  expect(() => readFlags(['--console', 'x'], flags)).toThrow("unexpected argument 'x'")
  expect(() => readFlags(['--console', '70000'], flags)).toThrow('--console must be a whole number from 0 to 65535')
})
