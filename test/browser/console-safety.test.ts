/** The page marks which links are proven, encrypted and post-quantum, by a shield and in words. */
import { ConnectionManager } from 'qudag-connections'
import { serveConsole } from 'qudag-connections/console'
import { tcp } from 'qudag-connections/transports/tcp'
import { createIdentity, tls } from 'qudag-connections/transports/tls'
import { expect, onTestFinished, test } from 'vitest'
import { usePages } from '../setup/chromium.ts'

const open = usePages()

test('a proven peer has a shield and says by what, one over tcp: says that it is open, and the filter finds each', async () => {
  const mine = createIdentity()
  const hub = new ConnectionManager(10, { transport: [tls({ identity: createIdentity() }), tcp()] })
  const peer = new ConnectionManager(10, { transport: [tls({ identity: mine }), tcp()] })
  const served = await serveConsole(hub)
  onTestFinished(async () => void (await Promise.all([served.close(), hub.shutdown(), peer.shutdown()])))
  for (const address of ['tls://127.0.0.1:0', 'tcp://127.0.0.1:0']) await peer.connect((await hub.listen(address)).address.href)
  const page = await open(served.url)
  await page.getByTestId('crowd-count').getByText('2 peers').waitFor()

  await page.getByTestId('crowd-filter').fill('proven')
  await page.getByTestId('crowd-count').getByText('1 of 2').waitFor()
  await page.getByTestId('crowd').focus()
  expect(await page.getByTestId('crowd-tip').textContent()).toContain(mine.peerId)
  expect(await page.getByTestId('safety').textContent()).toMatch(/^proven, encrypted/)
  await page.keyboard.press('Enter')
  await page
    .getByTestId('peer-facts')
    .getByText(/^proven by ed25519; encrypted by X25519/)
    .waitFor()
  await page.keyboard.press('Escape')

  await page.getByTestId('crowd-filter').fill('inbound+')
  await page.getByTestId('crowd').focus()
  await page.getByTestId('crowd-tip').getByText('from tcp:').waitFor()
  await page.keyboard.press('Enter')
  await page.getByTestId('peer-facts').getByText('open: anybody on the way can read it').waitFor()
})
