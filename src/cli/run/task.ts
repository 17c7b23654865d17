/** A task is what the file says, and the command line over it; nothing in it contradicts itself. */
import { inboundCeiling } from '../../../machines/policy/inbound-share.ts'
import type { ManagerOptions } from '../../runtime/options/options.ts'
import { UsageError, type Given } from '../arguments.ts'
import { tcp } from '../../transports/tcp.ts'
import { unix } from '../../transports/unix.ts'
import type { Transport } from '../../transports/transport.ts'
import { websocket } from '../../transports/websocket.ts'
import { type CertificateFiles, checkCertificate, readCertificate } from './certificate.ts'
import { checkIdentity, type IdentityChoice } from './identity.ts'
import { lineLogger, type LogLevel } from '../line-logger.ts'
import type { ReadyWhen } from '../readiness.ts'
import type { Fleet } from '../../fleet/fleet.ts'
import { checkFleet, type FleetChoice } from './fleet.ts'
import { readConfigFile } from './config-file.ts'
import { SETTINGS } from './settings.ts'
import type { SupervisionOptions } from './supervision.ts'
import { contradiction, objectOf, override, type Values } from './values.ts'
import { shareOf } from './worker.ts'

/** What of the manager's options can be set, as a file says it. */
type Options = Pick<
  ManagerOptions,
  | 'admission'
  | 'allow'
  | 'breaker'
  | 'closeTimeoutMs'
  | 'connectTimeoutMs'
  | 'deny'
  | 'evictionGraceMs'
  | 'heartbeat'
  | 'limits'
  | 'maxWaiting'
  | 'poolTimeoutMs'
  | 'rate'
  | 'reconnect'
  | 'waitTimeoutMs'
>

/** All that can be set, as a file says it. */
export interface Task extends Options {
  readonly listen?: readonly string[]
  readonly tls?: CertificateFiles
  readonly identity?: IdentityChoice
  readonly fleet?: FleetChoice
  readonly connect?: readonly string[]
  readonly keep?: readonly string[]
  readonly maxConnections: number
  readonly echo?: boolean
  readonly send?: string
  readonly everyMs?: number
  readonly seconds?: number
  readonly serve?: { readonly metrics?: string; readonly readyWhen?: readonly ReadyWhen[] }
  readonly report: { readonly metricsSeconds: number; readonly json: boolean; readonly record?: string; readonly logLevel?: LogLevel }
}

const EVERY_MS = 1_000

/** What is to be done, every default filled in. @throws UsageError that names the flag, or the file and the field */
export function readTask(given: Given<typeof SETTINGS>, file: string | undefined): Task {
  const fromLine = valuesOf(given)
  const conflict = contradiction(fromLine)
  if (conflict !== undefined) throw new UsageError(`${flagOf(conflict.off)} off and ${flagOf(conflict.set)} exclude each other`)
  const fromFile = file === undefined ? new Map<string, unknown>() : readConfigFile(file, SETTINGS)
  const asked = override(fromFile, fromLine)
  // Each value has passed the check of the setting at its place.
  const task = objectOf(override(standards(asked), asked)) as unknown as Task
  return checkTask(task)
}

/** What a manager is told of a task, and whom it listens to, connects and answers. @throws UsageError where a certificate cannot be used */
export function supervisionOf(task: Task, encrypted?: Transport, node?: Fleet): SupervisionOptions {
  const {
    listen = [],
    tls = {},
    identity: ____,
    fleet: _____,
    connect = [],
    keep = [],
    echo = false,
    send,
    everyMs = EVERY_MS,
    maxConnections,
    seconds: _,
    report: { logLevel },
    serve: ___,
    ...options
  } = task
  const certificate = readCertificate(tls)
  const transport: readonly Transport[] = [
    tcp(),
    websocket(certificate === undefined ? {} : { tls: certificate }),
    unix(),
    ...(encrypted === undefined ? [] : [encrypted]),
  ]
  const kept = [...new Set(keep)]
  const connected = [...new Set(connect)].filter((address) => !kept.includes(address))
  const { reconnect } = options
  return {
    listen,
    keep: shareOf(kept),
    connect: shareOf(connected),
    maxConnections,
    ...(encrypted?.localPeerId === undefined ? {} : { localPeerId: encrypted.localPeerId }),
    // Whoever asks a shell for a connection wants it for as long as the command runs.
    manager: {
      ...options,
      ...(node === undefined ? {} : { fleet: node }),
      ...(certificate === undefined && encrypted === undefined ? {} : { transport }),
      ...(logLevel === undefined ? {} : { logger: lineLogger(logLevel) }),
      reconnect: reconnect === false ? false : { attempts: Infinity, ...reconnect },
    },
    echo,
    ...(send === undefined ? {} : { refrain: { data: new TextEncoder().encode(send), everyMs } }),
  }
}

/** What of it goes together. */
function checkTask(task: Task): Task {
  const {
    listen = [],
    tls = {},
    identity = {},
    fleet = {},
    connect = [],
    keep = [],
    echo = false,
    send,
    everyMs,
    maxConnections,
    serve,
  } = task
  const wanted = new Set([...connect, ...keep]).size
  if (listen.length + wanted === 0) throw new UsageError('nothing to do: give --listen URL, --connect URL, --keep URL, or several')
  if (wanted > maxConnections) throw new UsageError(`--max must be at least the ${wanted} of --connect and --keep, got '${maxConnections}'`)
  checkCertificate(tls, listen)
  checkFleet(fleet)
  checkIdentity(identity, [...listen, ...connect, ...keep])
  // Two that echo would pass one message to and fro for ever.
  if (echo && send !== undefined) throw new UsageError('--echo and --send exclude each other: let one side send and the other echo')
  if (serve?.readyWhen !== undefined && serve.metrics === undefined) throw new UsageError('--ready-when needs --metrics-listen ADDR')
  if (everyMs !== undefined && send === undefined) throw new UsageError('--every needs --send TEXT')
  return task
}

function valuesOf(given: Given<typeof SETTINGS>): Values {
  const values = new Map<string, unknown>()
  for (const [name, { path, group }] of Object.entries(SETTINGS)) {
    const value = given[name as keyof typeof SETTINGS]
    if (value !== undefined) values.set(value === false && group !== undefined ? group : path, value)
  }
  return values
}

function standards(asked: Values): Values {
  const values = new Map(
    Object.values(SETTINGS).flatMap(({ path, fallback }) => (fallback === undefined ? [] : [[path, fallback] as const])),
  )
  const max = asked.get(SETTINGS.max.path) ?? SETTINGS.max.fallback
  return values.set(SETTINGS['max-inbound'].path, inboundCeiling(Number(max), undefined))
}

/** The flag of a place in a file, or of the object that it leads. */
function flagOf(place: string): string {
  const [name] = Object.entries(SETTINGS).find(([, { path, group }]) => path === place || group === place) ?? [place]
  return `--${name}`
}
