/** Channels of Node's `diagnostics_channel`, for tracers that know nothing of a manager but the names. */
import type * as diagnostics from 'node:diagnostics_channel'
import type { TraceChannel, TraceChannels } from '../runtime/callbacks/trace-channels.ts'
import { Traces } from './traces.ts'

/** The tracing channels `qudag-connections:…`; undefined: this runtime has none. */
export function nodeChannels({ tracingChannel }: Partial<Pick<typeof diagnostics, 'tracingChannel'>>): TraceChannels | undefined {
  if (tracingChannel === undefined) return undefined
  const channel = (name: string): TraceChannel => tracingChannel(`qudag-connections:${name}`)
  const channels = {
    connect: channel('connect'),
    dial: channel('dial'),
    accept: channel('accept'),
    close: channel('close'),
    evict: channel('evict'),
  }
  return { ...channels, traces: (afterwards) => new Traces(channels, afterwards) }
}
