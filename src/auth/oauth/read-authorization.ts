import { isWithin, narrowings, parseScopes, type ResourceScope, type Scope } from '../../access/scope.ts';
import type { AuthServer } from '../auth-server.ts';
import { registeredScopes } from '../bearer/to-entitlement.ts';
import type { Client } from '../clients/client.ts';
import { type Form, readForm } from './form.ts';
import { heldTypes } from './held-types.ts';
import type { OAuthErrorCode } from './oauth-error.ts';
import { isChallenge } from './pkce.ts';
import { type Prompting, readPrompting } from './prompting.ts';

/** What an app asks of a person, as far as it may. */
export type AuthorizationRequest = {
  readonly client: Client;
  readonly redirect: string;
  readonly state: string;
  readonly scopes: readonly Scope[];
  readonly challenge: string;
  readonly nonce?: string;
  /** The handle of an EHR launch. */
  readonly launch?: string;
  readonly prompting: Prompting;
};

export type AuthorizationVerdict =
  | { readonly kind: 'asked'; readonly request: AuthorizationRequest }
  /** Nobody is sent anywhere that is not registered (RFC 6749, 4.1.2.1). */
  | { readonly kind: 'page'; readonly code: 'bad-client' | 'bad-redirect' | 'unreadable' }
  | { readonly kind: 'redirect'; readonly to: string };

/** SMART App Launch 2, authorization request; RFC 6749, 4.1.1; RFC 7636. */
export async function readAuthorization(server: AuthServer, query: string): Promise<AuthorizationVerdict> {
  const { form, fault: unread } = readForm(query);
  const way = await wayBack(server, form);
  if (typeof way === 'string') return { kind: 'page', code: unread === undefined ? way : 'unreadable' };
  const { client, redirect } = way;
  const fault = unread === undefined ? parameterFault(server, form) : invalid(unread);
  const state = form.get('state') ?? '';
  const refuse = ({ code, text }: Fault): AuthorizationVerdict => ({
    kind: 'redirect',
    to: errorRedirect(server, { redirect, state, code, text }),
  });
  if (fault) return refuse(fault);
  const prompting = readPrompting(form);
  if ('fault' in prompting) return refuse(invalid(prompting.fault));
  const scopes = grantable(form, client);
  if (scopes.length === 0)
    return refuse({ code: 'invalid_scope', text: 'Nothing that is asked for may be granted' });
  const [nonce, launch] = [form.get('nonce'), form.get('launch')];
  return {
    kind: 'asked',
    request: {
      client,
      redirect,
      state,
      scopes,
      challenge: form.get('code_challenge') ?? '',
      prompting,
      ...(nonce !== undefined && { nonce }),
      ...(launch !== undefined && { launch }),
    },
  };
}

type WayBack = Pick<AuthorizationRequest, 'client' | 'redirect'>;

async function wayBack(
  { clients }: AuthServer,
  form: Form,
): Promise<WayBack | 'bad-client' | 'bad-redirect' | 'unreadable'> {
  if ([...form.values()].some(hasControl)) return 'unreadable';
  const client = await clients.read(form.get('client_id') ?? '');
  if (!client || client.disabled) return 'bad-client';
  const redirect = form.get('redirect_uri');
  return redirect !== undefined && client.redirects.includes(redirect)
    ? { client, redirect }
    : 'bad-redirect';
}

/** RFC 6749, appendix A: no parameter holds a control character. */
function hasControl(text: string): boolean {
  return /\p{Cc}/u.test(text);
}

type Fault = { readonly code: OAuthErrorCode; readonly text: string };

function invalid(text: string): Fault {
  return { code: 'invalid_request', text };
}

const longestState = 4096;
const longestNonce = 1024;

function parameterFault({ base }: AuthServer, form: Form): Fault | undefined {
  const type = form.get('response_type');
  const state = form.get('state');
  if (type === undefined) return invalid('response_type is missing');
  if (type !== 'code') return { code: 'unsupported_response_type', text: 'response_type must be code' };
  if ((form.get('response_mode') ?? 'query') !== 'query') return invalid('response_mode must be query');
  if (form.has('request') || form.has('request_uri')) return invalid('request objects are not read');
  if (state === undefined || state.length > longestState) return invalid('state is missing or too long');
  if ((form.get('nonce') ?? '').length > longestNonce) return invalid('nonce is too long');
  return audienceFault(base, form) ?? challengeFault(form) ?? scopeFault(form);
}

/** A token of this server must not be asked for in the name of another (SMART App Launch 2: aud). */
function audienceFault(base: string, form: Form): Fault | undefined {
  const audience = form.get('aud') ?? form.get('resource');
  const isMine = audience?.replace(/\/$/, '') === base;
  return isMine ? undefined : invalid('aud must be the FHIR base of this server');
}

function challengeFault(form: Form): Fault | undefined {
  const isGood =
    form.get('code_challenge_method') === 'S256' && isChallenge(form.get('code_challenge') ?? '');
  return isGood ? undefined : invalid('a code_challenge by S256 is needed');
}

function scopeFault(form: Form): Fault | undefined {
  const isRead = parseScopes(form.get('scope') ?? '') !== undefined;
  return isRead ? undefined : { code: 'invalid_scope', text: 'there are too many scopes' };
}

const launched: ReadonlySet<string> = new Set(['launch', 'launch/encounter']);

/** What the app is registered for; what is left out is told by the answer's `scope`. A person grants nothing of a backend. */
function grantable(form: Form, client: Client): readonly Scope[] {
  const allowed = registeredScopes(client);
  const asked = parseScopes(form.get('scope') ?? '') ?? [];
  return asked.flatMap((scope) => {
    if (scope.kind === 'own' || (scope.kind === 'resource' && scope.level === 'system')) return [];
    // No visit is picked here: an EHR names it, or nobody.
    if (launched.has(scope.text) && !form.has('launch')) return [];
    if (isWithin(scope, allowed)) return [scope];
    // Of a wildcard that is too wide, the types that are not.
    return scope.kind === 'resource' && scope.type === '*' ? ofTypes(scope, allowed) : [];
  });
}

function ofTypes(scope: ResourceScope, allowed: readonly Scope[]): readonly Scope[] {
  const each = narrowings(scope, heldTypes(scope.level));
  return each.filter((one) => one.kind === 'resource' && one.query.length === 0 && isWithin(one, allowed));
}

type Refusal = Fault & { readonly redirect: string; readonly state: string };

export function errorRedirect(server: AuthServer, { redirect, state, code, text }: Refusal): string {
  return answerRedirect(server, redirect, { error: code, error_description: text, state });
}

/** RFC 9207: `iss` tells an app that speaks to several servers which of them answers. */
export function answerRedirect(
  { issuer }: AuthServer,
  redirect: string,
  answer: Readonly<Record<string, string>>,
): string {
  const parameters = new URLSearchParams({ ...answer, iss: issuer });
  if (answer['state'] === '') parameters.delete('state');
  return `${redirect}${redirect.includes('?') ? '&' : '?'}${parameters.toString()}`;
}
