/** A transport that a user writes, as the example does, passes the suite as ours do. */
import { type Transferable, Worker } from 'node:worker_threads'
import { build } from 'esbuild'
import { type CuttableEnds, farSide, testTransport, type TransportEnds } from 'qudag-connections/testing'
import { describe, test } from 'vitest'
import { messagePort } from '../../examples/message-port/message-port.ts'

const ADDRESS = 'message-port:'
/** Its links are open as soon as they are asked for, and a close says no more than that it is one. */
const CANNOT = { dialer: ['admit', 'reasons'], listener: ['admit', 'reasons'] } as const

testTransport('messagePort', { open: inOneThread, crash: inTwoThreads, cannot: CANNOT }, { describe, test })

function inOneThread(): TransportEnds {
  const { port1, port2 } = new MessageChannel()
  return {
    dialer: messagePort({ port: port1 }),
    listener: messagePort({ port: port2 }),
    address: ADDRESS,
    close: () => port1.close(),
  }
}

/** The victim is in a thread of its own, which can be ended. */
async function inTwoThreads(victim: 'dialer' | 'listener'): Promise<CuttableEnds> {
  const { port1, port2 } = new MessageChannel()
  const worker = new Worker(await farProgram(), { eval: true, workerData: port2, transferList: [port2 as unknown as Transferable] })
  const here = messagePort({ port: port1 })
  const there = farSide({
    post: (text) => worker.postMessage(text, []),
    listen: (hear) => void worker.on('message', hear),
  })
  return {
    ...(victim === 'dialer' ? { dialer: there, listener: here } : { dialer: here, listener: there }),
    address: ADDRESS,
    cut: async () => void (await worker.terminate()),
    close: () => port1.close(),
  }
}

async function farProgram(): Promise<string> {
  const contents = `
    import { parentPort, workerData } from 'node:worker_threads'
    import { serveSide } from 'qudag-connections/testing'
    import { messagePort } from '../../examples/message-port/message-port.ts'
    serveSide(messagePort({ port: workerData }), {
      post: (text) => parentPort.postMessage(text),
      listen: (hear) => parentPort.on('message', hear),
    })`
  const stdin = { contents, resolveDir: import.meta.dirname, loader: 'ts' } as const
  const { outputFiles } = await build({
    stdin,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    conditions: ['source', 'module'],
    external: ['ws'],
    write: false,
  })
  return outputFiles[0]!.text
}
