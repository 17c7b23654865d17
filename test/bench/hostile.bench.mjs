/** What honest peers and the victim pay while somebody attacks it, beside a bare server that does the same with the same bytes. */
import { ATTACKS } from '../hostile/attacks.mjs'
import { underAttack } from '../hostile/scenario.mjs'
import { sized, verify } from './workload.mjs'

/** Attacks in which honest peers are echoed to. Where a bare server serves nobody at all, there is nothing to compare with. */
const COMPARED = Object.entries(ATTACKS).filter(([, { does, descriptors }]) => does === undefined && descriptors === undefined)
const MIB = 1024 * 1024

export function cases(size) {
  const ms = sized(size, { tiny: 200, smoke: 400, normal: 400, full: 2_000 })
  const attacks = size === 'tiny' ? COMPARED.slice(0, 1) : COMPARED
  return attacks.flatMap(([name, { over }]) =>
    over.flatMap((kind) => [
      {
        name: `${name}, over ${kind}: p99 of an honest round trip`,
        unit: 'ms',
        contenders: contenders(name, kind, ms, ({ during }) => during.p99, {
          ratio: (results) => results[`qudag-connections, ${kind}`].median / results[`bare ${kind}`].median,
          bar: { atMost: 3 },
        }),
      },
      {
        name: `${name}, over ${kind}: memory added`,
        unit: 'MiB',
        rounds: 1,
        fresh: true,
        contenders: contenders(name, kind, ms, ({ addedRss }) => addedRss / MIB, {
          ratio: (results) => results[`qudag-connections, ${kind}`].median,
          bar: { atMost: name.includes('16 MiB') ? 256 : 128 },
        }),
      },
    ]),
  )
}

function contenders(name, kind, ms, read, judged) {
  return [
    { name: `qudag-connections, ${kind}`, run: () => attacked(name, kind, ms, read), ...judged },
    { name: `bare ${kind}`, run: () => attacked(name, `bare-${kind}`, ms, read) },
  ]
}

/** The victim, its honest peers and the attacker are processes of their own. */
function attacked(name, kind, ms, read) {
  return {
    async round() {
      const outcome = await underAttack(name, kind, { ms })
      verify(
        outcome.isAlive && outcome.during !== undefined && outcome.addedRss !== undefined,
        outcome.error ?? `it ended with ${outcome.exit}`,
      )
      // Nobody was answered in all that time: it took at least as long.
      return read({ ...outcome, during: { ...outcome.during, p99: outcome.during.p99 ?? ms + 3_000 } })
    },
  }
}
