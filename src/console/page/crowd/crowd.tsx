/** Every peer can be found, pointed at, reached by keyboard and opened. */
import { signal } from '@preact/signals'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { ConnectionStatus } from '../../../../machines/domain/connection-status.ts'
import { statusOf, type PeerState } from '../../../../machines/domain/peer-state.ts'
import { count } from '../state/numbers.ts'
import { goTo, openPeer } from '../state/route.ts'
import { batchListeners, crowd, hello, isOver, replay } from '../state/session.ts'
import { inNextFrame } from '../state/frame.ts'
import { CrowdCanvas, type Shown } from './crowd-canvas.ts'
import { CrowdFilter } from './crowd-filter.tsx'
import { CrowdTip, summaryOf } from './crowd-tip.tsx'
import type { Sort, View } from './order.ts'

/** What the reader asked to see of the crowd. */
const wish = signal<{
  readonly text: string
  readonly hidden: ReadonlySet<ConnectionStatus>
  readonly sort: Sort
  readonly isDescending: boolean
}>({
  text: '',
  hidden: new Set(),
  sort: 'id',
  isDescending: false,
})

/** Where the reader is: at a peer, also when others come and go around it; where it was, once that peer is gone. */
interface Cursor {
  readonly place: number
  readonly peerId: string
}

/** The crowd. */
export function Crowd() {
  const states = hello.value?.states
  return (
    <section class="card crowd" id="crowd" aria-labelledby="crowd-title">
      <header class="card-head">
        <h2 id="crowd-title">Every peer</h2>
        <p class="hint">One cell each, coloured by status. Point at one to see its peer's id; open it to see all of it.</p>
      </header>
      {states !== undefined && <Cells states={states} />}
    </section>
  )
}

function Cells({ states }: { states: readonly PeerState[] }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const box = useRef<HTMLDivElement>(null)
  const painter = useRef<CrowdCanvas | undefined>(undefined)
  const [shown, setShown] = useState<Shown | undefined>(undefined)
  const [cursor, setCursor] = useState<Cursor | undefined>(undefined)
  const [hover, setHover] = useState(-1)
  const view = viewOf(states)

  useEffect(() => {
    const own = new CrowdCanvas(canvas.current!, crowd, states, viewOf(states), setShown)
    painter.current = own
    const resized = new ResizeObserver(([entry]) => own.resize(entry!.contentRect.width))
    resized.observe(box.current!)
    const paint = (): void => inNextFrame(own.paint)
    batchListeners.add(paint)
    return () => {
      batchListeners.delete(paint)
      resized.disconnect()
      own.end()
    }
  }, [states])
  useEffect(() => painter.current?.look(view), [wish.value])

  const layout = shown?.layout
  const total = shown?.count ?? 0
  const at = cursor === undefined ? -1 : placeOf(cursor, painter.current, total)
  const slot = at < 0 ? undefined : painter.current?.order.slots[at]
  const pointTo = (place: number): void => setCursor({ place, peerId: crowd.ids[painter.current?.order.slots[place] ?? -1] ?? '' })
  const pointToFirst = (): void => {
    if (at < 0 && total > 0) pointTo(0)
  }
  // The focus can be here before the first peer is.
  useLayoutEffect(() => {
    if (document.activeElement === box.current) pointToFirst()
  }, [total > 0])
  const pick = (event: MouseEvent): number => painter.current?.placeAt(event.offsetX, event.offsetY) ?? -1
  const open = (place: number): void => {
    const peer = painter.current?.order.slots[place]
    if (peer !== undefined) goTo(crowd.ids[peer] ?? null)
  }
  const move = (event: KeyboardEvent): void => {
    const next = step(event.key, Math.max(0, at), layout?.columns ?? 1, total, at < 0)
    if (event.key === 'Enter' || event.key === ' ') open(at)
    else if (next === undefined) return
    else {
      pointTo(next)
      reveal(box.current!, Math.floor(next / layout!.columns) * layout!.height, layout!.height)
    }
    event.preventDefault()
    event.stopPropagation()
  }
  const point = hover >= 0 ? hover : at
  const pointed = point < 0 ? undefined : painter.current?.order.slots[point]
  return (
    <>
      <CrowdFilter wish={wish} shown={total} />
      <div
        ref={box}
        class="crowd-box"
        role="listbox"
        tabIndex={0}
        aria-label={`${count(total)} peers. Arrows move, Enter opens.`}
        aria-activedescendant={slot === undefined ? undefined : 'crowd-cursor'}
        data-testid="crowd"
        data-shown={total}
        data-kind={layout?.kind}
        onKeyDown={move}
        onFocus={pointToFirst}
        onScroll={() => painter.current?.scrollTo(box.current!.scrollTop)}
        onMouseLeave={() => setHover(-1)}
      >
        <div class="crowd-room" style={{ height: `${(layout?.rows ?? 0) * (layout?.height ?? 0)}px` }}>
          <canvas
            ref={canvas}
            aria-hidden="true"
            onMouseMove={(event) => setHover(pick(event))}
            onClick={(event) => {
              if (pick(event) >= 0) pointTo(pick(event))
              open(pick(event))
            }}
          />
          {slot !== undefined && layout !== undefined && (
            <div
              class="crowd-cursor"
              id="crowd-cursor"
              role="option"
              aria-selected={crowd.ids[slot] === openPeer.value}
              aria-label={summaryOf(crowd, slot, states)}
              style={{
                left: `${(at % layout.columns) * layout.width}px`,
                top: `${Math.floor(at / layout.columns) * layout.height}px`,
                width: `${layout.width - (layout.kind === 'tiles' ? 6 : 0)}px`,
                height: `${layout.height - (layout.kind === 'tiles' ? 6 : 0)}px`,
              }}
            />
          )}
        </div>
        {total === 0 && <Nobody />}
      </div>
      <CrowdTip slot={pointed} states={states} />
    </>
  )
}

