/** The page keeps its server, shows how the link is, and yields to another tab of the same visitor. */
import { ConnectionError, ConnectionManager, type KeptPeer } from 'qudag-connections'

const address = new URL('/peers', location.href.replace(/^http/, 'ws')).href
const manager = new ConnectionManager(1, {
  // There is one server, and somebody waits for it: it is tried every few seconds, however long it is away.
  reconnect: { baseMs: 500, maxMs: 5_000 },
  breaker: false,
})

const find = (id: string): HTMLElement => document.querySelector<HTMLElement>(`#${id}`)!
const [status, elsewhere, here, say, text, log] = [
  find('status'),
  find('elsewhere'),
  find('here'),
  find('say'),
  document.querySelector('input')!,
  find('log'),
]

let server = begin()

here.addEventListener('click', () => {
  server = begin()
})

say.addEventListener('submit', (event) => {
  event.preventDefault()
  try {
    // What is said while the server is away goes out when it is back.
    server.send(new TextEncoder().encode(text.value))
    text.value = ''
  } catch (error) {
    write(error instanceof ConnectionError ? `not sent: ${error.code}` : String(error))
  }
})

/** Keeps the server from now on. */
function begin(): KeptPeer {
  elsewhere.hidden = true
  const kept = manager.keep(address, { queue: { maxMessages: 100 } })
  kept.status$.subscribe((now) => (status.textContent = now))
  kept.messages$.subscribe((data) => write(new TextDecoder().decode(data)))
  void yieldToOthers(kept)
  return kept
}

/** Lets the server go when it says that another tab is used now; everything else the manager mends by itself. */
async function yieldToOthers(kept: KeptPeer): Promise<void> {
  try {
    for (;;) {
      const connection = await kept.connected()
      const end = await connection.closed
      if (end.kind !== 'remote' || end.reason !== 'replaced') continue
      await kept.release()
      status.textContent = 'replaced'
      elsewhere.hidden = false
      return
    }
  } catch (error) {
    write(String(error))
  }
}

function write(words: string): void {
  const line = document.createElement('li')
  line.textContent = words
  log.append(line)
}
