/** One contender of one case, in a process of its own: prepares, runs a round when asked, stops. */
const [name, part, contender, size] = process.argv.slice(2)
const { cases } = await import(new URL(`${name}.bench.mjs`, import.meta.url).href)
const { run } = cases(size)
  .find((other) => other.name === part)
  .contenders.find((other) => other.name === contender)
let prepared

process.on('message', (request) => {
  void answer(request)
})
process.once('disconnect', () => process.exit())

async function answer(request) {
  try {
    process.send({ result: await carryOut(request) })
  } catch (error) {
    process.send({ error: error?.stack ?? String(error) })
  }
}

async function carryOut(request) {
  switch (request) {
    case 'prepare':
      prepared = await run()
      return prepared.missing
    case 'round':
      // Not after a collection that is asked for: it throws away the compiled code of whatever has no object left just then.
      // V8 does the same by itself to whoever waits for its turn: what it has to compile again is not measured.
      await prepared.warm?.()
      return prepared.round()
    case 'stop':
      await prepared?.stop?.()
      return undefined
  }
}
