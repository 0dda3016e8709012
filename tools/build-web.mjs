// Bundles what browsers load: the style sheet of the pages, and the script of the demo's sample app.
import { build } from 'esbuild';

/** Writes to dist/assets; src/shipped/web-assets.ts reads it and names each file by its content. */
export async function buildWeb() {
  await build({
    entryPoints: [
      'web/styles.css',
      'web/review-keys.ts',
      'web/link-viewer.ts',
      'web/sample-app/sample-app.ts',
      'web/sample-app/sample-app.css',
      'web/icon.svg',
    ],
    outdir: 'dist/assets',
    entryNames: '[name]',
    loader: { '.svg': 'copy' },
    bundle: true,
    minify: true,
    format: 'iife',
    target: ['chrome111', 'firefox114', 'safari16.4'],
    logLevel: 'warning',
  });
}
