/** Has every contender of one workload do a tiny round, all in this process, and verify itself. Nothing is measured. */
import { setImmediate } from 'node:timers/promises'

const [name] = process.argv.slice(2)
const { cases } = await import(new URL(`${name}.bench.mjs`, import.meta.url).href)
for (const part of cases('tiny')) {
  for (const contender of part.contenders) {
    const prepared = await contender.run()
    if (prepared.missing === undefined) {
      const figure = await prepared.round()
      if (!Number.isFinite(figure)) throw new Error(`${part.name}: ${contender.name} measured ${figure}`)
    }
    await prepared.stop?.()
    console.log(`${contender.name}${prepared.missing === undefined ? '' : `: ${prepared.missing}`}`)
    await setImmediate()
  }
}
process.exit()
