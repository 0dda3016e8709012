import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ownScopeBase } from '../../access/scope.ts';
import { Problem } from '../../fhir/problem.ts';
import { openToAll } from '../../values/open-to-all.ts';
import { tableOf } from '../../values/table-of.ts';
import type { AuthServer } from '../auth-server.ts';
import { authenticateClient } from '../clients/authenticate-client.ts';
import { openRegisteredOrigins } from '../clients/registered-origins.ts';
import { noteMethods } from '../refuse-methods.ts';
import { openidConfiguration, smartConfiguration, smartStyle } from './discovery.ts';
import { type Form, parseForm } from './form.ts';
import { introspect, revoke } from './introspection.ts';
import { launchTold, prepareLaunch } from './launch-endpoint.ts';
import { OAuthError } from './oauth-error.ts';
import { toldByForm, toldByToken } from './tell-endpoint.ts';
import { answerTokenRequest, requireLeave } from './token-endpoint.ts';

type Options = { readonly server: AuthServer };

/** What apps ask: discovery, tokens, introspection, revocation, launches. Every failure is JSON by RFC 6749, 5.2. */
export async function oauthRoutes(app: FastifyInstance, { server }: Options): Promise<void> {
  app.setErrorHandler(answerError);
  const refuseOthers = noteMethods(app);
  addDiscovery(app, server);
  addEndpoints(app, server);
  refuseOthers(refuseMethod);
  app.all('/auth/*', async () => {
    throw new OAuthError('invalid_request', 'There is nothing at this path', 404);
  });
}

function addDiscovery(app: FastifyInstance, server: AuthServer): void {
  const documents = {
    '/fhir/.well-known/smart-configuration': async () => smartConfiguration(server),
    '/.well-known/openid-configuration': async () => openidConfiguration(server),
    '/auth/jwks': () => server.keys.publicKeys(),
    '/auth/style.json': async () => smartStyle,
  } as const;
  for (const [url, answer] of Object.entries(documents)) {
    app.get(url, async (_request, reply) => sendJson(reply.headers(openToAll), 200, await answer()));
    app.options(url, async (_request, reply) => reply.headers(openToAll).status(204).send());
  }
}

function addEndpoints(app: FastifyInstance, server: AuthServer): void {
  const isRegistered = openRegisteredOrigins(server.clients, server.epoch);
  const allow = async ({ headers }: FastifyRequest, reply: FastifyReply) => {
    reply.header('vary', 'Origin');
    const { origin } = headers;
    if (origin === undefined || !(await isRegistered(origin))) return;
    reply.headers({
      'access-control-allow-origin': origin,
      'access-control-allow-methods': 'POST, OPTIONS',
      'access-control-allow-headers': 'accept, authorization, content-type',
      'access-control-expose-headers': 'www-authenticate',
    });
  };
  const endpoints: Readonly<Record<string, Answer>> = tableOf({
    '/auth/token': (form, request) => {
      const query = `grant_type=${knownGrant(form)}`;
      return toldByForm(server, { interaction: 'token', form, request, query }, () =>
        answerTokenRequest(server, form, request.headers.authorization),
      );
    },
    '/auth/introspect': (form, request) =>
      toldByForm(server, { interaction: 'introspect', form, request }, async () => {
        await requireIntrospector(server, form, request);
        return introspect(server, form);
      }),
    '/auth/revoke': (form, request) =>
      toldByForm(server, { interaction: 'revoke', form, request }, async () => {
        const { authorization } = request.headers;
        await revoke(server, form, await authenticateClient(server.assertions, { form, authorization }));
        return {};
      }),
  });
  for (const [url, answer] of Object.entries(endpoints)) {
    app.options(url, { onRequest: allow }, async (_request, reply) => reply.status(204).send());
    app.post(url, { onRequest: allow }, async (request, reply) => {
      return sendJson(reply, 200, await answer(parseForm(formOf(request)), request));
    });
  }
  app.post('/auth/launch', async (request, reply) => {
    const ehr = await server.bearer.entitlementOf(request);
    const body = parseJson(request);
    const asked = { interaction: 'launch', request, query: launchTold(body) } as const;
    const answer = await toldByToken(server, asked, ehr, () => prepareLaunch(server, ehr, body));
    return sendJson(reply, 201, answer);
  });
}

