/** The page is built from here alone, into files that any folder of a server can hold. */
import { defineConfig } from 'vite'

export default defineConfig({
  root: import.meta.dirname,
  // Relative: the page does not know under which path it is served.
  base: './',
  logLevel: 'warn',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../../../dist/src/console/page',
    emptyOutDir: true,
    target: 'es2023',
    // The server's content policy knows no inline script and no data: but images.
    assetsInlineLimit: 0,
    modulePreload: false,
  },
})
