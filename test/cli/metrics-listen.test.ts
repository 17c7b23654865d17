import { request } from 'node:http'
import { describe, expect, test } from 'vitest'
import { readPlace } from '../../src/cli/metrics-place.ts'
import { RunningCommand } from './command.ts'

interface Answer {
  readonly status: number | undefined
  readonly type: string | undefined
  readonly text: string
}

function ask(url: string, options: { readonly host?: string; readonly method?: string } = {}): Promise<Answer> {
  const { host, method = 'GET' } = options
  return new Promise((resolve, reject) => {
    request(url, { method, agent: false, ...(host === undefined ? {} : { headers: { host } }) }, (response) => {
      let text = ''
      response
        .setEncoding('utf8')
        .on('data', (part: string) => (text += part))
        .on('end', () => resolve({ status: response.statusCode, type: response.headers['content-type'], text }))
    })
      .on('error', reject)
      .end()
  })
}

function urlIn(line: string): string {
  return /http:\S+\/metrics/.exec(line)![0]
}

describe('qudag-connections run --metrics-listen', () => {
  test('serves what Prometheus scrapes, and says whether it lives and is ready', async () => {
    const hub = new RunningCommand('run', '--listen', 'tcp://127.0.0.1:0')
    const address = /tcp:\S+/.exec(await hub.line(/ listening at /))![0]
    const line = ['--keep', address, '--max', '1', '--metrics-listen', '0', '--ready-when', 'kept', '--ready-when', 'below-limit']
    const peer = new RunningCommand('run', ...line, '--reconnect', '100', '--breaker', '1')
    const url = urlIn(await peer.line(/ serving +http/))
    await peer.line(/ connected /)

    const { status, type, text } = await ask(url)
    expect({ status, type }).toEqual({ status: 200, type: 'text/plain; version=0.0.4; charset=utf-8' })
    expect(text).toContain(
      '\nqudag_connection_count{manager="default",qudag_connection_state="used",qudag_connection_direction="outbound"} 1\n',
    )
    expect(text).toContain('\nqudag_connection_kept_peers{manager="default",qudag_connection_up="true"} 1\n')
    expect(text).not.toContain(address.slice('tcp://'.length))

    expect(await ask(new URL('/healthz', url).href)).toMatchObject({ status: 200, text: 'ok the process lives\n' })
    expect(await ask(new URL('/readyz', url).href)).toMatchObject({
      status: 503,
      text: 'ok takes new work: Accepting\nNOT below its limit: 1 of 1 in use\nok kept peers: 1 of 1 connected\n',
    })

    hub.child.kill('SIGKILL')
    await peer.line(/ retry /)
    expect((await ask(new URL('/readyz', url).href)).text).toContain('NOT kept peers: 0 of 1 connected')
    const after = (await ask(url)).text
    expect(after).toMatch(/\nqudag_connection_disconnections_total\{.*qudag_connection_reason="(link-error|remote-closed)"\} 1\n/)
    expect(after).toContain('\nqudag_connection_kept_peers{manager="default",qudag_connection_up="false"} 1\n')

    peer.child.kill('SIGTERM')
    expect(await peer.ended).toMatchObject({ code: 0, stderr: '' })
    await hub.ended
  })

  test('answers nobody who does not name it, and only what it has', async () => {
    const peer = new RunningCommand('run', '--listen', 'tcp://127.0.0.1:0', '--metrics-listen', '127.0.0.1:0', '--json')
    const url = urlIn(await peer.line(/"type":"serving"/))

    expect(await ask(url, { host: 'attacker.example' })).toMatchObject({ status: 403 })
    expect((await ask(url, { host: 'attacker.example' })).text).not.toContain('qudag_')
    expect(await ask(url, { host: `localhost:${new URL(url).port}` })).toMatchObject({ status: 200 })
    expect(await ask(url, { method: 'POST' })).toMatchObject({ status: 405 })
    expect(await ask(new URL('/', url).href)).toMatchObject({ status: 404 })
    expect(await ask(new URL('/readyz?probe=1', url).href)).toMatchObject({ status: 200, text: 'ok takes new work: Accepting\n' })

    peer.child.kill('SIGINT')
    expect(await peer.ended).toMatchObject({ code: 0, stderr: '' })
  })

  test('a port that is taken is said, with exit code 1', async () => {
    const first = new RunningCommand('run', '--listen', 'tcp://127.0.0.1:0', '--metrics-listen', '0')
    const { port } = new URL(urlIn(await first.line(/ serving /)))

    const { code, stderr } = await new RunningCommand('run', '--listen', 'tcp://127.0.0.1:0', '--metrics-listen', port).ended

    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('EADDRINUSE') })
    first.child.kill('SIGTERM')
    await first.ended
  })

  test.each([
    [['--metrics-listen', 'x'], "--metrics-listen must be a port, or a host and a port, as 127.0.0.1:9464, got 'x'"],
    [['--ready-when', 'kept'], '--ready-when needs --metrics-listen'],
  ])('refuses %j', async (args, says) => {
    const { code, stderr } = await new RunningCommand('run', '--listen', 'tcp://127.0.0.1:0', ...args).ended
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(says) })
  })
})

test.each([
  ['9464', { host: '127.0.0.1', port: 9464 }],
  ['0.0.0.0:0', { host: '0.0.0.0', port: 0 }],
  ['[::1]:80', { host: '::1', port: 80 }],
  ['box.local:65535', { host: 'box.local', port: 65_535 }],
  ['::1:80', undefined],
  ['65536', undefined],
  ['host:', undefined],
  ['http://host:1', undefined],
  ['', undefined],
])('%s is the place %j', (text, place) => {
  expect(readPlace(text)).toEqual(place)
})
