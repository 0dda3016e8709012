import { renderToString } from 'preact-render-to-string';
import type { SampleApp } from './demo-types.ts';

/** The page of the sample app: an app of somebody else, which happens to be served from here. */
export function samplePage(
  { clientId, redirect, scope }: SampleApp,
  assets: { readonly script: string; readonly styles: string },
): string {
  const document = (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Sample app</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href={assets.styles} />
        <script src={assets.script} defer />
      </head>
      <body data-client-id={clientId} data-redirect={redirect} data-scope={scope}>
        <main aria-live="polite">
          <p>One moment …</p>
        </main>
        <p>
          <a href="/demo">Back to the demo</a>
        </p>
        <noscript>This app needs scripts.</noscript>
      </body>
    </html>
  );
  return `<!doctype html>${renderToString(document)}`;
}
