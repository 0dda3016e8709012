// Bundles what browsers load: the style sheet and the icon of the pages.
import { build } from 'esbuild';

/** Writes to dist/assets; src/shipped/web-assets.ts reads it and names each file by its content. */
export async function buildWeb() {
  await build({
    entryPoints: ['web/styles.css', 'web/icon.svg'],
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
