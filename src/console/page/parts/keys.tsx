/** The keys can be looked up where they are used. */
import { useEffect, useRef } from 'preact/hooks'
import { areKeysShown, KEYS, showKeys } from './key-map.ts'

/** The list of keys. */
export function Keys() {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    if (areKeysShown.value) dialog.current?.showModal()
    else dialog.current?.close()
  }, [areKeysShown.value])
  return (
    <dialog ref={dialog} class="keys" aria-labelledby="keys-title" onClose={() => showKeys(false)} data-testid="keys">
      <h2 id="keys-title">Keys</h2>
      <dl>
        {KEYS.map(([keys, what]) => (
          <div key={keys + what}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <button type="button" class="button" onClick={() => showKeys(false)}>
        Close
      </button>
    </dialog>
  )
}
