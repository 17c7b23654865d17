/** A notice across the page says why what is shown is not what is, and what happens next. */
import { useEffect, useState } from 'preact/hooks'
import { hello, isOver, replay } from '../state/session.ts'
import { retryNow, serverLink } from '../state/server.ts'

/** The line; nothing while all is well. */
export function Notice() {
  const link = serverLink.value
  if (link.kind === 'lost') return <Lost retryAt={link.retryAt} failures={link.failures} />
  if (link.kind === 'refused')
    return (
      <div class="notice bad" role="alert" data-testid="notice">
        <strong>The server rejected this page’s token.</strong> It may have been restarted: open the URL that it printed.
      </div>
    )
  if (link.kind === 'outdated')
    return (
      <div class="notice bad" role="alert" data-testid="notice">
        <strong>This page is not of the server’s version.</strong>
        <button type="button" onClick={() => location.reload()}>
          Reload
        </button>
      </div>
    )
  if (link.kind === 'ended' || (isOver.value && replay.value === undefined))
    return (
      <div class="notice" role="status" data-testid="notice">
        <strong>{replay.value === undefined ? 'The manager has stopped.' : 'The recording is no longer shown.'}</strong>
        <span>{hello.value === null ? ' There is nothing to be shown.' : ' This is how it ended.'}</span>
        {link.kind === 'ended' && (
          <button type="button" onClick={retryNow}>
            Look again
          </button>
        )}
      </div>
    )
  return null
}

function Lost({ retryAt, failures }: { retryAt: number; failures: number }) {
  const [now, setNow] = useState(performance.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(performance.now()), 250)
    return () => clearInterval(timer)
  }, [])
  const seconds = Math.max(0, Math.ceil((retryAt - now) / 1000))
  return (
    <div class="notice bad" data-testid="notice">
      <strong role="alert">{hello.value === null ? 'No server here.' : 'Lost the server.'}</strong>
      <span>
        {seconds === 0 ? 'Trying again …' : `Trying again in ${seconds} s.`}
        {failures > 0 && ` Tried ${failures === 1 ? 'once' : `${failures} times`} since.`}
        {hello.value !== null && ' What is shown is how it was.'}
      </span>
      <button type="button" onClick={retryNow}>
        Try now
      </button>
    </div>
  )
}
