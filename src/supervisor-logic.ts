/** Every supervisor that runs is measured, and is found by its actor. */
import { platform } from '#platform'
import type { AnyActorRef } from 'xstate'
import { logMoves } from './debug-log.ts'
import { logTo } from './logging.ts'
import { TrafficMeter } from './metrics/traffic-meter.ts'
import { MetricsStream } from './metrics/metrics-stream.ts'
import type { Meter } from './runtime/world/meter.ts'
import { checkOptions } from './runtime/options/check-options.ts'
import type { SupervisorOptions } from './runtime/options/options.ts'
import type { Settings } from './runtime/options/settings.ts'
import { joinFleet } from './runtime/supervisor/fleet-desk.ts'
import type { Supervisor } from './runtime/supervisor/supervisor.ts'
import { createSupervisorActorLogic, type SupervisorLogic } from './runtime/supervisor/supervisor-actor.ts'

/** A supervisor that runs, with its metrics. */
export interface Running {
  readonly supervisor: Supervisor
  readonly metrics: MetricsStream
}

const running = new WeakMap<AnyActorRef, Running>()

/**
 * The actor logic of a supervisor, to invoke or spawn in an app's own machine. It takes the events `peer.connect`,
 * `peer.disconnect` and `peer.report` and emits `peer.transition`; `ConnectionManager.from(ref)` gives all of a manager on
 * its running actor. When the actor is stopped, however that happens, every link is aborted and every child is stopped.
 *
 * Persisted (alone, or within an app's machine), it is plain JSON that holds the limits which were changed at run time and
 * are not as configured. Restored, whatever it was doing, it accepts new work: its other limits are those of `options`,
 * and it has no peers (`restore` takes up the kept ones). A snapshot that is none, or of another version, is the error of
 * the actor that was to be restored, and names the field.
 *
 * @throws TypeError or RangeError that names the option
 * @since 0.1.0
 * @example
 * import { createActor } from 'xstate'
 * const actor = createActor(createSupervisorLogic({ maxConnections: 100, transport: tcp() })).start()
 * actor.on('peer.transition', ({ peerId, to }) => console.log(peerId, to))
 * actor.send({ type: 'peer.connect', peerId: 'tcp://127.0.0.1:7000' })
 */
export function createSupervisorLogic(options: SupervisorOptions): SupervisorLogic {
  const settings = checkOptions(options, platform)
  return createSupervisorActorLogic(settings, (ref, limits) => {
    const meter = new Measured({ ...settings, limits })
    const ready = (supervisor: Supervisor): void => {
      running.set(ref, { supervisor, metrics: meter.metrics })
      if (settings.fleet !== undefined) joinFleet(settings.fleet, supervisor, () => meter.metrics.current)
      if (settings.logger !== undefined) logTo(settings.logger, supervisor)
      if (platform.debug !== undefined) logMoves(supervisor, platform.debug)
    }
    return { meter, ready }
  })
}

/** The supervisor that an actor runs; undefined where it runs none, or has not started. */
export function runningOn(ref: AnyActorRef): Running | undefined {
  return running.get(ref)
}

/** Counts what the runtime says into the metrics. */
class Measured implements Meter {
  readonly metrics: MetricsStream
  readonly #traffic = new TrafficMeter()

  constructor({ clock, limits, metrics, memoryUsage, errors }: Settings) {
    const { maxConnections: limit, maxIdle } = limits
    this.metrics = new MetricsStream({
      clock,
      limit,
      maxIdle,
      sampleMs: metrics.sampleMs,
      windowMs: metrics.windowMs,
      memoryUsage,
      meter: this.#traffic,
      errors,
    })
  }

  move(at: number, code: number): void {
    this.metrics.move(at, code)
  }

  inbound(accepted: boolean): void {
    this.metrics.inbound(accepted)
  }

  limits(limits: Parameters<Meter['limits']>[0]): void {
    this.metrics.limits(limits)
  }

  messageIn(bytes: number): void {
    this.#traffic.messageIn(bytes)
  }

  messageOut(bytes: number): void {
    this.#traffic.messageOut(bytes)
  }

  record(bytes: number): void {
    this.#traffic.record(bytes)
  }

  roundTrip(ms: number): void {
    this.#traffic.roundTrip(ms)
  }

  stop(): void {
    this.metrics.stop()
  }
}