/** The kinds of grants that there are; what else stands there may be anything. */
function knownGrant(form: Form): string {
  const named = form.get('grant_type') ?? '';
  return ['authorization_code', 'refresh_token', 'client_credentials'].includes(named) ? named : 'other';
}

/** RFC 6749, 3.2: the endpoints are posted to. */
async function refuseMethod(): Promise<never> {
  throw new OAuthError('invalid_request', 'The method is none of those that are allowed here', 405);
}

type Answer = (form: Form, request: FastifyRequest) => Promise<object>;

/** RFC 7662, 2.1: a client that can keep a secret, or a token with the scope for it. */
async function requireIntrospector(server: AuthServer, form: Form, request: FastifyRequest): Promise<void> {
  const { authorization } = request.headers;
  if (/^Bearer /i.test(authorization ?? '')) {
    const asks = await server.bearer.entitlementOf(request);
    if (!asks) throw new OAuthError('invalid_token', 'The access token is not good', 401);
    if (asks.scopes.some(({ text }) => text === `${ownScopeBase}introspect`)) return;
    throw new OAuthError('insufficient_scope', `The scope ${ownScopeBase}introspect is needed`, 403);
  }
  const client = await authenticateClient(server.assertions, { form, authorization });
  if (client.kind === 'public')
    throw new OAuthError('invalid_client', 'A client without a secret may not ask');
  requireLeave(server, client);
}

function formOf(request: FastifyRequest): string {
  const type = request.headers['content-type'] ?? '';
  if (!/^application\/x-www-form-urlencoded\b/i.test(type)) {
    throw new OAuthError('invalid_request', 'The body must be application/x-www-form-urlencoded');
  }
  return typeof request.body === 'string' ? request.body : '';
}

function parseJson({ headers, body }: FastifyRequest): unknown {
  if (!/^application\/json\b/i.test(headers['content-type'] ?? '')) {
    throw new OAuthError('invalid_request', 'The body must be application/json');
  }
  try {
    return JSON.parse(typeof body === 'string' ? body : '');
  } catch {
    throw new OAuthError('invalid_request', 'The body is no JSON');
  }
}

/** RFC 6749, 5.1: a token is kept by nobody on the way. */
function sendJson(reply: FastifyReply, status: number, answer: object): FastifyReply {
  if (reply.getHeader('cache-control') !== 'public, max-age=300') {
    reply.headers({ 'cache-control': 'no-store', pragma: 'no-cache' });
  }
  return reply.status(status).type('application/json').send(JSON.stringify(answer));
}

function answerError(
  thrown: FastifyError | OAuthError | Problem,
  request: FastifyRequest,
  reply: FastifyReply,
) {
  const { status, code, text } = judge(thrown);
  if (status >= 500 && !(thrown instanceof Problem)) {
    request.log.error({ reqId: request.id, err: thrown }, 'a request to the authorization server failed');
  }
  if (status === 401 || code === 'insufficient_scope') {
    reply.header('www-authenticate', challengeFor(request, code));
  }
  const retryAfter = thrown instanceof Problem ? thrown.retryAfter : undefined;
  if (retryAfter !== undefined || status === 503) reply.header('retry-after', retryAfter ?? 1);
  return sendJson(reply, status, { error: code, error_description: text });
}

function judge(thrown: FastifyError | OAuthError | Problem) {
  if (thrown instanceof OAuthError) return { status: thrown.status, code: thrown.code, text: thrown.message };
  if (thrown instanceof Problem) {
    return { status: thrown.status, code: 'temporarily_unavailable', text: thrown.message };
  }
  // Fastify's own refusals: too long, of a type that is not read.
  if (thrown.statusCode !== undefined && thrown.statusCode < 500) {
    return { status: thrown.statusCode, code: 'invalid_request', text: 'The request cannot be read' };
  }
  return { status: 500, code: 'server_error', text: 'The server failed; its log has the details' };
}

/** RFC 6749, 5.2: in the way that the client has used. */
function challengeFor({ headers }: FastifyRequest, code: string): string {
  const isBearer = code === 'invalid_token' || /^Bearer /i.test(headers.authorization ?? '');
  return isBearer ? `Bearer realm="jenner", error="${code}"` : 'Basic realm="jenner"';
}
