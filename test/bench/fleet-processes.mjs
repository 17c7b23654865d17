/** Several processes of one fleet as a contender: they dial at once, or send at once, to a listener in another process. */
import cluster from 'node:cluster'
import { fileURLToPath } from 'node:url'
import { serveClusterStore } from 'qudag-connections/fleet/cluster'
import { farSide } from './far-side.mjs'
import { delivered } from './real-links.mjs'
import { verify } from './workload.mjs'

/** Starts them. @param store `cluster`, `none` for one that is in no fleet, or the URL of a Redis */
async function started(store, processes, limit) {
  const far = await farSide('bare')
  if (store === 'cluster') serveClusterStore()
  cluster.setupPrimary({ exec: fileURLToPath(new URL('fleet-worker.mjs', import.meta.url)), args: [], execArgv: [], silent: false })
  const workers = Array.from({ length: processes }, (_, i) =>
    cluster.fork({ BENCH_FLEET: JSON.stringify({ store, limit, port: far.port, name: `n${i}` }) }),
  )
  const ready = Promise.all(workers.map((worker) => answerOf(worker, 'ready')))
  const ask = (bench, count) => Promise.all(workers.map((worker) => answerOf(worker, bench, count)))
  await ready
  await ask('joined')
  return {
    far,
    ask,
    async stop() {
      await ask('stop')
      const gone = workers.map((worker) => new Promise((resolve) => worker.once('exit', resolve)))
      for (const worker of workers) worker.disconnect()
      await Promise.all(gone)
      await far.stop()
    },
  }
}

function answerOf(worker, bench, count) {
  return new Promise((resolve, reject) => {
    const end = () => {
      worker.off('message', hear)
      worker.off('exit', died)
    }
    const hear = (message) => {
      // The store's own messages pass through the same channel.
      if (message.bench !== bench) return
      end()
      if (message.error === undefined) resolve(message.done)
      else reject(new Error(message.error))
    }
    const died = (code) => {
      end()
      reject(new Error(`a node ended with ${code}`))
    }
    worker.on('message', hear).on('exit', died)
    if (bench !== 'ready') worker.send({ bench, count })
  })
}

/**
 * Dials and closes for so many milliseconds, all processes at once.
 *
 * @param figure `a second`: how many all of them dial; `cost`: the milliseconds of processor time that they take for each, which
 * says what a fleet costs where the cores are taken by others too, the other side and the store among them
 */
export async function dialing(store, processes, ms, figure = 'a second') {
  const { ask, stop } = await started(store, processes, 200 * processes)
  return {
    async round() {
      const start = performance.now()
      const done = await ask('dial', ms)
      const seconds = (performance.now() - start) / 1_000
      const dials = done.reduce((sum, one) => sum + one.dials, 0)
      verify(
        done.every((one) => one.dials > 0),
        `${done.map((one) => one.dials).join(', ')} dials`,
      )
      return figure === 'cost' ? done.reduce((sum, { cpuMs }) => sum + cpuMs, 0) / dials : dials / seconds
    },
    stop,
  }
}

/** Sends over so many links in all, until the other side has it; how many messages a second. */
export async function sending(store, processes, links, messages) {
  const { far, ask, stop } = await started(store, processes, 2 * links)
  const each = Math.ceil(links / processes)
  await ask('open', each)
  const all = Array.from({ length: each * processes })
  let isAsked = false
  return {
    round() {
      isAsked = false
      return delivered(far, all, messages, () => {
        if (isAsked) return undefined
        isAsked = true
        return ask('send', messages)
      })
    },
    stop,
  }
}
