import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { text } from 'node:stream/consumers'
import { describe, expect, onTestFinished, test } from 'vitest'
import { Subject } from 'rxjs'
import fc from 'fast-check'
import { alertWebhook, type WebhookOptions } from 'qudag-connections/alerting'
import type { Alert } from 'qudag-connections/metrics'
import { flush, VirtualClock } from 'qudag-connections/testing'
import { Signer } from '../../src/observability/signature.ts'

const SECRET = `whsec_${btoa('0123456789abcdef')}`

function alertOf(value: number, state: Alert['state'] = 'raised'): Alert {
  return { name: 'full', state, at: 1_750_000_000_000, since: 0, value, threshold: 0.8, cause: `it is ${value}`, metrics: {} as never }
}

interface Call {
  readonly headers: Readonly<Record<string, string>>
  readonly body: { readonly type: string; readonly data: { readonly value: number; readonly dropped: number } }
  answer(status: number, headers?: Record<string, string>): Promise<void>
  fail(): Promise<void>
}

/** A webhook whose other end is in the test's hand. */
function told(options: Partial<WebhookOptions> = {}) {
  const clock = new VirtualClock()
  const alerts$ = new Subject<Alert>()
  const calls: Call[] = []
  const fetch = (_url: unknown, init: RequestInit = {}) =>
    new Promise<Response>((resolve, reject) => {
      init.signal?.addEventListener('abort', () => reject(init.signal?.reason))
      calls.push({
        headers: init.headers as Record<string, string>,
        body: JSON.parse(init.body as string) as Call['body'],
        answer: (status, headers = {}) => (resolve(new Response(null, { status, headers })), settle()),
        fail: () => (reject(new TypeError('fetch failed')), settle()),
      })
    })
  const webhook = alertWebhook(alerts$, { url: 'https://example.org/hook', secret: SECRET, clock, fetch, ...options })
  const tell = async (alert: Alert) => (alerts$.next(alert), settle())
  return { clock, alerts$, calls, webhook, tell }
}

/** The call of that number, once it is made: a body is signed by another thread, in its own time. */
async function callAt(calls: readonly Call[], index: number): Promise<Call> {
  for (let turn = 0; turn < 10_000 && calls[index] === undefined; turn++) await new Promise((resolve) => void setImmediate(resolve))
  return calls[index] as Call
}

