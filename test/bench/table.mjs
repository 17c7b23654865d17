/** Every figure in the table says what it is of, and every bar whether it is met. */

/** A case with its contenders' ratios and bars. */
export function judged(workload, part, measured) {
  const byName = Object.fromEntries(measured.map((contender) => [contender.name, contender]))
  const [first] = measured
  const contenders = measured.map(({ ratio, ...contender }, index) => {
    if (contender.median === undefined) return contender
    const isFirst = index === 0
    const value =
      ratio !== undefined ? ratio(byName) : isFirst || first.median === undefined ? undefined : timesBetter(first, contender, part)
    if (value === undefined || Number.isNaN(value)) return contender
    const { bar } = contender
    if (bar === undefined) return { ...contender, ratio: value }
    return { ...contender, ratio: value, isMet: isMet(value, bar), isHopeless: bar.hopeless !== undefined && value > bar.hopeless }
  })
  return { workload, part: part.name, unit: part.unit, contenders }
}

function timesBetter(first, other, { more }) {
  return more === true ? first.median / other.median : other.median / first.median
}

function isMet(value, { atLeast = -Infinity, atMost = Infinity }) {
  return value >= atLeast && value <= atMost
}

/** The rows of one judged case. */
export function rowsOf({ workload, part, unit, contenders }) {
  return contenders.map(({ name, version, median, min, max, ratio, bar, isMet: met, missing, error }, index) => ({
    workload: index === 0 ? workload : '',
    case: index === 0 ? part : '',
    contender: version === undefined ? name : `${name} ${version}`,
    median: median === undefined ? (error === undefined ? (missing ?? '–') : 'went wrong') : `${figure(median)} ${unit}`,
    'min – max': median === undefined ? '' : `${figure(min)} – ${figure(max)}`,
    ratio: ratio === undefined ? '' : figure(ratio),
    bar: bar === undefined ? '' : bar.atLeast === undefined ? `≤ ${bar.atMost}` : `≥ ${bar.atLeast}`,
    '': met === undefined ? '' : met ? 'met' : '**not met**',
  }))
}

/** Three digits that count. */
export function figure(value) {
  const size = Math.abs(value)
  if (size >= 1_000) return Math.round(value).toLocaleString('en')
  return size >= 100 ? value.toFixed(0) : size >= 10 ? value.toFixed(1) : size >= 1 || size === 0 ? value.toFixed(2) : value.toPrecision(2)
}

/** Rows as a Markdown table. */
export function tableOf(rows) {
  const keys = Object.keys(rows[0])
  const widths = keys.map((key) => Math.max(3, key.length, ...rows.map((row) => row[key].length)))
  const line = (cells) => `| ${cells.map((cell, i) => cell.padEnd(widths[i])).join(' | ')} |`
  return [line(keys), line(widths.map((width) => '-'.repeat(width))), ...rows.map((row) => line(keys.map((key) => row[key])))].join('\n')
}
