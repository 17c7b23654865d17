/** What a contender's rounds amount to. */
export function summary(samples) {
  if (samples.length === 0) return { samples }
  const sorted = samples.toSorted((a, b) => a - b)
  const half = sorted.length >> 1
  const median = sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
  return { min: sorted[0], median, max: sorted.at(-1), samples }
}

/** The line through points by least squares: how steep it is, and how far off that may be (one standard error). */
export function slope(points) {
  const n = points.length
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / n
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / n
  const spread = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0)
  const value = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / spread
  const rest = points.reduce((sum, [x, y]) => sum + (y - meanY - value * (x - meanX)) ** 2, 0)
  return { value, error: n > 2 ? Math.sqrt(rest / (n - 2) / spread) : Infinity }
}
