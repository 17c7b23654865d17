/** The cores of one machine: what a second worker of `node:cluster` adds, with the limit and the peers shared between them. */
import { dialing, sending } from './fleet-processes.mjs'
import { AT_ONCE } from './real-links.mjs'
import { sized } from './workload.mjs'

export function cases(size) {
  const dials = sized(size, { tiny: 40, smoke: 500, normal: 3_000 })
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
      contenders: contenders((store, processes) => dialing(store, processes, dials)),
    },
    {
      name: `messages of 1 KB over ${links} links of all workers, until another process has them`,
      unit: 'a second',
      more: true,
      contenders: contenders((store, processes) => sending(store, processes, links, messages)),
    },
  ]
}
