/** The example's transport is one in a browser too, and the suite itself runs there. */
import { expect, test } from 'vitest'
import { usePages } from '../setup/chromium.ts'
import { useSite } from './site.ts'

const open = usePages()
const site = useSite({
  program: `
    import { testTransport } from 'qudag-connections/testing'
    import { messagePort } from '../../examples/message-port/message-port.ts'

    const rows: { title: string; body: () => Promise<void> }[] = []
    testTransport(
      'messagePort',
      {
        open: () => {
          const { port1, port2 } = new MessageChannel()
          return { dialer: messagePort({ port: port1 }), listener: messagePort({ port: port2 }), address: 'message-port:', close: () => port1.close() }
        },
        cannot: { dialer: ['admit', 'reasons'], listener: ['admit', 'reasons'] },
      },
      { describe: (_name, declare) => declare(), test: (title, body) => void rows.push({ title, body }) },
    )
    globalThis.runRows = async () => {
      const broken: string[] = []
      for (const { title, body } of rows) await body().catch((error: unknown) => broken.push(title + ': ' + error))
      return { rows: rows.length, broken }
    }`,
})

declare global {
  var runRows: () => Promise<{ rows: number; broken: string[] }>
}

test('the message-port example passes the suite in a page', async () => {
  const page = await open(site())
  const { rows, broken } = await page.evaluate(() => runRows())
  expect(broken).toEqual([])
  expect(rows).toBeGreaterThan(50)
})
