/** Any plain data can be read, whatever is in it. */

/** Plain data as a list of names and values, nested. */
export function DataTree({ value }: { value: unknown }) {
  if (value === null || value === undefined) return <span class="none">nothing</span>
  if (Array.isArray(value)) {
    if (value.length === 0) return <span class="none">none</span>
    return <Rows rows={value.map((item, index) => [String(index), item] as const)} />
  }
  if (typeof value === 'object' && value !== null) {
    const rows = Object.entries(value).filter(([, item]) => item !== undefined)
    return rows.length === 0 ? <span class="none">none</span> : <Rows rows={rows} />
  }
  return <code class={`value ${typeof value}`}>{typeof value === 'string' ? value : JSON.stringify(value)}</code>
}

function Rows({ rows }: { rows: readonly (readonly [string, unknown])[] }) {
  return (
    <dl class="tree">
      {rows.map(([name, item]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <DataTree value={item} />
          </dd>
        </div>
      ))}
    </dl>
  )
}
