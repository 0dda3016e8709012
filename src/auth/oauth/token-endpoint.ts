import { isWithin, parseScope, parseScopes, type Scope } from '../../access/scope.ts';
import { Problem } from '../../fhir/problem.ts';
import type { EpochMs } from '../../values/instant.ts';
import type { AuthServer } from '../auth-server.ts';
import { registeredScopes, scopesNow } from '../bearer/to-entitlement.ts';
import { authenticateClient } from '../clients/authenticate-client.ts';
import type { Client } from '../clients/client.ts';
import { hashSecret } from '../secrets/random-secret.ts';
import type { User } from '../users/user.ts';
import type { Code } from './codes.ts';
import { type Form, required } from './form.ts';
import { type Grant, isByUser, toldContext } from './grant.ts';
import { toIdToken } from './id-token.ts';
import { OAuthError } from './oauth-error.ts';
import { fitsChallenge } from './pkce.ts';

export type TokenAnswer = Readonly<Record<string, unknown>>;

type Asked = { readonly server: AuthServer; readonly form: Form; readonly client: Client };

const accessMs = 3600 * 1000;
/** SMART App Launch 2, backend services. */
const backendMs = 300 * 1000;

/** The token endpoint (RFC 6749, 3.2; SMART App Launch 2). Throws an OAuthError. */
export async function answerTokenRequest(
  server: AuthServer,
  form: Form,
  authorization: string | undefined,
): Promise<TokenAnswer> {
  const type = required(form, 'grant_type');
  const answer = grantTypes[type as keyof typeof grantTypes];
  if (!Object.hasOwn(grantTypes, type)) {
    throw new OAuthError('unsupported_grant_type', 'grant_type is none of those that are supported');
  }
  const named = authorization === undefined ? await namedByRefresh(server, form) : form;
  const client = await authenticateClient(server.assertions, { form: named, authorization });
  requireLeave(server, client);
  return answer({ server, form, client });
}

/** Who names a public app need not be it, and must not use up what its people may ask. */
export function requireLeave({ limits }: AuthServer, { id, kind }: Client): void {
  const wait = kind === 'public' ? 0 : limits.take('client', id);
  if (wait === 0) return;
  const retryAfter = Math.ceil(wait);
  const text = `This app sends more requests than it may; try again in ${retryAfter} s`;
  throw new Problem('too-many-requests', text, { retryAfter });
}

/** SMART App Launch 2.2, refresh: a public client need not name itself beside its refresh token, which is its own. */
async function namedByRefresh(server: AuthServer, form: Form): Promise<Form> {
  const secret = form.get('grant_type') === 'refresh_token' ? form.get('refresh_token') : undefined;
  const says = ['client_id', 'client_secret', 'client_assertion', 'client_assertion_type'];
  if (secret === undefined || says.some((name) => form.get(name) !== undefined)) return form;
  const token = await server.tokens.read(secret);
  return token ? new Map([...form, ['client_id', token.client]]) : form;
}

const grantTypes = {
  authorization_code: redeemCode,
  refresh_token: refresh,
  client_credentials: giveBackend,
} as const;

/** RFC 6749, 4.1.3. */
async function redeemCode({ server, form, client }: Asked): Promise<TokenAnswer> {
  const secret = required(form, 'code');
  const code = await server.codes.read(secret);
  const isTheirs = code?.client === client.id && code.redirect === form.get('redirect_uri');
  // Somebody has it who should not, and what came of it may be theirs.
  if (isTheirs && code.used) await server.grants.revoke(code.grant);
  if (!isTheirs || code.used || !fitsChallenge(form.get('code_verifier'), code.challenge)) throw badCode();
  if (!(await server.codes.use(secret))) {
    await server.grants.revoke(code.grant);
    throw badCode();
  }
  const { grant, user } = await goodGrant(server, code.grant, client);
  return answerFor({ server, client, key: code.grant, grant, user, scopes: grant.scopes, code });
}

function badCode(): OAuthError {
  return new OAuthError(
    'invalid_grant',
    'The code is unknown, has expired, was used, or is not for this request',
  );
}

function badRefresh(): OAuthError {
  return new OAuthError('invalid_grant', 'The refresh token is unknown, has expired or was revoked');
}

function ended(): OAuthError {
  return new OAuthError('invalid_grant', 'What was granted has ended');
}

type Good = { readonly grant: Grant; readonly user: User };

async function goodGrant(server: AuthServer, key: string, client: Client): Promise<Good> {
  const grant = await server.grants.read(key);
  if (grant?.client !== client.id || grant.until <= server.clock.now()) throw ended();
  if (grant.session !== undefined && !(await server.sessions.isThere(grant.session))) throw ended();
  const user = await server.users.read(grant.user);
  if (!isByUser(grant, user, client)) throw ended();
  return { grant, user };
}

