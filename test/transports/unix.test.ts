import { fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, lstatSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { ConnectionManager } from 'qudag-connections'
import { farSide, testTransport } from 'qudag-connections/testing'
import { unix } from 'qudag-connections/transports/unix'
import { pathOf } from '../../src/transports/unix-address.ts'

const folder = mkdtempSync(join(tmpdir(), 'qc-'))
let paths = 0
const freePath = (): string => join(folder, `${++paths}.sock`)
const freeAddress = (): string => `unix://${freePath()}`
const sockets = (): number => process.getActiveResourcesInfo().filter((name) => name === 'PipeWrap').length
const managers: ConnectionManager[] = []

afterEach(async () => {
  await Promise.all(managers.splice(0).map((manager) => manager.shutdown({ timeoutMs: 500 })))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function managerOf(): ConnectionManager {
  const manager = new ConnectionManager(100)
  managers.push(manager)
  return manager
}

testTransport(
  'unix',
  {
    open: () => ({ dialer: unix(), listener: unix(), address: `unix://${folder}/`, sockets }),
    crash(victim) {
      const child = fork(fileURLToPath(new URL('unix-side.mjs', import.meta.url)), { execArgv: [] })
      const far = farSide({ post: (text) => void child.send(text, () => {}), listen: (hear) => void child.on('message', hear) })
      return {
        dialer: victim === 'dialer' ? far : unix(),
        listener: victim === 'listener' ? far : unix(),
        address: `unix://${folder}/`,
        cut: () => void child.kill('SIGKILL'),
        close: () => void child.kill('SIGKILL'),
      }
    },
  },
  { describe, test },
)

describe('a socket file', () => {
  const listen = (path: string, mode?: number) =>
    unix(mode === undefined ? {} : { mode }).listen!(new URL(`unix://${path}`), { onLink: (link) => link.abort() })

  test.each([
    [undefined, 0o600],
    [0o660, 0o660],
    [0o666, 0o666],
  ])('is there with the mode %s that was asked for, whatever the umask, and goes with its listener', async (mode, is) => {
    const path = freePath()
    const before = readdirSync(folder)
    const listener = await listen(path, mode)
    expect(statSync(path).mode & 0o777).toBe(is)
    expect(listener.address.href).toBe(`unix://${path}`)
    await listener.close()
    expect(readdirSync(folder)).toEqual(before)
  })

  test('that a crashed process left is replaced', async () => {
    const path = freePath()
    const child = fork(fileURLToPath(new URL('stale-socket.mjs', import.meta.url)), [path], { execArgv: [] })
    await once(child, 'exit')
    expect(lstatSync(path).isSocket()).toBe(true)
    await (await listen(path)).close()
    expect(existsSync(path)).toBe(false)
  })

  test('at which somebody answers is left alone', async () => {
    const path = freePath()
    const server = createServer().listen(path)
    await once(server, 'listening')
    await expect(listen(path)).rejects.toMatchObject({
      code: 'EADDRINUSE',
      message: expect.stringMatching(/another listener answers/) as string,
    })
    expect(existsSync(path)).toBe(true)
    server.close()
  })

  test('is never made in the place of another file, nor taken away with its listener where it is another one by then', async () => {
    const path = freePath()
    writeFileSync(path, 'precious')
    await expect(listen(path)).rejects.toMatchObject({ code: 'EADDRINUSE', message: expect.stringMatching(/no socket/) as string })
    expect(statSync(path).size).toBe(8)
    rmSync(path)
    const listener = await listen(path)
    rmSync(path)
    writeFileSync(path, 'precious')
    await listener.close()
    expect(statSync(path).size).toBe(8)
  })

  test('in a folder that is not there: the error says so', async () => {
    await expect(listen(join(folder, 'none', 'x.sock'))).rejects.toMatchObject({ code: 'ENOENT' })
  })
})

test('peers on one machine are named by the path and a number, and no limit per host counts them', async () => {
  const server = managerOf()
  const address = freeAddress()
  await server.listen(address)
  const clients = Array.from({ length: 9 }, managerOf)
  for (const client of clients) {
    const connection = await client.connect(address)
    expect(connection.remoteAddress).toBe(address)
    connection.send(Uint8Array.of(1))
  }
  await new Promise<void>((resolve) => {
    let messages = 0
    server.messages$.subscribe(() => ++messages === clients.length && resolve())
  })
  expect([...server.peers()].map(({ peerId }) => peerId)).toEqual(clients.map((_, i) => `inbound+${address}${i === 0 ? '' : `#${i + 1}`}`))
})

test.each([
  ['unix://host/x', /names no host/],
  ['unix:///', /needs a path/],
  ['unix:///%00x', /NUL/],
  ['unix:///%zz', /not well encoded/],
])('%s is refused, with what is wrong in it', async (address, words) => {
  await expect(managerOf().connect('p', { addresses: [address] })).rejects.toThrow(words)
})

test('nobody at a path: is it running?', async () => {
  await expect(managerOf().connect(freeAddress())).rejects.toThrow(/ENOENT.*is it running and reachable\?$/)
})

test('on Windows an address is a named pipe', () => {
  expect(pathOf(new URL('unix:///app/peers'), 'win32')).toBe(String.raw`\\.\pipe\app/peers`)
  expect(pathOf(new URL('unix:///run/a%20b.sock'), 'linux')).toBe('/run/a b.sock')
})
