/** A scripted link with `ping`: apart, because `ping` is there only where a link can measure round trips. */
import { ScriptedLink } from './scripted-link.ts'

/** A scripted link that measures round trips. */
export class PingingScriptedLink extends ScriptedLink {
  get receivedBytes(): number {
    return this.partBytes
  }

  assure(): void {
    this.noteAssurance()
  }

  ping(signal: AbortSignal): Promise<number> {
    return this.sendPing(signal)
  }
}
