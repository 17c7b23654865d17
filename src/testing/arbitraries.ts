/** Generators (fast-check) of whatever a user, the other side or time may do to a manager; they shrink. */
/** @ts-ignore: without the optional package its types are `any`, and the other declarations of this subpath hold. */
import type * as FastCheck from 'fast-check'
import { ConnectionStatus } from '../../machines/domain/connection-status.ts'
import { MAX_PEER_ID_LENGTH, type PeerId } from '../../machines/domain/peer-id.ts'
import type { Command, Fault } from './command.ts'

/** What `command` and `commands` generate. @since 0.1.0 */
export interface CommandOptions {
  /** How many peers take part. @default 4 */
  readonly peers?: number
  /** Durations around which time is moved, in milliseconds: the TTL, the timeouts. @default [1_000] */
  readonly durations?: readonly number[]
  /** The highest limit that `setLimits` sets. @default 4 */
  readonly maxConnections?: number
  /** Which commands take part. @default all but shutdown and stop */
  readonly types?: readonly Command['type'][]
  /** The longest run. @default 40 */
  readonly maxLength?: number
}

/** The arbitraries; made by {@link arbitraries}. @since 0.1.0 */
export interface Arbitraries {
  /** Any valid peer id: URLs, short and longest ones, any characters. */
  peerId(): FastCheck.Arbitrary<PeerId>
  /** What breaks a dial or a link. */
  fault(): FastCheck.Arbitrary<Fault>
  /** Steps of time: none, one, and one before, at and after each of the durations, in milliseconds. */
  timeStep(durations: readonly number[]): FastCheck.Arbitrary<number>
  /** One thing that happens. */
  command(options?: CommandOptions): FastCheck.Arbitrary<Command>
  /** A run of them. */
  commands(options?: CommandOptions): FastCheck.Arbitrary<Command[]>
}

type Type = Command['type']
type Recipe = { readonly [T in Type]: (weight: number) => FastCheck.WeightedArbitrary<Extract<Command, { type: T }>> }

/** How often each command comes up, against the others. */
const WEIGHTS: { readonly [T in Type]: number } = {
  connect: 10,
  openDial: 10,
  disconnect: 6,
  release: 4,
  hangUp: 1,
  arrive: 5,
  finishClose: 4,
  advanceToDeadline: 4,
  remoteClose: 3,
  failLink: 2,
  failDial: 3,
  updateStatus: 3,
  receive: 4,
  abortCaller: 2,
  advance: 2,
  updateStatuses: 2,
  setLimits: 2,
  openLate: 2,
  read: 2,
  stopReading: 1,
  readAll: 1,
  send: 1,
  recordMessage: 1,
  shutdown: 1,
  stop: 1,
}

const ENDS: readonly Type[] = ['shutdown', 'stop']
const ALL_BUT_ENDS = (Object.keys(WEIGHTS) as Type[]).filter((type) => !ENDS.includes(type))
const FAULTS = ['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EHOSTUNREACH', 'EPIPE']

/**
 * The arbitraries, made with your own copy of fast-check, which so stays an optional peer of this subpath.
 *
 * @since 0.1.0
 * @example
 * import fc from 'fast-check'
 * const { commands } = arbitraries(fc)
 * fc.assert(fc.asyncProperty(commands({ peers: 3 }), async (run) => console.log(run)))
 */
