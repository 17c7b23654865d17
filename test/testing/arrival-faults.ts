/** Faults of arrivals, of refusals, and of the reasons of a close. */
import { type Planted, never, IS_DONE, IS_REFUSED, IS_GONE } from './planted-fault.ts'

/** What an arrival, a refusal or a reason may have wrong. */
export const ARRIVAL_FAULTS: readonly Planted[] = [
  ['hands over links where it is asked for arrivals', [IS_DONE, IS_REFUSED, IS_GONE], { isPlain: true }],
  [
    'admits before anybody has',
    [IS_DONE, IS_REFUSED, IS_GONE],
    {
      arrival(a) {
        const link = a.admit()
        return { admit: () => link }
      },
    },
  ],
  ['refuses without a reason', [IS_REFUSED], { arrival: (a) => ({ refuse: ({ code }) => a.refuse({ code, reason: 'unknown' }) }) }],
  ['makes up a code', [IS_REFUSED], { arrival: (a) => ({ refuse: (refusal) => a.refuse({ ...refusal, code: 'ERR_DENIED' }) }) }],
  ['loses the pause of a refusal', [IS_REFUSED], { arrival: (a) => ({ refuse: ({ code, reason }) => a.refuse({ code, reason }) }) }],
  ['does not tell that an arrival is gone', [IS_GONE], { arrival: () => ({ onGone() {} }) }],
  [
    'tells everybody who asked that an arrival is gone',
    [IS_GONE],
    {
      arrival(a) {
        const all: (() => void)[] = []
        return {
          onGone(f) {
            all.push(f)
            a.onGone(() => all.splice(0).forEach((g) => g()))
          },
        }
      },
    },
  ],
  [
    'gives a link of an arrival that is gone',
    [IS_GONE],
    {
      arrival: (a) => ({
        admit() {
          try {
            return a.admit()
          } catch {
            return { remoteAddress: '', bufferedBytes: 0, attach() {}, send: () => true, pause() {}, resume() {}, close: never, abort() {} }
          }
        },
      }),
    },
  ],
  ['does not say why it closes', ['a close says why'], { link: (l) => ({ close: () => l.close() }) }],
  [
    'makes up a reason',
    ['a close says why'],
    { handler: (h) => ({ closed: (end) => h.closed(end.kind === 'remote' ? { reason: 'idle', ...end } : end) }) },
  ],
]
