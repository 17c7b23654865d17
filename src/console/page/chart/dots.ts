/** Dots travel along the arrows where little flows; never so many that they cost frames. */
import { isCalm } from '../state/theme.ts'

const MOST = 14
const TRAVEL = 650
const SVG = 'http://www.w3.org/2000/svg'

/** The dots of one chart. */
export class Dots {
  readonly #home: Element | null
  #travelling = 0

  constructor(chart: Element) {
    this.#home = chart.querySelector('.dots')
  }

  /** Sends a dot along an edge, unless enough are on their way. */
  send(edge: Element): void {
    const path = edge.querySelector('.line')?.getAttribute('d')
    if (this.#home === null || path == null || this.#travelling >= MOST || isCalm.matches || document.hidden) return
    this.#travelling++
    const dot = document.createElementNS(SVG, 'circle')
    dot.setAttribute('r', '4')
    dot.style.offsetPath = `path("${path}")`
    this.#home.append(dot)
    const journey = dot.animate({ offsetDistance: ['0%', '100%'] }, { duration: TRAVEL, easing: 'ease-in-out' })
    journey.addEventListener('finish', () => {
      this.#travelling--
      dot.remove()
    })
  }
}
