import { describe, expect, test } from 'vitest'
import { RunningCommand } from './command.ts'

/** Fast enough for a test. */
const SOON = ['--reconnect', '50', '--reconnect-max', '200', '--breaker', '2', '--breaker-open', '300', '--metrics', '0.1']

describe('qudag-connections run', () => {
  test('--keep has a peer back that has died: with pauses, through an open breaker, and whatever --reconnect says', async () => {
    const first = new RunningCommand('run', '--listen', 'tcp://127.0.0.1:0')
    const address = addressIn(await first.line(/ listening at /))
    const keeper = new RunningCommand('run', '--keep', address, ...SOON)
    await keeper.line(/ connected tcp:/)

    first.child.kill('SIGKILL')
    await keeper.line(/ retry +tcp:\S+ reconnecting in \d\.\d s \(attempt 1\)$/)
    await keeper.line(/ failed .*dial-failed: .*ECONNREFUSED/)
    await keeper.line(/ breaker +tcp:\S+ open for 0\.\d s: 2 failures in a row$/)
    const second = new RunningCommand('run', '--listen', address)
    await keeper.line(/ breaker +tcp:\S+ half-open: one try$/)
    await keeper.line(/ breaker +tcp:\S+ closed: it is back after \d+ failures$/)
    await keeper.line(/ recovered +tcp:\S+ after \d+ attempts in \d+\.\d s$/)
    for (const { child } of [keeper, second]) child.kill('SIGTERM')

    const ended = await Promise.all([keeper.ended, second.ended])
    expect(ended.map(({ code, stderr }) => ({ code, stderr }))).toEqual([
      { code: 0, stderr: '' },
      { code: 0, stderr: '' },
    ])
  })

  test('--reconnect off leaves what --connect has lost alone, and has no say over --keep', async () => {
    const off = new RunningCommand('run', '--connect', 'tcp://127.0.0.1:1', '--keep', 'tcp://127.0.0.1:2', '--reconnect', 'off', '--json')

    await off.line(/"type":"retry","at":\d+,"peerId":"tcp:\/\/127\.0\.0\.1:2","attempt":2/)
    off.child.kill('SIGTERM')

    const { lines } = await off.ended
    expect(lines.filter((line) => line.includes('"retry"') && line.includes('127.0.0.1:1"'))).toEqual([])
    expect(lines.filter((line) => line.includes('"to":"Connecting"') && line.includes('127.0.0.1:1"')).length).toBe(1)
  })

  test('--reconnect-attempts gives up, and says so', async () => {
    const peer = new RunningCommand('run', '--connect', 'tcp://127.0.0.1:1', '--reconnect', '20', '--reconnect-attempts', '2')

    await peer.line(/ abandoned +tcp:\/\/127\.0\.0\.1:1 after 2 attempts$/)
    peer.child.kill('SIGTERM')

    expect((await peer.ended).lines.filter((line) => / retry /.test(line)).length).toBe(2)
  })

  test('--admission evict has a stranger yield to a kept peer, and says what each is worth', async () => {
    const hub = new RunningCommand('run', '--listen', 'tcp://127.0.0.1:0')
    const kept = addressIn(await hub.line(/ listening at /))
    const full = ['--admission', 'evict', '--eviction-grace', '0', '--max', '1', '--max-inbound', '1']
    const relay = new RunningCommand('run', '--listen', 'tcp://127.0.0.1:0', '--keep', kept, ...full, ...SOON)
    const [address] = await Promise.all([relay.line(/ listening at /), relay.line(/ connected tcp:/)])
    hub.child.kill('SIGKILL')
    await relay.line(/ failed .*dial-failed: /)
    const stranger = new RunningCommand('run', '--connect', addressIn(address), ...SOON)
    await relay.line(/ connected ←tcp:/)

    const again = new RunningCommand('run', '--listen', kept)

    await relay.line(/ evicted +←tcp:\S+ \(worth 0\) for tcp:\S+ \(worth 1\)$/)
    await relay.line(/ connected tcp:/, 2)
    for (const { child } of [relay, stranger, again]) child.kill('SIGTERM')
    const ended = await Promise.all([relay.ended, stranger.ended, again.ended])
    expect(ended.map(({ code }) => code)).toEqual([0, 0, 0])
  })

  test('--deny keeps out who comes from there, and refuses to dial there', async () => {
    const hub = new RunningCommand('run', '--listen', 'tcp://127.0.0.1:0', '--deny', '127.0.0.0/8', '--json', '--metrics', '0.1')
    const { address } = JSON.parse(await hub.line(/"type":"listening"/)) as { address: string }

    const [denied, refused] = [
      new RunningCommand('run', '--connect', address),
      new RunningCommand('run', '--keep', address, '--deny', '127.0.0.1'),
    ]
    await hub.line(/"type":"metrics".*"inbound":\{"accepted":0,"rejected":[1-9]/)
    for (const { child } of [hub, denied]) child.kill('SIGTERM')

    const { code, stderr } = await refused.ended
    expect(code).toBe(1)
    expect(stderr).toMatch(/^qudag-connections run: 'tcp:\S+' is not dialled: the option deny names it.*\n$/)
    await Promise.all([hub.ended, denied.ended])
  })
})

/** Where a line says that it listens. */
function addressIn(line: string): string {
  return /listening at (\S+)$/.exec(line)?.[1] ?? ''
}
