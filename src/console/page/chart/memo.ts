/** A part that is drawn once is drawn anew only when something else is to be drawn. */
import { Component, type ComponentChildren } from 'preact'

/** A component that is drawn again only when one of its properties is another. */
export function memo<P extends object>(draw: (properties: P) => ComponentChildren): new (properties: P) => Component<P> {
  return class extends Component<P> {
    override shouldComponentUpdate(next: Readonly<P>): boolean {
      const before: Readonly<Record<string, unknown>> = { ...this.props }
      return Object.entries(next).some(([name, value]) => before[name] !== value)
    }
    override render(): ComponentChildren {
      return draw(this.props)
    }
  }
}
