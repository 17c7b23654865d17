/** What was begun is undone by a call, or by `using`. */
/// <reference lib="esnext.disposable" preserve="true" />

/** Undoes it: called, or disposed of. Idempotent. @since 0.2.0 */
export interface Undo extends Disposable {
  (): void
}
