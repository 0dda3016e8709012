import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '../../fhir/problem.ts';
import { audited } from '../../interaction/audit/audited.ts';
import type { Frame } from '../../pages/auth-pages.ts';
import { pageHeaders } from '../../pages/page-headers.ts';
import { problemCodeOf } from '../../pages/problem-code.ts';
import type { TimeZone } from '../../values/time-zone.ts';
import { renderPage } from '../render-page.ts';
import { roleName } from '../role-name.ts';
import type { PageAssets } from '../shell.tsx';
import { type Translate, translator } from '../translate.ts';
import type { PageDoor, PageProblem, Visit } from './page-door.ts';
import type { Answer, Drawing, SitePage } from './site-page.ts';
import type { SiteServices } from './site-services.ts';

export type SiteOptions = {
  readonly door: PageDoor;
  readonly pages: readonly SitePage[];
  readonly services: SiteServices;
  readonly assets: PageAssets;
  /** Where the registry is. */
  readonly zone: TimeZone;
};

/** A form with the six doses of a visit fits into far less. */
const maxForm = 256 * 1024;

/**
 * The pages of who has signed in. Each request is opened by the door (session, form token), goes by the access decision
 * of its visitor, and leaves one row of the audit with all whom the page showed.
 */
export async function sitePlugin(app: FastifyInstance, options: SiteOptions): Promise<void> {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: maxForm },
    (_request, body, done) => done(null, body),
  );
  app.setErrorHandler((thrown: Error, request, reply) => answerFailure(options, thrown, request, reply));
  for (const page of options.pages) {
    app.get(page.path, (request, reply) => answer(options, page, request, reply));
    if (page.post) app.post(page.path, (request, reply) => answer(options, page, request, reply));
  }
}

async function answer(
  options: SiteOptions,
  page: SitePage,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const opened = await options.door.open(request, reply);
  if (opened.kind === 'answered') return opened.reply;
  const { visit } = opened;
  if (page.roles && !page.roles.includes(visit.visitor.role)) {
    const detail = rolesWords(page.roles, translator(visit.frame.language, options.zone));
    return options.door.fail(request, reply, { status: 403, code: 'forbidden', detail });
  }
  const answered = await perform(options, page, visit, request.method);
  return send(options, visit, answered, { request, reply });
}

/** Who may do it, for whoever grants roles. */
function rolesWords(roles: readonly string[], t: Translate): string {
  return t('problem.needs-role', { roles: t.list(roles.map((role) => roleName(t, role))) });
}

function perform({ services }: SiteOptions, page: SitePage, visit: Visit, method: string): Promise<Answer> {
  const { ctx, from } = visit;
  const interaction = `page ${page.name}`;
  if (method === 'POST') {
    // What is written tells of itself, in the unit of the write.
    const start = { interaction, action: 'U', from, tellsItself: true } as const;
    return audited(ctx, start, async () => page.post?.(visit, services) ?? { kind: 'nothing' });
  }
  return audited(ctx, { interaction, action: 'R', from }, () => page.get(visit, services));
}

type Exchange = { readonly request: FastifyRequest; readonly reply: FastifyReply };

function send(
  { door, assets, zone }: SiteOptions,
  { frame }: Visit,
  answered: Answer,
  { request, reply }: Exchange,
): FastifyReply | Promise<FastifyReply> {
  switch (answered.kind) {
    case 'page': {
      const html = renderPage(
        assets,
        zone,
      )((page: Frame, t) => answered.draw({ frame: page, t } satisfies Drawing))(frame);
      if (answered.refresh) {
        reply.header('refresh', `${answered.refresh.seconds}; url=${answered.refresh.to}`);
      }
      return reply
        .status(answered.status ?? 200)
        .headers(pageHeaders())
        .send(html);
    }
    case 'go':
      return reply.header('cache-control', 'no-store').redirect(answered.to, 303);
    case 'file':
      return reply
        .headers(pageHeaders())
        .header('content-type', answered.type)
        .header('content-disposition', `attachment; filename="${answered.name}"`)
        .send(answered.write(translator(frame.language, zone)));
    case 'nothing':
      return door.fail(request, reply, { status: 404, code: 'not-found' });
  }
}

async function answerFailure(
  { door }: SiteOptions,
  thrown: Error,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const problem = judge(thrown);
  if (problem.status === 500) request.log.error({ reqId: request.id, err: thrown }, 'a page failed');
  return door.fail(request, reply, { ...problem, requestId: request.id });
}

/** What a page cannot put into words of its own. */
function judge(thrown: Error): PageProblem {
  if (!(thrown instanceof Problem)) {
    const { statusCode = 500 } = thrown as FastifyError;
    const status = Math.min(statusCode, 500);
    return { status, code: problemCodeOf(status) };
  }
  const { status } = thrown;
  if (status === 404 || status === 410) return { status: 404, code: 'not-found' };
  if (status === 403) return { status, code: 'forbidden' };
  if (status === 409 || status === 412) return { status, code: 'changed' };
  return { status, code: problemCodeOf(status) };
}
