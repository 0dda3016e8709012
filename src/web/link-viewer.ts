import type { FastifyInstance } from 'fastify';
import { askedLanguage } from '../pages/language.ts';
import { pageHeaders } from '../pages/page-headers.ts';
import type { TimeZone } from '../values/time-zone.ts';
import { type LinkFrame, linkPage } from './pages/link-page.tsx';
import { renderPage } from './render-page.ts';
import type { PageAssets } from './shell.tsx';

type LinkViewer = {
  readonly assets: PageAssets;
  readonly zone: TimeZone;
  /** Those of the schedule. */
  readonly vaccines: () => LinkFrame['vaccines'];
};

/** `/app/link`: for whoever was given a link, who has no account here. */
export async function linkViewer(
  app: FastifyInstance,
  { assets, zone, vaccines }: LinkViewer,
): Promise<void> {
  const render = renderPage(assets, zone)(linkPage);
  app.get('/app/link', (request, reply) => {
    const { cookie, 'accept-language': acceptLanguage } = request.headers;
    const { language } = askedLanguage(request.url, { cookie, acceptLanguage });
    return reply
      .headers(pageHeaders())
      .send(render({ language, csrf: '', here: '/app/link', vaccines: vaccines() }));
  });
}