/** Signing is done by another thread. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) {
    await flush()
    await crypto.subtle.digest('SHA-256', new Uint8Array(1))
  }
}

describe('alertWebhook', () => {
  test('signs as Standard Webhooks has it', async () => {
    const signer = new Signer('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')
    expect(await signer.sign('msg_p5jXN8AQM9LWM0D4loKWxJek', 1_614_265_330, '{"test": 2432232314}')).toBe(
      'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    )
  })

  test('tells a real server, in order, with a signature that node:crypto agrees to', async () => {
    const got: string[] = []
    const receive = async ({ headers, ...request }: { headers: IncomingHttpHeaders; body: Promise<string> }) => {
      const body = await request.body
      const signed = ['webhook-id', 'webhook-timestamp'].map((name) => String(headers[name]))
      const mac = createHmac('sha256', '0123456789abcdef')
        .update([...signed, body].join('.'))
        .digest('base64')
      got.push(headers['webhook-signature'] === `v1,${mac}` ? body : 'forged')
    }
    const server = createServer((request, response) => {
      void receive({ headers: request.headers, body: text(request) }).then(() => response.writeHead(204).end())
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => server.close().closeAllConnections())
    const { port } = server.address() as { port: number }
    const alerts$ = new Subject<Alert>()
    {
      await using webhook = alertWebhook(alerts$, { url: `http://127.0.0.1:${port}/`, secret: SECRET, name: 'edge' })
      alerts$.next(alertOf(0.9))
      alerts$.next(alertOf(0.5, 'cleared'))
      expect(webhook.queued).toBe(2)
    }
    expect(alerts$.observed).toBe(false)
    expect(got.map((body) => JSON.parse(body) as unknown)).toMatchObject([
      { type: 'alert.raised', timestamp: '2025-06-15T15:06:40.000Z', data: { manager: 'edge', name: 'full', value: 0.9, dropped: 0 } },
      { type: 'alert.cleared', data: { state: 'cleared', cause: 'it is 0.5' } },
    ])
  })

  test('tries again under the same id, later each time, until it is told', async () => {
    const { calls, clock, webhook, tell } = told({ baseMs: 100, maxMs: 1_000 })
    await tell(alertOf(1))
    await calls[0]!.answer(503)
    clock.advance(100)
    await settle()
    await calls[1]!.fail()
    clock.advance(200)
    await settle()
    await calls[2]!.answer(200)
    await webhook.settled()
    expect(calls).toHaveLength(3)
    expect(new Set(calls.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
    expect([webhook.queued, webhook.delivered, webhook.dropped, clock.pending]).toEqual([0, 1, 0, 0])
  })

  test('waits as long as it is asked to', async () => {
    const { calls, clock, tell } = told({ baseMs: 1 })
    await tell(alertOf(1))
    await calls[0]!.answer(429, { 'retry-after': '30' })
    clock.advance(29_000)
    await settle()
    expect(calls).toHaveLength(1)
    clock.advance(1_000)
    await settle()
    expect(calls).toHaveLength(2)
  })

  test('a try that is not answered in time is over', async () => {
    const { calls, clock, tell } = told({ baseMs: 0, timeoutMs: 5_000 })
    await tell(alertOf(1))
    clock.advance(5_000)
    await settle()
    clock.advance(1)
    await settle()
    expect(calls).toHaveLength(2)
  })

  test.each([400, 401, 404, 410, 302])('does not try again what is answered by %i, and goes on with the next', async (status) => {
    const dropped: string[] = []
    const { calls, webhook, tell } = told({ onDropped: (_alert, { message }) => dropped.push(message) })
    await tell(alertOf(1))
    await tell(alertOf(2))
    await calls[0]!.answer(status)
    expect(dropped).toEqual([`it answered ${status}`])
    expect(calls[1]!.body.data).toMatchObject({ value: 2, dropped: 1 })
    await calls[1]!.answer(204)
    await webhook.settled()
    expect([webhook.delivered, webhook.dropped]).toEqual([1, 1])
  })

  test('gives up after so many tries', async () => {
    const { calls, clock, webhook, tell } = told({ attempts: 3, baseMs: 10 })
    await tell(alertOf(1))
    for (let attempt = 0; attempt < 3; attempt++) {
      await calls[attempt]!.fail()
      clock.advance(1_000)
      await settle()
    }
    await webhook.settled()
    expect([calls.length, webhook.dropped]).toEqual([3, 1])
  })

  test('keeps the newest where there are too many, and never more than it may', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 12 }), async (maxQueued, count) => {
        const { calls, webhook, tell } = told({ maxQueued })
        await tell(alertOf(0))
        for (let value = 1; value < count; value++) {
          await tell(alertOf(value))
          expect(webhook.queued).toBeLessThanOrEqual(maxQueued)
        }
        for (let answered = 0; webhook.queued > 0; answered++) {
          await (await callAt(calls, answered)).answer(200)
        }
        expect(calls.at(-1)!.body.data.value).toBe(count - 1)
        expect(webhook.delivered + webhook.dropped).toBe(count)
      }),
      { numRuns: 30 },
    )
  })

  test.each(['end', 'signal'])('is ended by %s: what waits is given up, and nothing is left', async (how) => {
    const controller = new AbortController()
    const { alerts$, calls, clock, webhook, tell } = told({ signal: controller.signal })
    await tell(alertOf(1))
    await tell(alertOf(2))
    if (how === 'end') webhook.end()
    else controller.abort()
    webhook.end()
    await webhook.settled()
    expect([webhook.queued, webhook.dropped, calls.length, clock.pending, alerts$.observed]).toEqual([0, 2, 1, 0, false])
  })

  test('an end in a pause ends the pause', async () => {
    const { calls, clock, webhook, tell } = told()
    await tell(alertOf(1))
    await calls[0]!.fail()
    webhook.end()
    await webhook.settled()
    expect(clock.pending).toBe(0)
  })

  test.each<[object, string]>([
    [{ url: 'ftp://example.org' }, 'url'],
    [{ url: 'https://me:hunter2@example.org' }, 'url'],
    [{ secret: 'hunter2' }, 'secret must be whsec_'],
    [{ secret: 'whsec_c2hvcnQ=' }, 'secret'],
    [{ attempts: 0 }, 'attempts'],
    [{ maxQueued: 0 }, 'maxQueued'],
    [{ timeoutMs: 0 }, 'timeoutMs'],
    [{ onDropped: 1 }, 'onDropped'],
    [{ signal: {} }, 'signal'],
    [{ retries: 1 }, 'retries'],
  ])('refuses %j', (options, name) => {
    expect(() => told(options)).toThrow(name)
    expect(() => told(options)).not.toThrow(/hunter2/)
  })
})