/** RFC 6749, 6; RFC 9700, 4.14: each is good once, and who comes with one that was used ends them all. */
async function refresh({ server, form, client }: Asked): Promise<TokenAnswer> {
  const secret = required(form, 'refresh_token');
  const token = await server.tokens.read(secret);
  if (token?.kind !== 'refresh' || token.client !== client.id || token.grant === undefined)
    throw badRefresh();
  const { grant, user } = await goodGrant(server, token.grant, client);
  if (grant.refresh !== hashSecret(secret)) {
    await server.grants.revoke(token.grant);
    throw badRefresh();
  }
  const scopes = narrowed(form, grant);
  return answerFor({ server, client, key: token.grant, grant, user, scopes });
}

/** Never more than was granted; what is asked for less stays granted. */
function narrowed(form: Form, grant: Grant): readonly string[] {
  const text = form.get('scope');
  if (text === undefined) return grant.scopes;
  const allowed = grant.scopes.flatMap((each) => parseScope(each) ?? []);
  const names = text.split(' ').filter((name) => name !== '');
  const asked = parseScopes(text);
  const isWhole = asked !== undefined && asked.length > 0 && asked.length === new Set(names).size;
  if (!isWhole || !asked.every((scope) => isWithin(scope, allowed))) {
    throw new OAuthError('invalid_scope', 'scope asks for more than was granted');
  }
  return asked.map((scope) => scope.text);
}

type Answered = Good & {
  readonly server: AuthServer;
  readonly client: Client;
  readonly key: string;
  readonly scopes: readonly string[];
  readonly code?: Code;
};

async function answerFor(answered: Answered): Promise<TokenAnswer> {
  const { server, client, key, grant, user, code } = answered;
  const scopes = scopesNow(answered.scopes, client).map(({ text }) => text);
  const until = Math.min(server.clock.now() + accessMs, grant.until) as EpochMs;
  const access = await server.tokens.issue({ kind: 'access', client: client.id, scopes, grant: key, until });
  const refreshToken = await newRefreshToken(answered);
  const idToken = await toIdToken(server, {
    user,
    client: client.id,
    scopes: grant.scopes,
    ...(code && { authTime: code.authTime, nonce: code.nonce }),
  });
  return {
    access_token: access,
    token_type: 'Bearer',
    expires_in: Math.floor((until - server.clock.now()) / 1000),
    scope: scopes.join(' '),
    ...(refreshToken !== undefined && { refresh_token: refreshToken }),
    ...(idToken !== undefined && { id_token: idToken }),
    ...toldContext(grant.context, grant.scopes),
    need_patient_banner: grant.context.needPatientBanner ?? true,
    smart_style_url: `${server.issuer}/auth/style.json`,
  };
}

/** The next one of the family, kept before it takes the place of the last; of two who refresh at once one is a thief. */
async function newRefreshToken({ server, client, key, grant }: Answered): Promise<string | undefined> {
  const { scopes, until } = grant;
  if (!scopes.includes('offline_access') && !scopes.includes('online_access')) return undefined;
  const next = await server.tokens.issue({
    kind: 'refresh',
    client: client.id,
    scopes: [],
    grant: key,
    until,
  });
  const changed = await server.grants.change(key, (there) =>
    there.refresh === grant.refresh ? { ...there, refresh: hashSecret(next) } : undefined,
  );
  if (changed) return next;
  await server.grants.revoke(key);
  throw badRefresh();
}

/** SMART App Launch 2, backend services. */
async function giveBackend({ server, form, client }: Asked): Promise<TokenAnswer> {
  if (client.kind === 'public') {
    throw new OAuthError('unauthorized_client', 'A client without a key or secret acts for people alone');
  }
  const scopes = backendScopes(form, client);
  if (scopes.length === 0) throw noScope(form, client);
  const until = (server.clock.now() + backendMs) as EpochMs;
  const access = await server.tokens.issue({ kind: 'access', client: client.id, scopes, until });
  return {
    access_token: access,
    token_type: 'bearer',
    expires_in: backendMs / 1000,
    scope: scopes.join(' '),
  };
}

function noScope(form: Form, client: Client): OAuthError {
  const isAsked = (form.get('scope') ?? '').trim() !== '';
  const none = isAsked ? 'None of the scopes that are asked for may be granted' : 'scope is missing';
  return new OAuthError('invalid_scope', `${none}: the client is registered for ${told(client.scope)}`);
}

/** RFC 6749, 5.2: an error_description has neither of these, nor what is not ASCII. */
function told(scope: string): string {
  return scope.slice(0, 500).replace(/[^ -~]|["\\]/g, '?');
}

/** What a backend may have by itself: `system/` scopes and those of this server's own. */
function backendScopes(form: Form, client: Client): readonly string[] {
  const asked = parseScopes(form.get('scope') ?? '') ?? [];
  const allowed = registeredScopes(client);
  const isBackend = (scope: Scope) =>
    scope.kind === 'own' || (scope.kind === 'resource' && scope.level === 'system');
  return asked.filter((scope) => isBackend(scope) && isWithin(scope, allowed)).map(({ text }) => text);
}
