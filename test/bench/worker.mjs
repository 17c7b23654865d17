/** One contender of one workload, in a process of its own: prepares, runs a round when asked, stops. */
const [name, contender] = process.argv.slice(2)
const { contenders } = await import(new URL(`${name}.bench.mjs`, import.meta.url).href)
let prepared

process.on('message', (request) => {
  void answer(request)
})

async function answer(request) {
  try {
    if (request === 'prepare') prepared = await contenders[contender]()
    const result = request === 'round' ? await prepared.round() : undefined
    if (request === 'stop') await prepared.stop?.()
    process.send({ result })
  } catch (error) {
    process.send({ error: error?.stack ?? String(error) })
  }
}
