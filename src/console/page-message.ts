/** A message of a page is taken only if it is exactly what a page may say. */
import { ConnectionStatus } from '../../machines/domain/connection-status.ts'
import { isWellFormed, MAX_PEER_ID_LENGTH } from '../../machines/domain/peer-id.ts'
import type { ConsoleCommand, PageMessage } from './wire.ts'

type Fields = Readonly<Record<string, unknown>>

/** Reads what a page said; throws an Error whose message says what is wrong with it, in a few words. */
export function readPageMessage(text: string): PageMessage {
  const said = object('a message', parse(text))
  const { type } = said
  switch (type) {
    case 'hello':
      return { type, version: number('version', said['version']) }
    case 'look':
      return { type, peerId: said['peerId'] === null ? null : peerId(said['peerId']) }
    case 'command':
      return { type, id: number('id', said['id']), command: command(object('command', said['command'])) }
    case 'replay':
      return replay(said)
    default:
      throw new Error('unknown type of message')
  }
}

function command(said: Fields): ConsoleCommand {
  const { type } = said
  const id = peerId(said['peerId'])
  switch (type) {
    case 'peer.connect':
    case 'peer.retry':
      return { type, peerId: id }
    case 'peer.disconnect':
      if (typeof said['pool'] !== 'boolean') throw new Error('pool must be a boolean')
      return { type, peerId: id, pool: said['pool'] }
    case 'peer.report':
      return { type, peerId: id, status: oneOf('status', Object.values(ConnectionStatus), said['status']) }
    default:
      throw new Error('unknown command')
  }
}

function replay(said: Fields): Extract<PageMessage, { type: 'replay' }> {
  return {
    type: 'replay',
    action: oneOf('action', ['play', 'pause', 'step', 'back', 'seek', 'speed'] as const, said['action']),
    ...(said['speed'] === undefined ? {} : { speed: number('speed', said['speed']) }),
    ...(said['position'] === undefined ? {} : { position: number('position', said['position']) }),
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Error('a message must be JSON')
  }
}

function object(name: string, value: unknown): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(`${name} must be an object`)
  return value as Fields
}

function number(name: string, value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new Error(`${name} must be a number`)
  return value
}

function peerId(value: unknown): string {
  if (typeof value !== 'string' || value === '' || value.length > MAX_PEER_ID_LENGTH || !isWellFormed(value))
    throw new Error('peerId must be a peer id')
  return value
}

function oneOf<T extends string>(name: string, words: readonly T[], value: unknown): T {
  const found = words.find((word) => word === value)
  if (found === undefined) throw new Error(`${name} must be one of ${words.join(', ')}`)
  return found
}
