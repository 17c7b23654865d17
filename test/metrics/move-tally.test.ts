/** Moves that are counted first and folded later make the metrics that folding each at once makes. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { codeOfState } from '../../machines/domain/peer-state.ts'
import { moveKind } from '../../machines/domain/move-kind.ts'
import { initialMetrics, reduceMetrics } from '../../src/metrics/fold.ts'
import { MoveTally } from '../../src/metrics/move-tally.ts'
import { Model } from './legal-moves.ts'

test('a tally folds into what folding each move would give, wherever somebody looks in between', () => {
  const steps = fc.array(fc.record({ peer: fc.nat(5), pick: fc.nat(20), pause: fc.nat(10), looks: fc.boolean() }), { maxLength: 80 })
  fc.assert(
    fc.property(steps, (given) => {
      const model = new Model()
      const tally = new MoveTally()
      let each = initialMetrics({ at: 0, limit: 4 })
      let late = each
      let at = 0
      for (const { peer, pick, pause, looks } of given) {
        at += pause
        const move = model.move(`peer-${peer}`, pick, at)
        each = reduceMetrics(each, move)
        tally.add(move.at, moveKind(codeOfState(move.fromState), codeOfState(move.toState), move.reason).code)
        if (looks) late = tally.take(late)
        if (looks) expect(late).toEqual(each)
      }
      expect(tally.take(late)).toEqual(each)
    }),
  )
})
