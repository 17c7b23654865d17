/** The command `run` refuses what is asked wrongly before anything begins, and ends in order what has begun. */
import type { Transition } from '../../../machines/domain/transition.ts'
import type { Console } from '../../console/index.ts'
import { readFlags, type Given } from '../arguments.ts'
import { CommandRecording } from '../command-recording.ts'
import type { Command } from '../command.ts'
import { openConsole } from '../console-link.ts'
import { ConsoleOutput } from '../console-output.ts'
import { JsonReport } from '../json-report.ts'
import { readPlace } from '../metrics-place.ts'
import { serveMetrics, type MetricsServer } from '../metrics-server.ts'
import { readinessOf } from '../readiness.ts'
import { LiveReport } from '../live-report.ts'
import { noteworthy } from '../plain-lines.ts'
import { PlainReport } from '../plain-report.ts'
import type { Report } from '../report.ts'
import { Stop } from '../stop.ts'
import { CONFIG_HELP, FLAGS, HELP } from './help.ts'
import { fleetBy, isPrimaryOf, superviseWorkers, workersOf } from './fleet.ts'
import { FleetWatch } from './fleet-watch.ts'
import { tlsBy } from './identity.ts'
import { Supervision } from './supervision.ts'
import { readTask, supervisionOf, type Task } from './task.ts'
import { checkPorts, isWorker, ownFile, ownPort, shareOf, tellBegun } from './worker.ts'

/** `qudag-connections run`. */
export const run: Command = {
  name: 'run',
  summary: 'supervise connections to real peers',
  help: HELP,
  async run(args) {
    const output = new ConsoleOutput()
    const [first, topic] = args
    if (first === '--help' && topic === 'config') return output.print(CONFIG_HELP)
    const given = readFlags(args, FLAGS)
    if (given === 'help') return output.print(HELP)
    await begin(given, output)
  },
}

async function begin(given: Given<typeof FLAGS>, output: ConsoleOutput): Promise<void> {
  const task = readTask(given, given.config)
  const { console: consoleAt } = given
  checkServed(task, consoleAt)
  if (given['print-config'] === true) return output.print(JSON.stringify(task, null, 2))
  if (isPrimaryOf(task.fleet ?? {})) return lead(task, output)
  const node = fleetBy(task.fleet ?? {}, task.maxConnections)
  const supervision = new Supervision(supervisionOf(task, await tlsBy(task.identity), node?.node))
  const stop = new Stop(output.gone)
  let report: Report | undefined
  let recording: CommandRecording | undefined
  let served: Console | undefined
  let metrics: MetricsServer | undefined
  let watch: FleetWatch | undefined
  try {
    recording = await CommandRecording.of(supervision.manager, fileBy(task))
    await supervision.listen()
    if (consoleAt !== undefined) served = await openConsole(supervision.manager, consoleAt, ownPort)
    metrics = await openMetrics(supervision, task)
    if (task.seconds !== undefined) stop.after(task.seconds)
    report = reportOn(supervision, output, task)
    tellBegun()
    if (served !== undefined) report.note('console', served.url, { url: served.url })
    if (metrics !== undefined) report.note('serving', metrics.url, { url: metrics.url })
    if (node !== undefined) watch = new FleetWatch(node.node, report)
    await supervision.run(report, stop)
  } finally {
    watch?.close()
    await supervision.end(report)
    await recording?.end()
    await served?.close()
    await metrics?.close()
    await node?.close()
    stop.dispose()
  }
}

/** The workers do what is asked: each is a node of the fleet, and this process keeps their store. */
async function lead({ fleet: { workers = 2 } = {}, seconds }: Task, output: ConsoleOutput): Promise<void> {
  const stop = new Stop(output.gone)
  try {
    if (seconds !== undefined) stop.after(seconds)
    await superviseWorkers(workers, stop.told, (line) => output.print(line))
  } finally {
    stop.dispose()
  }
}

function fileBy({ report: { record } }: Task): string | undefined {
  return record === undefined ? undefined : ownFile(record)
}

/** Whether each worker has ports of its own for what it serves. @throws UsageError */
function checkServed({ fleet = {}, serve }: Task, consoleAt: number | 'usual' | undefined): void {
  const place = readPlace(serve?.metrics ?? '')
  checkPorts(workersOf(fleet), [
    ...(place === undefined ? [] : [{ flag: '--metrics-listen', port: place.port }]),
    ...(typeof consoleAt === 'number' ? [{ flag: '--console', port: consoleAt }] : []),
  ])
}

async function openMetrics({ manager }: Supervision, { serve, keep = [] }: Task): Promise<MetricsServer | undefined> {
  if (serve?.metrics === undefined) return undefined
  return serveMetrics(manager, serve.metrics, () => readinessOf(manager, serve.readyWhen ?? [], shareOf(keep)), ownPort)
}

function reportOn(supervision: Supervision, output: ConsoleOutput, { report: { json, metricsSeconds } }: Task): Report {
  const metricsMs = metricsSeconds * 1_000
  const { exchange } = supervision
  const totals = () => ({ received: exchange.received, sent: exchange.sent })
  if (json) return new JsonReport(supervision, output, { metricsMs, totals })
  return output.isTerminal && !isWorker()
    ? new LiveReport(supervision, output)
    : new PlainReport(supervision, output, { metricsMs, kindOf })
}

/** Here it is news that somebody comes or goes. */
function kindOf(transition: Transition): string | undefined {
  if (transition.to === 'Connected') return 'connected'
  return transition.reason === 'remote-closed' ? 'closed' : noteworthy(transition)
}