export function arbitraries(fc: typeof FastCheck.default): Arbitraries {
  const nth = fc.nat({ max: 7 })
  const status = fc.constantFrom(...Object.values(ConnectionStatus))
  const bytes = fc.constantFrom(0, 1, 10, 40)

  const fault = (): FastCheck.Arbitrary<Fault> =>
    fc.record({ code: fc.constantFrom(...FAULTS), message: fc.constantFrom('refused', 'gone', 'broken') })

  const timeStep = (durations: readonly number[]): FastCheck.Arbitrary<number> =>
    fc.oneof(
      { weight: 1, arbitrary: fc.constantFrom(0, 1) },
      { weight: 3, arbitrary: fc.constantFrom(...durations.flatMap((ms) => [ms - 1, ms, ms + 1]).filter((ms) => ms >= 0), 1) },
      { weight: 1, arbitrary: fc.nat({ max: 2 * Math.max(1, ...durations) }) },
    )

  const command = (options: CommandOptions = {}): FastCheck.Arbitrary<Command> => {
    const { peers = 4, durations = [1_000], maxConnections = 4, types = ALL_BUT_ENDS } = options
    const peer = fc.nat({ max: peers - 1 })
    const entry = fc.tuple(peer, status)
    const recipe: Recipe = {
      connect: weighted({ type: fc.constant('connect'), peer, signal: fc.boolean() }),
      abortCaller: weighted({ type: fc.constant('abortCaller'), nth }),
      disconnect: weighted({ type: fc.constant('disconnect'), peer, pool: fc.boolean() }, ['type', 'peer']),
      release: weighted({ type: fc.constant('release'), nth }),
      hangUp: weighted({ type: fc.constant('hangUp'), nth }),
      updateStatus: weighted({ type: fc.constant('updateStatus'), peer, status }),
      updateStatuses: weighted({ type: fc.constant('updateStatuses'), entries: fc.array(entry, { maxLength: 3 }) }),
      setLimits: weighted(
        {
          type: fc.constant('setLimits'),
          maxConnections: fc.integer({ min: 1, max: maxConnections }),
          poolTimeoutMs: fc.constantFrom(0, ...durations),
        },
        ['type'],
      ),
      recordMessage: weighted({ type: fc.constant('recordMessage'), peer, bytes }),
      send: weighted({ type: fc.constant('send'), nth, bytes }),
      read: weighted({ type: fc.constant('read'), nth }),
      stopReading: weighted({ type: fc.constant('stopReading'), nth }),
      readAll: weighted({ type: fc.constant('readAll'), on: fc.boolean() }),
      openDial: weighted({ type: fc.constant('openDial'), nth }),
      failDial: weighted({ type: fc.constant('failDial'), nth, fault: fault() }),
      openLate: weighted({ type: fc.constant('openLate'), nth }),
      arrive: weighted({ type: fc.constant('arrive'), peer }, ['type']),
      receive: weighted({ type: fc.constant('receive'), nth, bytes }),
      remoteClose: weighted({ type: fc.constant('remoteClose'), nth }),
      failLink: weighted({ type: fc.constant('failLink'), nth, fault: fault() }),
      finishClose: weighted({ type: fc.constant('finishClose'), nth }),
      advance: weighted({ type: fc.constant('advance'), ms: timeStep(durations) }),
      advanceToDeadline: weighted({ type: fc.constant('advanceToDeadline'), offset: fc.constantFrom(0, 1, -1) }),
      shutdown: weighted({ type: fc.constant('shutdown'), timeoutMs: fc.constantFrom(0, ...durations) }),
      stop: weighted({ type: fc.constant('stop') }),
    }
    return fc.oneof(...types.map((type): FastCheck.WeightedArbitrary<Command> => recipe[type](WEIGHTS[type])))
  }

  /** A record of these fields; where `required` is given, the others may be left out. */
  function weighted<C extends Command>(
    fields: { readonly [K in keyof C]-?: FastCheck.Arbitrary<NonNullable<C[K]>> },
    required?: (keyof C)[],
  ): (weight: number) => FastCheck.WeightedArbitrary<C> {
    const arbitrary = fc.record(fields, required === undefined ? {} : { requiredKeys: required })
    return (weight) => ({ weight, arbitrary })
  }

  return {
    peerId: () =>
      fc.oneof(
        fc.webUrl().filter((url) => url.length <= MAX_PEER_ID_LENGTH),
        fc.string({ minLength: 1, maxLength: 64, unit: 'grapheme' }).filter((id) => id.length <= MAX_PEER_ID_LENGTH),
        fc.constantFrom('a', 'a'.repeat(MAX_PEER_ID_LENGTH), '__proto__', 'constructor', ' ', '\0'),
      ),
    fault,
    timeStep,
    command,
    commands: (options = {}) => fc.array(command(options), { maxLength: options.maxLength ?? 40, size: 'max' }),
  }
}
