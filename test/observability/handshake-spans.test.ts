import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { SpanStatusCode } from '@opentelemetry/api'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor, type ReadableSpan } from '@opentelemetry/sdk-trace-base'
import { ConnectionManager, type ManagerOptions } from 'qudag-connections'
import { instrument } from 'qudag-connections/opentelemetry'
import { createIdentity, tls } from 'qudag-connections/transports/tls'
import { websocket } from 'qudag-connections/transports/websocket'
import { cert, key } from '../transports/localhost-certificate.ts'

const exporter = new InMemorySpanExporter()
const tracer = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).getTracer('test')
const her = createIdentity()

beforeEach(() => exporter.reset())

function managerOf(options: ManagerOptions): ConnectionManager {
  const manager = new ConnectionManager(4, options)
  onTestFinished(async () => void (await manager.shutdown()))
  return manager
}

function spanOf(name: string): ReadableSpan | undefined {
  return exporter.getFinishedSpans().find((span) => span.name === name)
}

describe('the TLS handshake of a dial is a span within it', () => {
  test('at tls:', async () => {
    const listener = await managerOf({ transport: tls({ identity: her }) }).listen('tls://127.0.0.1:0')
    const manager = managerOf({ transport: tls({ identity: createIdentity() }), resolve: () => listener.address.href })
    instrument(manager, { tracer })
    await manager.connect(her.peerId)

    const handshake = spanOf('qudag.tls_handshake')
    expect(handshake?.parentSpanContext?.spanId).toBe(spanOf('qudag.connection_setup')!.spanContext().spanId)
    expect(handshake?.attributes['url.full']).toBe(listener.address.href)
    expect(handshake?.status.code).toBe(SpanStatusCode.UNSET)
  })

  test('at wss:', async () => {
    const listener = await managerOf({ transport: websocket({ tls: { key, cert } }) }).listen('wss://127.0.0.1:0')
    const manager = managerOf({ transport: websocket({ tls: { ca: cert } }) })
    instrument(manager, { tracer })
    await manager.connect(`wss://localhost:${listener.address.port}`)

    const handshake = spanOf('qudag.tls_handshake')
    expect(handshake?.parentSpanContext?.spanId).toBe(spanOf('qudag.connection_setup')!.spanContext().spanId)
    expect(handshake?.status.code).toBe(SpanStatusCode.UNSET)
  })

  test.each(['tls', 'wss'])('at %s: with what it failed of, where nobody there speaks it', async (scheme) => {
    const server = createServer((socket) => void socket.on('error', () => {}).once('data', () => socket.end('what?'))).listen(
      0,
      '127.0.0.1',
    )
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const { port } = server.address() as { port: number }
    const transport = [tls({ identity: createIdentity() }), websocket()]
    const manager = managerOf({ transport, resolve: () => `${scheme}://127.0.0.1:${port}` })
    instrument(manager, { tracer })
    await expect(manager.connect(her.peerId)).rejects.toMatchObject({ code: 'ERR_DIAL_FAILED' })

    expect(spanOf('qudag.tls_handshake')?.status.code).toBe(SpanStatusCode.ERROR)
    expect(spanOf('qudag.connection_setup')?.attributes['error.type']).toBe('ERR_DIAL_FAILED')
  })

  test('at ws: there is none', async () => {
    const listener = await managerOf({ transport: websocket() }).listen('ws://127.0.0.1:0')
    const manager = managerOf({ transport: websocket() })
    instrument(manager, { tracer })
    await manager.connect(listener.address.href)
    expect(spanOf('qudag.connection_setup')).toBeDefined()
    expect(spanOf('qudag.tls_handshake')).toBeUndefined()
  })
})
