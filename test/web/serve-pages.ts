import type { AddressInfo } from 'node:net';
import Fastify from 'fastify';
import type { Language } from '../../src/pages/auth-pages.ts';
import { loadWebAssets } from '../../src/shipped/web-assets.ts';
import { utc } from '../../src/values/time-zone.ts';
import { assetsPlugin } from '../../src/web/assets-plugin.ts';
import { authPagesWith } from '../../src/web/auth-pages.ts';
import { shownPages } from '../unit/web/shown-pages.ts';

const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

export type PageServer = { readonly url: string; readonly close: () => Promise<void> };

/** Every page under /LANGUAGE/NAME, as the server sends it. */
export async function servePages(): Promise<PageServer> {
  const app = Fastify();
  const assets = loadWebAssets();
  await app.register(assetsPlugin, { assets: Object.values(assets) });
  const pages = authPagesWith({ styles: assets.styles.path, icon: assets.icon.path }, utc);
  for (const language of ['en', 'es'] as const satisfies readonly Language[]) {
    for (const [name, html] of Object.entries(shownPages(language, pages))) {
      app.get(`/${language}/${name}`, (_request, reply) =>
        reply.header('content-security-policy', policy).type('text/html; charset=utf-8').send(html),
      );
    }
  }
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => app.close() };
}
