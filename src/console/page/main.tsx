/** The page is drawn and connected once its document is there. */
import { render } from 'preact'
import { App } from './app.tsx'
import { openServer } from './state/server.ts'

render(<App />, document.querySelector('#app')!)
openServer()
