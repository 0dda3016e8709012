import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '../../fhir/problem.ts';
import type { ProblemCode } from '../../pages/auth-pages.ts';
import { problemCodeOf } from '../../pages/problem-code.ts';
import type { AuthServer } from '../auth-server.ts';
import { FetchError } from '../clients/fetch-json.ts';
import { addEhrPages } from '../ehr/ehr-pages.ts';
import { OAuthError } from '../oauth/oauth-error.ts';
import { noteMethods } from '../refuse-methods.ts';
import { readBrowser } from '../session/browser.ts';
import { addAccountPage } from './account-page.ts';
import { addAppsPage } from './apps-page.ts';
import { addAuthorizePage } from './authorize-page.ts';
import { addConsentPage } from './consent-page.ts';
import { addHomePage } from './home-page.ts';
import { addOwnAppsPage } from './own-apps-page.ts';
import { addPickPage } from './pick-page.ts';
import { seeOther, sendProblem } from './send-page.ts';
import { addSignInPages } from './sign-in-page.ts';

/** What people see of the authorization server; every failure is a page. */
export async function pageRoutes(
  app: FastifyInstance,
  { server }: { readonly server: AuthServer },
): Promise<void> {
  app.setErrorHandler((thrown: Error, request, reply) => answerFailure(server, thrown, request, reply));
  const refuseOthers = noteMethods(app);
  addSignInPages(app, server);
  addAuthorizePage(app, server);
  addPickPage(app, server);
  addConsentPage(app, server);
  if (server.pages.home) addHomePage(app, server, server.pages.home);
  addAppsPage(app, server);
  addOwnAppsPage(app, server);
  addAccountPage(app, server);
  addEhrPages(app, server);
  addFrontDoor(app, server);
  refuseOthers(async (request, reply) => {
    const browser = await readBrowser(server, request, reply);
    return sendProblem(server, request, reply, { status: 405, code: 'unreadable', browser });
  });
  app.all('/app/*', async (request, reply) => {
    const browser = await readBrowser(server, request, reply);
    return sendProblem(server, request, reply, { status: 404, code: 'not-found', browser });
  });
}

/** A browser is led to the pages; whoever else comes is told where things are. */
function addFrontDoor(app: FastifyInstance, { issuer, base }: AuthServer): void {
  app.get('/', async ({ headers }, reply) => {
    reply.header('vary', 'Accept');
    if (/\btext\/html\b/.test(headers.accept ?? '')) return seeOther(reply, '/app');
    return reply.send({
      fhir: base,
      smart_configuration: `${base}/.well-known/smart-configuration`,
      openid_configuration: `${issuer}/.well-known/openid-configuration`,
      pages: `${issuer}/app`,
      health: `${issuer}/health/ready`,
    });
  });
}

async function answerFailure(
  server: AuthServer,
  thrown: Error,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { status, code } = judge(thrown);
  if (status === 500) request.log.error({ reqId: request.id, err: thrown }, 'a page failed');
  if (code === 'busy')
    request.log.warn({ reqId: request.id, reason: thrown.message }, 'a page could not be made');
  const { cookie, key, csrf } = await readBrowser(server, request, reply);
  const told = { status, code, requestId: request.id, browser: { cookie, key, csrf } };
  return sendProblem(server, request, reply, told);
}

function judge(thrown: Error): { readonly status: number; readonly code: ProblemCode } {
  if (thrown instanceof OAuthError) return { status: 400, code: 'unreadable' };
  if (thrown instanceof FetchError) return { status: 502, code: 'busy' };
  const { statusCode = 500 } = thrown as FastifyError;
  const status = thrown instanceof Problem ? thrown.status : Math.min(statusCode, 500);
  return { status, code: problemCodeOf(status) };
}