function Nobody() {
  if (crowd.size > 0) return <p class="empty-note">No peer matches. Clear the filter to see all {count(crowd.size)}.</p>
  if (replay.value !== undefined) return <p class="empty-note">No peers at this point of the recording.</p>
  if (isOver.value) return <p class="empty-note">No peers: the manager has stopped.</p>
  return (
    <p class="empty-note" data-testid="no-peers">
      No peers yet. <code>connect()</code> or <code>listen()</code> makes some.
    </p>
  )
}

function placeOf({ place, peerId }: Cursor, painter: CrowdCanvas | undefined, total: number): number {
  const slots = painter?.order.slots ?? []
  const here = slots[place]
  if (here !== undefined && crowd.ids[here] === peerId) return place
  const now = slots.findIndex((slot) => crowd.ids[slot] === peerId)
  return now < 0 ? Math.min(place, total - 1) : now
}

function viewOf(states: readonly PeerState[]): View {
  const { text, hidden, sort, isDescending } = wish.value
  return { text, sort, isDescending, shown: states.map((state) => !hidden.has(statusOf(state))) }
}

function step(key: string, from: number, columns: number, total: number, isNew: boolean): number | undefined {
  const by: Readonly<Record<string, number>> = {
    ArrowLeft: -1,
    ArrowRight: 1,
    ArrowUp: -columns,
    ArrowDown: columns,
    PageUp: -5 * columns,
    PageDown: 5 * columns,
    Home: -total,
    End: total,
  }
  if (by[key] === undefined || total === 0) return undefined
  return isNew ? 0 : Math.max(0, Math.min(total - 1, from + by[key]))
}

function reveal(box: HTMLElement, top: number, height: number): void {
  if (top < box.scrollTop) box.scrollTop = top
  else if (top + height > box.scrollTop + box.clientHeight) box.scrollTop = top + height - box.clientHeight
}
