/** The page's side of its server: connected, or trying to be, and says which. */
import { signal } from '@preact/signals'
import { ENDED_CODE, WIRE_VERSION, type ConsoleCommand, type PageMessage, type ServerMessage } from '../../wire.ts'
import { isOver, takeIn } from './session.ts'

/** How the page stands with its server. `retryAt`: by the page's clock, in milliseconds. */
export type ServerLink =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  /** `failures`: how often it was tried in vain since. */
  | { readonly kind: 'lost'; readonly retryAt: number; readonly failures: number }
  /** The manager has stopped, or the recording is over, and then the server went: there is nothing to come back for. */
  | { readonly kind: 'ended' }
  /** The server is there and does not take the token. */
  | { readonly kind: 'refused' }
  /** The server speaks another version. */
  | { readonly kind: 'outdated' }

const PAUSES = [500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000]
/** How the server closes a socket whose page speaks another version. */
const OTHER_VERSION = 4001
const TOKEN = 'qudag-connections-token'

export const serverLink = signal<ServerLink>({ kind: 'connecting' })

let socket: WebSocket | undefined
let failures = 0
let timer: ReturnType<typeof setTimeout> | undefined
let lookedAt: string | null = null
let lastCommand = 0
const waiting = new Map<number, (error: string | undefined) => void>()

/** Connects, and again whenever that is lost. */
export function openServer(): void {
  clearTimeout(timer)
  const token = tokenOfPage()
  const url = new URL(`socket?token=${encodeURIComponent(token)}`, document.baseURI)
  url.protocol = url.protocol.replace('http', 'ws')
  if (serverLink.value.kind !== 'lost') serverLink.value = { kind: 'connecting' }
  const own = new WebSocket(url)
  socket = own
  let heard = false
  own.addEventListener('open', () => say({ type: 'hello', version: WIRE_VERSION }))
  own.addEventListener('message', ({ data }) => {
    if (own !== socket || typeof data !== 'string') return
    heard = true
    listen(JSON.parse(data) as ServerMessage)
  })
  own.addEventListener('close', ({ code }) => {
    if (own !== socket) return
    if (code === OTHER_VERSION) serverLink.value = { kind: 'outdated' }
    else if (code === ENDED_CODE || isOver.value) end()
    else void lose(heard, token)
  })
}

/** Tries again now, if it waits to, or has given up as all is over. */
export function retryNow(): void {
  const { kind } = serverLink.value
  if (kind === 'lost' || kind === 'ended') openServer()
}

/** Shows a peer in full from now on; null: none. It is asked for again after a loss. */
export function lookAt(peerId: string | null): void {
  if (peerId === lookedAt) return
  lookedAt = peerId
  say({ type: 'look', peerId })
}

/** Sends a command; says what was wrong with it, if anything was. */
export function command(what: ConsoleCommand): Promise<string | undefined> {
  const id = ++lastCommand
  if (!say({ type: 'command', id, command: what })) return Promise.resolve('The server is away.')
  return new Promise((resolve) => waiting.set(id, resolve))
}

/** Moves through the recording. */
export function control(message: Extract<PageMessage, { type: 'replay' }>): void {
  say(message)
}

function say(message: PageMessage): boolean {
  if (socket?.readyState !== WebSocket.OPEN) return false
  socket.send(JSON.stringify(message))
  return true
}

function listen(message: ServerMessage): void {
  if (message.type === 'answer') {
    waiting.get(message.id)?.(message.error)
    waiting.delete(message.id)
    return
  }
  if (message.type === 'hello') {
    if (message.version !== WIRE_VERSION) return socket?.close(OTHER_VERSION)
    failures = 0
    serverLink.value = { kind: 'live' }
    if (lookedAt !== null) say({ type: 'look', peerId: lookedAt })
  }
  takeIn(message)
}

function dropCommands(): void {
  for (const answer of waiting.values()) answer('The server went away before it answered.')
  waiting.clear()
}

function end(): void {
  dropCommands()
  isOver.value = true
  serverLink.value = { kind: 'ended' }
}

async function lose(heard: boolean, token: string): Promise<void> {
  dropCommands()
  const pause = PAUSES[Math.min(failures, PAUSES.length - 1)]!
  serverLink.value = { kind: 'lost', retryAt: performance.now() + pause, failures: failures++ }
  timer = setTimeout(openServer, pause)
  if (heard || !(await isRefused(token))) return
  clearTimeout(timer)
  serverLink.value = { kind: 'refused' }
}

/** A socket does not say why it did not open; the page itself, asked for again, does. */
async function isRefused(token: string): Promise<boolean> {
  try {
    const { status } = await fetch(`./?token=${encodeURIComponent(token)}`, { cache: 'no-store' })
    return status === 401 || status === 403
  } catch {
    return false
  }
}

/** The token stays in the address, so that a bookmark works; the tab remembers it for an address without. */
function tokenOfPage(): string {
  const given = new URLSearchParams(location.search).get('token')
  if (given !== null) sessionStorage.setItem(TOKEN, given)
  return given ?? sessionStorage.getItem(TOKEN) ?? ''
}
