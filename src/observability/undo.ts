/** What was begun is undone by a call, or by `using`. */
/// <reference lib="esnext.disposable" preserve="true" />

/** Undoes it: called, or disposed of. Idempotent. */
export interface Undo extends Disposable {
  (): void
}
