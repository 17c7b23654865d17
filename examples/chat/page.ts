/** The page says what its link is, and comes back by itself for as long as it is open. */
import { type Connection, ConnectionManager } from 'qudag-connections'
import { decode, encode, type FromServer } from './words.ts'

const server = new URL('/chat', location.href.replace(/^http/, 'ws')).href
const manager = new ConnectionManager(1)

const find = (id: string): HTMLElement => document.querySelector<HTMLElement>(`#${id}`)!
const findInput = (id: string): HTMLInputElement => document.querySelector<HTMLInputElement>(`#${id}`)!
const [status, enter, room, here, log, say] = [find('status'), find('enter'), find('room'), find('here'), find('log'), find('say')]
const [name, text] = [findInput('name'), findInput('text')]
let connection: Connection | undefined

enter.addEventListener('submit', (event) => {
  event.preventDefault()
  // Whoever loads the page again comes back as the same person; another tab is another one.
  sessionStorage.setItem('name', name.value)
  begin(name.value)
})

say.addEventListener('submit', (event) => {
  event.preventDefault()
  if (connection === undefined) return
  connection.send(encode({ type: 'say', text: text.value }))
  text.value = ''
})

const known = sessionStorage.getItem('name')
if (known !== null) begin(known)

function begin(myName: string): void {
  enter.hidden = true
  room.hidden = false
  text.focus()
  manager.status$(server).subscribe((now) => {
    status.textContent = now === 'Connected' ? `Connected as ${myName}` : 'The server is away. Trying again…'
    status.dataset['status'] = now ?? ''
  })
  void stay(myName)
}

/** Connects, listens until it is over, and begins again. */
async function stay(myName: string): Promise<void> {
  for (let misses = 0; ; misses++) {
    try {
      connection = await manager.connect(server)
      misses = 0
      connection.send(encode({ type: 'hello', name: myName }))
      setConnected(true)
      for await (const data of connection) show(decode(data))
    } catch (error) {
      console.warn(error)
    }
    connection = undefined
    setConnected(false)
    await pause(backoff(misses))
  }
}

function setConnected(isConnected: boolean): void {
  say.querySelector('button')!.disabled = !isConnected
  if (!isConnected) here.replaceChildren()
}

function show(word: FromServer): void {
  switch (word.type) {
    case 'here':
      return here.replaceChildren(...word.names.map((each) => item(each)))
    case 'said':
      return write(item(`${word.name}: ${word.text}`))
    case 'came':
    case 'left': {
      const event = item(`${word.name} ${word.type}`)
      event.className = 'event'
      return write(event)
    }
  }
}

function write(line: HTMLElement): void {
  log.append(line)
  line.scrollIntoView({ block: 'end' })
}

/** What people write is text, never markup. */
function item(words: string): HTMLElement {
  const line = document.createElement('li')
  line.textContent = words
  return line
}

/** Milliseconds before the next try: exponential, with full jitter, so that not everybody comes back in the same instant. */
function backoff(misses: number): number {
  return Math.random() * Math.min(10_000, 200 * 2 ** misses)
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
