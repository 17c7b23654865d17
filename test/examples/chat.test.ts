/** People in real browsers talk over the example, see who comes and goes, and outlive its server. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Page } from 'playwright-core'
import { filter, firstValueFrom } from 'rxjs'
import { websocket } from 'qudag-connections/transports/websocket'
import { ConnectionManager } from 'qudag-connections'
import { expect, onTestFinished, test } from 'vitest'
import { startChat } from '../../examples/chat/server.ts'
import { usePages } from '../setup/chromium.ts'

const open = usePages()

async function enter(url: string, name: string): Promise<Page> {
  const page = await open(url)
  await page.getByLabel('Your name').fill(name)
  await page.getByRole('button', { name: 'Enter' }).click()
  await page
    .getByRole('status')
    .filter({ hasText: `Connected as ${name}` })
    .waitFor()
  return page
}

async function say(page: Page, text: string): Promise<void> {
  await page.getByLabel('Your message').fill(text)
  await page.getByRole('button', { name: 'Send' }).click()
}

const line = (page: Page, text: string): Promise<void> => page.getByRole('log').getByText(text, { exact: true }).waitFor()

const here = (page: Page, names: readonly string[]): Promise<unknown> =>
  page.waitForFunction(
    (expected) => [...document.querySelectorAll('#here li')].map(({ textContent }) => textContent).join() === expected,
    names.join(),
  )

/** Waits until the server has so many Connected. */
const connected = (manager: ConnectionManager, count: number): Promise<unknown> =>
  firstValueFrom(manager.metrics$.pipe(filter(() => manager.metrics.connections === count)))

test('two people talk, one loads the page again, the server goes and comes back', async () => {
  let chat = await startChat(0)
  onTestFinished(() => chat.stop())
  const seen: string[] = []
  chat.manager.transitions$.subscribe(({ to, reason }) => seen.push(`${to} ${reason}`))

  const [ann, ben] = [await enter(chat.url, 'Ann'), await enter(chat.url, 'Ben')]
  await Promise.all([here(ann, ['Ann', 'Ben']), here(ben, ['Ann', 'Ben'])])
  await say(ann, 'hello <b>Ben</b>')
  await Promise.all([line(ann, 'Ann: hello <b>Ben</b>'), line(ben, 'Ann: hello <b>Ben</b>')])
  await say(ben, 'hello Ann')
  await line(ann, 'Ben: hello Ann')
  expect(seen).toEqual(['Connected inbound', 'Connected inbound'])
  expect(chat.manager.metrics).toMatchObject({ connections: 2, inbound: { accepted: 2, rejected: 0 } })
  expect([...chat.manager.peers()].map(({ status, direction }) => [status, direction])).toEqual([
    ['Connected', 'inbound'],
    ['Connected', 'inbound'],
  ])

  await ben.reload()
  await Promise.all([line(ann, 'Ben left'), here(ben, ['Ann', 'Ben'])])
  await here(ann, ['Ann', 'Ben'])
  expect(seen.slice(2)).toEqual(['Disconnected remote-closed', 'undefined forgotten', 'Connected inbound'])
  expect(chat.manager.metrics).toMatchObject({ connections: 2, inbound: { accepted: 3, rejected: 0 } })

  const { port } = new URL(chat.url)
  await chat.stop()
  for (const page of [ann, ben]) {
    await page.getByRole('status').filter({ hasText: 'The server is away' }).waitFor()
    expect(await page.getByRole('button', { name: 'Send' }).isDisabled()).toBe(true)
  }

  chat = await startChat(Number(port))
  for (const [page, name] of [
    [ann, 'Ann'],
    [ben, 'Ben'],
  ] as const) {
    await page
      .getByRole('status')
      .filter({ hasText: `Connected as ${name}` })
      .waitFor()
  }
  await connected(chat.manager, 2)
  await say(ann, 'still there?')
  await line(ben, 'Ann: still there?')

  await ann.close()
  await line(ben, 'Ann left')
  expect(chat.manager.metrics.connections).toBe(1)
})

test('who is no page of this chat is shown out, and nobody in it notices', async () => {
  const chat = await startChat(0)
  onTestFinished(() => chat.stop())
  const ann = await enter(chat.url, 'Ann')
  const stranger = new ConnectionManager(1)
  onTestFinished(async () => void (await stranger.shutdown()))
  for (const words of ['hello', '{"type":"say"}', '{"type":"hello","name":" "}', 'null']) {
    const connection = await stranger.connect(chat.url.replace('http', 'ws') + 'chat')
    connection.send(new TextEncoder().encode(words))
    expect(await connection.closed).toEqual({ kind: 'remote', reason: 'disconnected' })
  }
  await say(ann, 'still here')
  await line(ann, 'Ann: still here')
  expect(await ann.getByRole('log').textContent()).toBe('Ann cameAnn: still here')
  expect(chat.manager.metrics.connections).toBe(1)
})

test('a page without an origin of its own is refused, and nobody is warned', async () => {
  const chat = await startChat(0)
  onTestFinished(() => chat.stop())
  const warnings: string[] = []
  const hear = ({ message }: Error): void => void warnings.push(message)
  process.on('warning', hear)
  onTestFinished(() => void process.off('warning', hear))
  // As a browser says it of a sandboxed frame.
  const sandboxed = new ConnectionManager(1, { transport: websocket({ headers: { origin: 'null' } }) })
  onTestFinished(async () => void (await sandboxed.shutdown()))

  await expect(sandboxed.connect(chat.url.replace('http', 'ws') + 'chat')).rejects.toMatchObject({
    code: 'ERR_REJECTED_BY_PEER',
    remoteCode: 'ERR_DENIED',
  })

  await new Promise(setImmediate)
  expect(warnings.filter((message) => message.startsWith('allow'))).toEqual([])
})

test('as a command it says where it is, and ends with Ctrl-C', async () => {
  const child = spawn(process.execPath, ['examples/run.mjs', 'chat'], {
    env: { ...process.env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const ended = once(child, 'close')
  const [said] = (await once(createInterface(child.stdout), 'line')) as [string]
  const [url = ''] = /http:\S+/.exec(said) ?? []
  await enter(url, 'Ann')
  child.kill('SIGINT')
  expect(await ended).toEqual([0, null])
})
