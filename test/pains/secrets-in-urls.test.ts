/** The user, the password and the query of an address are the transport's alone. */
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { tmpdir } from 'node:os'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { shownAddress, shownPeerId, shownWords } from '../../machines/domain/shown.ts'
import { redactDefault, redacted } from '../../src/console/redactor.ts'
import { shownJson } from '../../src/cli/shown-json.ts'
import { plainLine } from '../../src/cli/plain-lines.ts'
import { ShownIds } from '../../src/inspect/index.ts'
import { record } from '../../src/inspect/record/index.ts'
import { ConnectionManager, type Transport } from '../../src/index.ts'
import { VirtualClock } from '../../src/testing/index.ts'

const MARKER = 'geheimnis'
const secretive = fc
  .record({
    scheme: fc.constantFrom('ws', 'tcp', 'x'),
    user: fc.constantFrom('', 'user:', `${MARKER}:`, 'a%40b:', 'a b:'),
    password: fc.constantFrom(MARKER, `${MARKER}@x`, `p${MARKER}'"`, `%20${MARKER}`),
    host: fc.constantFrom('h', '[::1]', '127.0.0.1:7', 'h:99999', 'h o'),
    query: fc.constantFrom('', `?token=${MARKER}`, `?${MARKER}`, `?a=1&b=${MARKER}&c`, `?t=${MARKER}=#${MARKER}`),
    hash: fc.constantFrom('', `#${MARKER}`),
  })
  .map(({ scheme, user, password, host, query, hash }) => `${scheme}://${user}${password}@${host}/path${query}${hash}`)

test('no address that is shown holds a secret, whether it can be read or not, and showing it twice is showing it once', () => {
  fc.assert(
    fc.property(secretive, (address) => {
      const shown = shownAddress(address)
      expect(shown).not.toContain(MARKER)
      expect(shownPeerId(address)).toBe(shown)
      expect(shownAddress(shown)).toBe(shown)
      expect(shownWords(`it failed: ${address}; try again`, [address])).not.toContain(MARKER)
    }),
  )
  expect(shownAddress('ws://user:secret@h:1/p?token=x&y=z')).toBe('ws://…@h:1/p?token=…&y=…')
  expect(shownAddress('tcp://127.0.0.1:7000')).toBe('tcp://127.0.0.1:7000')
  expect(shownPeerId('alice@example.org')).toBe('alice@example.org')
})

test('a dial of an address with secrets shows them nowhere: errors, causes, failures, views, explanations, recordings', async () => {
  await fc.assert(
    fc.asyncProperty(secretive, fc.boolean(), fc.boolean(), async (address, isThrown, isId) => {
      const dialled: string[] = []
      const transport: Transport = {
        schemes: ['ws', 'tcp', 'x'],
        dial(url) {
          dialled.push(url.href)
          const error = Object.assign(new Error(`no way to ${url.href}, nor with ${url.password}`), { code: 'ENOWAY' })
          if (isThrown) throw error
          return Promise.reject(error)
        },
      }
      const file = join(tmpdir(), `secrets-${process.pid}-${Math.random()}.jsonl`)
      const clock = new VirtualClock()
      const manager = new ConnectionManager(4, { transport, clock })
      const recording = record(manager, file)
      const told: unknown[] = []
      manager.transitions$.subscribe(({ failure, reason }) => told.push(failure, reason))
      const id = isId ? address : 'peer'
      const error = await manager.connect(id, isId ? {} : { addresses: [address] }).catch((reason: Error) => reason)
      if (!(error instanceof Error)) throw new TypeError('it connected')
      const { message, address: where, stack } = error as Error & { address?: string }
      told.push(message, where, stack, causesOf(error))
      for (const { peerId: _, ...view } of manager.peers()) told.push(view)
      const { peerId: _, ...explained } = { ...manager.explain(id) }
      told.push(explained, redacted(manager.explain(id), redactDefault))
      told.push(shownJson({ peerId: id, message: String(error) }), plainLine(0, 'failed', String(error)))
      await recording.ready
      await recording.close()
      told.push(await readFile(file, 'utf8'))
      await rm(file)
      expect(JSON.stringify(told)).not.toContain(MARKER)
      if (URL.canParse(address)) expect(dialled.join()).toContain(MARKER)
      await manager.shutdown()
    }),
    { numRuns: 40 },
  )
})

function causesOf(error: unknown): unknown {
  const { message, stack, cause, errors } = error as { message?: string; stack?: string; cause?: unknown; errors?: unknown[] }
  return [message, stack, cause === undefined ? [] : causesOf(cause), (errors ?? []).map(causesOf)]
}

test('listening at an address with secrets shows them nowhere', async () => {
  const manager = new ConnectionManager(2, {
    transport: {
      schemes: ['x'],
      dial: () => Promise.reject(new Error('no')),
      listen: (url) => Promise.reject(new Error(`no ${url.href}`)),
    },
  })
  for (const address of [`x://u:${MARKER}@h/?a=${MARKER}`, `y://u:${MARKER}@h`, `x://u:${MARKER}@h:99999999/`]) {
    const error = await manager.listen(address).catch((reason: Error) => reason)
    expect(JSON.stringify([causesOf(error), error])).not.toContain(MARKER)
  }
  await manager.shutdown()
})

test('two ids that are shown alike are two still, and a page that names one means that one', () => {
  const ids = new ShownIds(shownPeerId)
  const [a, b] = ['ws://a:one@h/', 'ws://a:two@h/']
  expect(ids.of(a)).not.toBe(ids.of(b))
  expect([ids.meant(ids.of(a)), ids.meant(ids.of(b)), ids.meant('plain')]).toEqual([a, b, 'plain'])
})
