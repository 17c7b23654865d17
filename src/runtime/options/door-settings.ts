/** The settings of the door: limits per host and in all, rates, and lists of arriving links, checked once, where they enter. */
import { cidrSet, LOOPBACK, type CidrSet } from '../../../machines/domain/cidr-set.ts'
import { parseCidr, type Cidr } from '../../../machines/domain/ip.ts'
import { assertInteger } from '../../../machines/domain/limits.ts'
import { assertKnown, type Known } from '../../../machines/domain/options.ts'
import type { PeerId } from '../../../machines/domain/peer-id.ts'
import { readAccessList, type AccessList, type AccessRules } from '../../../machines/policy/access.ts'
import type { ArrivalPolicy } from '../../../machines/policy/arrival.ts'
import type { Direction } from '../../../machines/policy/duel.ts'
import { INBOUND_DEFAULTS, RATE_DEFAULTS, withDefaults } from './defaults.ts'

/** Ceilings for links that others open. @since 0.1.0 */
export interface InboundLimitsOptions {
  /**
   * How many slots inbound links may use, so that a flood cannot block our own dials; 0: none come in.
   * @default 80 % of `maxConnections`, rounded down, at least 1
   */
  readonly inbound?: number
  /**
   * How many arriving links may wait for an asynchronous `gate`; and, where it is given, how many connections may be at their handshake at once,
   * at all listeners together, before they have shown or proven who they are: one more, and the oldest silent one yields. Each transport bounds those by itself too: `maxHandshakes`, `maxHandshakesPerHost`.
   * @default 10: for the gate; for handshakes what the transports say
   */
  readonly pendingInbound?: number
  /** The most live inbound links of one host: an IPv4 address, or an IPv6 /56. `Infinity`: no bound. @default 8 */
  readonly perHost?: number
  /** The most live inbound links of one IPv6 /48. `Infinity`: no bound. @default 64 */
  readonly perSubnet?: number
  /** CIDRs that no limit or rate per host counts. @default loopback, private and link-local ranges */
  readonly exempt?: readonly string[]
}

/** How often others may come. What is no IP address, as with an in-process transport, is not counted. @since 0.1.0 */
export interface RateOptions {
  /** Inbound links of one host each second, in the long run. @default 5 */
  readonly perSecond?: number
  /** Inbound links of one host at once. @default 16 */
  readonly burst?: number
  /** Inbound links of all hosts but loopback each second, and at once. `Infinity`: no bound. @default 500 */
  readonly total?: number
}

/** Whom a gate is asked about. @since 0.1.0 */
export interface GateRequest {
  /** `outbound`: a dial is about to begin; `inbound`: a link has arrived. */
  readonly direction: Direction
  /** Who it is; inbound, where `isProven` is false, only a name for where it came from. */
  readonly peerId: PeerId
  /** Whether the transport has proven the peer id. An outbound peer has proven nothing yet. */
  readonly isProven: boolean
  /** Where an inbound link came from. */
  readonly remoteAddress?: string
}

/** Says whether somebody may pass: only `true` lets them. What it throws or rejects with denies them. @since 0.1.0 */
export type Gate = (request: GateRequest) => boolean | Promise<boolean>

/** Who may come in, and how many. */
export interface DoorOptions {
  readonly limits?: InboundLimitsOptions
  readonly rate?: false | RateOptions
  readonly allow?: readonly string[]
  readonly deny?: readonly string[]
  readonly gate?: Gate
}

/** Checked options of the door. */
export interface DoorSettings {
  readonly access: AccessRules
  readonly exempt: CidrSet
  readonly loopback: CidrSet
  readonly arrivals: ArrivalPolicy
  /** What was asked for; undefined: a share of `maxConnections`. */
  readonly inbound: number | undefined
  readonly pendingInbound: number
  readonly pendingHandshakes: number
  readonly gate: Gate | undefined
}

/** The ceilings, by name. */
export const INBOUND_LIMITS_OPTIONS = {
  inbound: true,
  pendingInbound: true,
  perHost: true,
  perSubnet: true,
  exempt: true,
} as const satisfies Known<InboundLimitsOptions>
const RATE_OPTIONS = { perSecond: true, burst: true, total: true } as const satisfies Known<RateOptions>

/** Checks the options of the door. @throws TypeError or RangeError that names the option */
export function checkDoor({ limits = {}, rate = {}, allow = [], deny = [], gate }: DoorOptions): DoorSettings {
  const { inbound } = limits
  const { pendingInbound, perHost, perSubnet, exempt } = withDefaults(INBOUND_DEFAULTS, limits)
  if (inbound !== undefined) assertInteger('limits.inbound', inbound, 0)
  assertInteger('limits.pendingInbound', pendingInbound, 1)
  assertCount('limits.perHost', perHost)
  assertCount('limits.perSubnet', perSubnet)
  if (gate !== undefined && typeof gate !== 'function') throw new TypeError(`gate must be a function, got ${typeof gate}`)
  return {
    access: { allow: checkList('allow', allow), deny: checkList('deny', deny) },
    exempt: cidrSet(checkRanges('limits.exempt', exempt)),
    loopback: cidrSet(checkRanges('loopback', LOOPBACK)),
    arrivals: { perHost, perSubnet, ...checkRate(rate) },
    inbound,
    pendingInbound,
    pendingHandshakes: limits.pendingInbound ?? Infinity,
    gate,
  }
}

function checkRate(rate: false | RateOptions): Pick<ArrivalPolicy, 'hostRate' | 'totalRate'> {
  if (rate === false) return { hostRate: undefined, totalRate: undefined }
  if (typeof rate !== 'object' || rate === null) throw new TypeError('rate must be an object or false')
  assertKnown('rate', rate, RATE_OPTIONS)
  const { perSecond, burst, total } = withDefaults(RATE_DEFAULTS, rate)
  assertPositive('rate.perSecond', perSecond)
  assertInteger('rate.burst', burst, 1)
  if (total !== Infinity) assertInteger('rate.total', total, 1)
  return { hostRate: { perSecond, burst }, totalRate: total === Infinity ? undefined : { perSecond: total, burst: total } }
}

function checkList(name: string, entries: readonly string[]): AccessList {
  assertTexts(name, entries)
  const list = readAccessList(entries)
  if (typeof list === 'string') throw new RangeError(`${name} must hold peer ids, IP addresses and CIDRs, got '${list}'`)
  return list
}

function checkRanges(name: string, entries: readonly string[]): Cidr[] {
  assertTexts(name, entries)
  return entries.map((entry) => {
    const range = parseCidr(entry)
    if (range === undefined) throw new RangeError(`${name} must hold IP addresses and CIDRs, got '${entry}'`)
    return range
  })
}

function assertTexts(name: string, entries: unknown): void {
  if (!Array.isArray(entries)) throw new TypeError(`${name} must be an array of strings`)
  for (const entry of entries as readonly unknown[]) {
    if (typeof entry !== 'string') throw new TypeError(`${name} must hold strings, got ${entry === null ? 'null' : typeof entry}`)
  }
}

function assertCount(name: string, value: number): void {
  if (value !== Infinity) assertInteger(name, value, 0)
}

function assertPositive(name: string, value: unknown): void {
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number, got ${value === null ? 'null' : typeof value}`)
  if (!Number.isFinite(value) || value <= 0) throw new RangeError(`${name} must be a finite number above 0, got ${value}`)
}
