/** Two commands, and links whose both ends are known by proof; what cannot be is said before anything begins. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { createIdentity, saveIdentity } from 'qudag-connections/transports/tls'
import { RunningCommand } from './command.ts'

const folder = mkdtempSync(join(tmpdir(), 'qudag-identity-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const LISTEN = ['--listen', 'tls://127.0.0.1:0']

describe('qudag-connections identity', () => {
  test('creates a file, and shows its id and its certificate, and never the key', async () => {
    const file = join(folder, 'made.pem')
    const { code, lines } = await new RunningCommand('identity', 'create', file, '--algorithm', 'p256').ended
    expect(code).toBe(0)
    const shown = await new RunningCommand('identity', 'show', file).ended
    expect(shown.lines.slice(0, 3)).toEqual(lines)
    expect(lines[0]).toMatch(/^id {9}[a-z2-7]{52}$/)
    expect(shown.lines.join('\n')).toContain('BEGIN CERTIFICATE')
    expect(shown.lines.join('\n')).not.toContain('PRIVATE')

    const again = await new RunningCommand('identity', 'create', file).ended
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining(`${file} is there already, and a key is not written over`) })
  })

  test.each([
    [['identity'], 2, 'say create or show'],
    [['identity', 'steal'], 2, "'steal' is none of its words: say create or show"],
    [['identity', 'create', '--algorithm', 'rsa'], 2, '--algorithm must be one of ed25519, p256, ml-dsa-65'],
    [['identity', 'show', join(folder, 'none.pem')], 1, 'make one with: qudag-connections identity create'],
    [['run', ...LISTEN], 2, 'needs --identity FILE: both ends prove who they are; make one with: qudag-connections identity create FILE'],
    [
      ['run', ...LISTEN, '--identity', join(folder, 'none.pem')],
      2,
      'there is no such file; make one with: qudag-connections identity create',
    ],
    [['run', '--listen', 'tcp://127.0.0.1:0', '--identity', 'x.pem'], 2, '--identity needs a tls:// address'],
    [['run', '--listen', 'tcp://127.0.0.1:0', '--require-post-quantum'], 2, '--require-post-quantum needs --identity FILE'],
    [['run', '--listen', 'tcp://127.0.0.1:0', '--only', 'a'.repeat(52)], 2, '--only needs --identity FILE'],
    [['run', ...LISTEN, '--identity', 'x.pem', '--only', 'alice'], 2, '--only must be an id of 52 characters'],
    [['run', '--connect', 'tls://alice@127.0.0.1:7', '--identity', 'x.pem'], 2, 'must have an id of 52 characters before the @'],
  ])('%j says what is wrong', async (args, exitCode, words) => {
    const { code, stderr } = await new RunningCommand(...args).ended
    expect(stderr).toContain(words)
    expect(code).toBe(exitCode)
  })

  test('that others can read, or that cannot do what is asked, runs nothing', async () => {
    const file = join(folder, 'open.pem')
    await saveIdentity(file, createIdentity())
    const strict = await new RunningCommand('run', ...LISTEN, '--identity', file, '--require-post-quantum').ended
    expect(strict).toMatchObject({ code: 2, stderr: expect.stringContaining('requirePostQuantum needs an identity of ml-dsa-65') })
    chmodSync(file, 0o644)
    const open = await new RunningCommand('run', ...LISTEN, '--identity', file).ended
    expect(open).toMatchObject({ code: 2, stderr: expect.stringContaining(`run: chmod 600 ${file}`) })
  })

  test('lets two commands know each other, by the URL that one of them prints', async () => {
    const [near, far] = [join(folder, 'near.pem'), join(folder, 'far.pem')]
    const me = createIdentity()
    await saveIdentity(near, me)
    await saveIdentity(far, createIdentity())
    const hub = new RunningCommand('run', ...LISTEN, '--identity', far, '--echo')
    onTestFinished(() => void hub.child.kill('SIGKILL'))
    const [address = ''] = /tls:\S+/.exec(await hub.line(/ listening at /)) ?? []
    expect(address).toMatch(/^tls:\/\/[a-z2-7]{52}@127\.0\.0\.1:\d+$/)
    const dialer = new RunningCommand('run', '--connect', address, '--identity', near)
    onTestFinished(() => void dialer.child.kill('SIGKILL'))
    expect(await hub.line(/ connected /)).toMatch(new RegExp(`${me.peerId} .*\\(proven, encrypted`))
    dialer.child.kill('SIGTERM')
    expect(await dialer.ended).toMatchObject({ code: 0, stderr: '' })
  })

  test('lets --only keep strangers out, and --allow let a proven id in past the limit', async () => {
    const [hubFile, friendFile, strangerFile] = ['hub', 'friend', 'stranger'].map((name) => join(folder, `${name}.pem`)) as [
      string,
      string,
      string,
    ]
    const friend = createIdentity()
    await saveIdentity(hubFile, createIdentity())
    await saveIdentity(friendFile, friend)
    await saveIdentity(strangerFile, createIdentity())
    const first = async (command: RunningCommand): Promise<string> => /tls:\S+/.exec(await command.line(/ listening at /))?.[0] ?? ''
    const start = (...args: string[]): RunningCommand => {
      const command = new RunningCommand('run', ...args)
      onTestFinished(() => void command.child.kill('SIGKILL'))
      return command
    }
    const strict = start(...LISTEN, '--identity', hubFile, '--only', friend.peerId)
    const address = await first(strict)
    const refused = start('--connect', address, '--identity', strangerFile)
    expect(await refused.line(/ failed /)).toContain('not-allowed')
    start('--connect', address, '--identity', friendFile)
    expect(await strict.line(/ connected /)).toContain(friend.peerId)

    const full = start(...LISTEN, '--identity', hubFile, '--max-inbound', '0', '--allow', friend.peerId)
    const there = await first(full)
    expect(await start('--connect', there, '--identity', strangerFile).line(/ failed /)).toContain('inbound-limit')
    start('--connect', there, '--identity', friendFile)
    expect(await full.line(/ connected /)).toContain(friend.peerId)
  })
})
