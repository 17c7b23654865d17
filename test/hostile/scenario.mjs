/** One attack on one victim, with honest peers beside it, each in a process of its own; gives what the honest ones saw. */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { ATTACKS } from './attacks.mjs'

const fileOf = (name) => fileURLToPath(new URL(name, import.meta.url))

/** Starts a process that is told what to do by its argument; `ask` gives its next answer. */
function processOf(file, argument, { execArgv = [] } = {}) {
  const child = fork(fileOf(file), [JSON.stringify(argument)], {
    stdio: ['ignore', 2, 2, 'ipc'],
    execArgv,
  })
  const gone = new Promise((resolve) => child.once('exit', (code, signal) => resolve(signal ?? code)))
  const next = () =>
    new Promise((resolve, reject) => {
      child.once('message', resolve)
      void gone.then((code) => reject(new Error(`${file} ended with ${code}`)))
    })
  return {
    next,
    gone,
    get isAlive() {
      return child.exitCode === null && child.signalCode === null
    },
    ask(request) {
      const answer = next()
      if (child.connected) child.send(request)
      return answer
    },
    async end() {
      if (child.connected) child.disconnect()
      const killer = setTimeout(() => child.kill('SIGKILL'), 3_000)
      await gone
      clearTimeout(killer)
    },
  }
}

/**
 * Runs an attack.
 *
 * @param kind the victim: `tcp`, `ws`, `bare-tcp` or `bare-ws`
 * @param settings `isCompared`: whether honest peers are timed before it, too; `ms`: how long; `peers`: how many honest ones; `options`, `transport`: the victim's
 */
export async function underAttack(
  name,
  kind,
  { ms = 2_000, peers = 4, options = {}, transport = {}, heapMb = 1_024, isCompared = false } = {},
) {
  const attack = ATTACKS[name]
  const asJson = (value) => JSON.parse(JSON.stringify(value, (_, part) => (part === Infinity ? 'Infinity' : part)))
  const victim = processOf(
    'victim.mjs',
    { kind, does: attack.does ?? 'echo', options: asJson(options), transport: asJson(transport), descriptors: attack.descriptors },
    { execArgv: ['--expose-gc', `--max-old-space-size=${heapMb}`] },
  )
  let attacker
  try {
    const { port } = await victim.next()
    const echoes = (attack.does ?? 'echo') === 'echo'
    const honest = async (forMs) =>
      echoes ? processOf('honest.mjs', { kind: kind.replace(/^(bare|naive)-/, ''), port, peers, ms: forMs }).next() : undefined
    const before = isCompared ? await honest(Math.min(1_000, ms)) : undefined
    await victim.ask('reset')
    const { peakRss: restRss } = await victim.ask('usage')
    attacker = processOf('attacks.mjs', { name, kind, port })
    await attacker.next()
    const during = await (honest(ms) ?? undefined)
    if (!echoes) await new Promise((resolve) => setTimeout(resolve, ms))
    const usage = victim.isAlive ? await victim.ask('usage') : undefined
    return {
      before,
      during,
      isAlive: victim.isAlive,
      exit: victim.isAlive ? undefined : await victim.gone,
      addedRss: usage === undefined ? undefined : usage.peakRss - restRss,
      peers: usage?.peers,
    }
  } catch (error) {
    return { isAlive: victim.isAlive, exit: victim.isAlive ? undefined : await victim.gone, error: error.message }
  } finally {
    await attacker?.end()
    await victim.end()
  }
}
