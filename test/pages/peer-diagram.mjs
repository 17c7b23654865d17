/** What the README draws of the peer machine is read off the machine. */

/**
 * The four statuses and their substates as a Mermaid state diagram. Between statuses the arrows carry the reasons that
 * `transitions$` tells; within one, the events. Mermaid draws no arrow between the substates of two statuses, so those
 * are drawn from status to status: the table has them one by one.
 *
 * @param {import('xstate').AnyStateMachine} machine
 */
export function peerDiagram(machine) {
  const between = new Labels()
  const within = new Labels()
  for (const { from, event, to, reason, forgotten } of edgesOf(machine)) {
    const [a, b] = [topOf(from), topOf(to)]
    if (a !== b) between.add(a, b, reason)
    else if (from !== to && forgotten === undefined) within.add(leafOf(from), leafOf(to), event)
    if (forgotten !== undefined) between.add(topOf(to), '[*]', forgotten)
  }
  const lines = ['stateDiagram-v2', `  [*] --> ${machine.root.initial.target[0].key}`]
  for (const state of Object.values(machine.root.states)) {
    const inner = Object.values(state.states)
    if (inner.length === 0) {
      lines.push(`  ${state.key}`)
      continue
    }
    const arrows = within.lines().filter(({ from }) => inner.some(({ key }) => key === from))
    lines.push(
      `  state ${state.key} {`,
      `    [*] --> ${state.initial.target[0].key}`,
      ...inner.map(({ key }) => `    ${key}`),
      ...arrows.map(({ text }) => `    ${text}`),
      '  }',
    )
  }
  return ['```mermaid', ...lines, ...between.lines().map(({ text }) => `  ${text}`), '```'].join('\n')
}

/**
 * Every transition of the machine, one a row, in the machine's own order.
 *
 * @param {import('xstate').AnyStateMachine} machine
 */
export function peerTable(machine) {
  const rows = edgesOf(machine).map(({ from, event, guard, to, internal, reason, forgotten }) => [
    from,
    `\`${event}\``,
    guard === undefined ? '' : `\`${guard}\``,
    forgotten === undefined ? (internal ? 'stays' : to) : 'forgotten',
    [reason, forgotten].filter((it) => it !== undefined).join(', then '),
  ])
  return markdownTable(['in', 'on', 'if', 'becomes', 'reason'], rows)
}

/** A table whose columns are padded, as the formatter wants them. */
export function markdownTable(head, rows) {
  const widths = head.map((title, column) => Math.max(3, title.length, ...rows.map((row) => row[column].length)))
  const line = (cells) => `| ${cells.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n')
}

function edgesOf(machine) {
  const edges = []
  const visit = (node) => {
    for (const [event, transitions] of node.transitions) {
      for (const { guard, target, actions } of transitions) {
        const paramOf = (type) => actions.find((action) => action.type === type)?.params.reason
        edges.push({
          from: spell(node),
          event,
          guard,
          to: spell(target?.[0] ?? node),
          internal: target === undefined,
          reason: paramOf('tell'),
          forgotten: paramOf('forget'),
        })
      }
    }
    for (const child of Object.values(node.states)) visit(child)
  }
  for (const state of Object.values(machine.root.states)) visit(state)
  return edges
}

function spell(node) {
  return node.path.join('.')
}

function topOf(state) {
  return state.split('.')[0]
}

function leafOf(state) {
  return state.split('.').at(-1)
}

/** Arrows that lead the same way are one arrow with all their labels, two on a line. */
class Labels {
  #arrows = new Map()

  add(from, to, label) {
    const key = `${from} --> ${to}`
    const arrow = this.#arrows.get(key) ?? { from, labels: new Set() }
    arrow.labels.add(label)
    this.#arrows.set(key, arrow)
  }

  lines() {
    return Array.from(this.#arrows, ([key, { from, labels }]) => ({ from, text: `${key}: ${wrap([...labels])}` }))
  }
}

function wrap(labels) {
  const pairs = []
  for (let i = 0; i < labels.length; i += 2) pairs.push(labels.slice(i, i + 2).join(', '))
  return pairs.join(',<br/>')
}
