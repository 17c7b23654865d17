/**
 * A source is read as Stately Studio and the VS Code extension read it, by their own extractor, without
 * being run.
 *
 * A program: takes a list of sources as JSON on stdin, and prints what is found in each. It runs by itself, as the extractor
 * is not to be had under the conditions that a test asks Node for.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

// It wants XState 4, and so is found beside the one that there is.
const { extractMachinesFromFile } = createRequire(new URL('../../src/inspect/xstate-inspect/package.json', import.meta.url))(
  '@xstate/machine-extractor',
)

const sources = JSON.parse(readFileSync(0, 'utf8'))
console.log(JSON.stringify(sources.map((source) => (extractMachinesFromFile(source)?.machines ?? []).map(found))))

function found(machine) {
  return { config: machine.toConfig(), nodes: [...nodesOf(machine.machineCallResult.definition.node)] }
}

/** Every node of a literal, but for the keys of properties, and for the function that gives the first context. */
function* nodesOf(node) {
  const { type, computed = false, key, value } = node
  yield { type, computed, line: node.loc.start.line }
  if (type === 'ObjectProperty' && key.name === 'context') return
  for (const child of node.elements ?? node.properties ?? (type === 'ObjectProperty' ? [value] : [])) yield* nodesOf(child)
}
