import type { Encounter } from 'fhir/r4.js';
import type { Entitlement } from '../../access/entitlement.ts';
import { ownScopeBase, parseScope } from '../../access/scope.ts';
import { parseResourceId } from '../../values/resource-id.ts';
import type { AuthServer } from '../auth-server.ts';
import type { LaunchContext } from './grant.ts';
import { OAuthError } from './oauth-error.ts';

type Input = {
  readonly client_id?: unknown;
  readonly user?: unknown;
  readonly patient?: unknown;
  readonly encounter?: unknown;
  readonly intent?: unknown;
  readonly need_patient_banner?: unknown;
};

/** What `POST /auth/launch` answers: the handle, and where to send the browser. */
export type LaunchAnswer = { readonly launch: string; readonly url: string };

const longestTold = 200;

const launchScope = `${ownScopeBase}launch`;

/** An EHR says that it is about to open an app, for its own users and patients. Throws an OAuthError. */
export async function prepareLaunch(
  server: AuthServer,
  ehr: Entitlement | undefined,
  body: unknown,
): Promise<LaunchAnswer> {
  if (!ehr) throw new OAuthError('invalid_token', 'An access token is needed', 401);
  if (!ehr.scopes.some(({ text }) => text === launchScope)) {
    throw new OAuthError('insufficient_scope', `The scope ${launchScope} is needed`, 403);
  }
  const input = (typeof body === 'object' && body !== null ? body : {}) as Input;
  const id = textOf(input, 'client_id');
  const app = id === undefined ? undefined : await server.clients.read(id);
  if (!app || app.disabled || app.launchUrl === undefined) {
    throw new OAuthError('invalid_request', 'client_id names no app that can be launched');
  }
  const user = textOf(input, 'user');
  if (user !== undefined) await requireOwnUser(server, ehr, user);
  const context = await contextOf(server, ehr, input);
  const launch = await server.launches.add({ client: app.id, ...(user !== undefined && { user }), context });
  const url = new URL(app.launchUrl);
  url.searchParams.set('iss', server.base);
  url.searchParams.set('launch', launch);
  return { launch, url: url.href };
}

/** What is told of a launch: for which app, user and patient, in the form of a query. */
export function launchTold(body: unknown): string {
  const input = (typeof body === 'object' && body !== null ? body : {}) as Input;
  const told = (['client_id', 'user', 'patient', 'encounter'] as const).flatMap((name) => {
    const value = input[name];
    return typeof value === 'string' && value.length <= longestTold ? [[name, value]] : [];
  });
  return new URLSearchParams(told).toString();
}

async function contextOf(server: AuthServer, ehr: Entitlement, input: Input): Promise<LaunchContext> {
  const patient = idOf(input, 'patient', 'Patient');
  const encounter = idOf(input, 'encounter', 'Encounter');
  const intent = textOf(input, 'intent');
  const banner = input.need_patient_banner;
  if (banner !== undefined && typeof banner !== 'boolean')
    throw wrong('need_patient_banner must be a boolean');
  if (patient !== undefined) await requireOwn(server, ehr, `Patient/${patient}`);
  if (encounter !== undefined) {
    const { subject } = (await requireOwn(server, ehr, `Encounter/${encounter}`)) as Encounter;
    const isTheirs = patient !== undefined && subject?.reference === `Patient/${patient}`;
    if (!isTheirs) throw wrong('encounter must be one of the patient');
  }
  return {
    ...(patient !== undefined && { patient }),
    ...(encounter !== undefined && { encounter }),
    ...(intent !== undefined && { intent }),
    ...(banner !== undefined && { needPatientBanner: banner }),
  };
}

/** An EHR speaks for those who work where it stands: the account has one of the client's organizations. */
async function requireOwnUser({ users }: AuthServer, ehr: Entitlement, login: string): Promise<void> {
  const user = await users.read(login);
  const isEverywhere = ehr.organizations.length === 0;
  const isTheirs = user?.organizations.some((id) => ehr.organizations.includes(id));
  if (!user || user.disabled || !(isEverywhere || isTheirs)) throw wrong('user is none of this client');
}

/** Read with what the client itself may reach. */
async function requireOwn(server: AuthServer, ehr: Entitlement, reference: string): Promise<unknown> {
  const [type = '', name = ''] = reference.split('/');
  const scope = parseScope(`system/${type}.r`);
  const id = parseResourceId(name);
  if (scope?.kind !== 'resource' || scope.type === '*' || id === undefined)
    throw wrong(`${type} is not there`);
  const { user: _, ...client } = ehr;
  const ctx = server.contextFor(server.toCaller({ ...client, scopes: [scope] }));
  const found = await ctx.view.read({ type: scope.type, id });
  if (found?.text === undefined) throw wrong(`there is no ${type} of that id`);
  return JSON.parse(found.text);
}

function textOf(input: Input, name: keyof Input): string | undefined {
  const value = input[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || value === '' || value.length > longestTold)
    throw wrong(`${name} must be a text`);
  return value;
}

/** An id, or a reference with it. */
function idOf(input: Input, name: keyof Input, type: string): string | undefined {
  return textOf(input, name)?.replace(new RegExp(`^${type}/`), '');
}

function wrong(text: string): OAuthError {
  return new OAuthError('invalid_request', text);
}
