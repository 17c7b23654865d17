/**
 * The cores of one machine: what a second worker of `node:cluster` adds, with the limit and the peers shared between them. The other side and
 * the primary, which keeps the store, are processes too: with two cores there is none left for a second worker, and its cost is what tells.
 */
import { dialing, sending } from './fleet-processes.mjs'
import { AT_ONCE } from './real-links.mjs'
import { sized } from './workload.mjs'

export function cases(size) {
  const ms = sized(size, { tiny: 50, smoke: 500, normal: 3_000 })
  const links = sized(size, { tiny: 4, normal: 100 })
  const messages = sized(size, { tiny: 10, smoke: 300, normal: 3_000 })
  const contenders = (run) => [
    { name: 'two workers', run: () => run('cluster', 2) },
    { name: 'one worker', run: () => run('cluster', 1) },
    { name: 'one process, no fleet', run: () => run('none', 1) },
  ]
  return [
    {
      name: `claim, dial and close in order, ${AT_ONCE} at once in each worker`,
      unit: 'a second',
      more: true,
      contenders: contenders((store, processes) => dialing(store, processes, ms)),
    },
    {
      name: 'processor time of the workers for one such dial',
      unit: 'ms',
      more: false,
      contenders: contenders((store, processes) => dialing(store, processes, ms, 'cost')),
    },
    {
      name: `messages of 1 KB over ${links} links of all workers, until another process has them`,
      unit: 'a second',
      more: true,
      contenders: contenders((store, processes) => sending(store, processes, links, messages)),
    },
  ]
}
