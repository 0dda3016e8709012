import { createHash, randomBytes } from 'node:crypto';
import type { InjectOptions } from 'fastify';
import { toCaller } from '../../../src/access/to-caller.ts';
import { buildApp } from '../../../src/app.ts';
import {
  type AuthOptions,
  type AuthServer,
  type AuthSettings,
  openAuthServer,
} from '../../../src/auth/auth-server.ts';
import { openPersonsOf } from '../../../src/auth/bearer/own-persons.ts';
import { openCdsClients } from '../../../src/auth/clients/cds-clients.ts';
import type { Client } from '../../../src/auth/clients/client.ts';
import type { Fetched } from '../../../src/auth/clients/fetch-json.ts';
import { type ClientInput, newClient } from '../../../src/auth/clients/register-client.ts';
import { openEpoch } from '../../../src/auth/epoch.ts';
import { openInterfaceAccounts } from '../../../src/auth/interfaces/interface-accounts.ts';
import { passingSeal } from '../../../src/auth/secrets/key-file.ts';
import type { Passwords } from '../../../src/auth/secrets/passwords.ts';
import { hashSecret } from '../../../src/auth/secrets/random-secret.ts';
import type { Seal } from '../../../src/auth/secrets/seal.ts';
import { toAuthorization } from '../../../src/auth/to-authorization.ts';
import { newUser, type UserInput } from '../../../src/auth/users/register-user.ts';
import { openAuditQueue } from '../../../src/interaction/audit/audit-queue.ts';
import { openContext } from '../../../src/interaction/context.ts';
import { openOpenings } from '../../../src/interaction/openings.ts';
import { auditOf } from '../../../src/open-authorization.ts';
import { openCdsHooks } from '../../../src/open-cds-hooks.ts';
import { ehrAppOf } from '../../../src/open-ehr-app.ts';
import { openHealthCards } from '../../../src/open-health-cards.ts';
import { openHealthLinks } from '../../../src/open-health-links.ts';
import { type MessageParts, type Messages, openMessages } from '../../../src/open-messages.ts';
import type { AuthPages } from '../../../src/pages/auth-pages.ts';
import { loadKnowledgeBases } from '../../../src/shipped/knowledge-bases.ts';
import { loadOperations } from '../../../src/shipped/operations.ts';
import { scheduleSettings } from '../../../src/shipped/schedule-settings.ts';
import { loadServerContext } from '../../../src/shipped/server-context.ts';
import { shippedTerminology } from '../../../src/shipped/terminology.ts';
import { shippedGuide } from '../../../src/shipped/v2-guide.ts';
import { shippedMapping } from '../../../src/shipped/v2-mapping.ts';
import { shippedVaccineCodes, shippedVaccines } from '../../../src/shipped/vaccines.ts';
import type { Store } from '../../../src/store/contract/store.ts';
import { clockIn } from '../../../src/values/clock.ts';
import type { EpochMs } from '../../../src/values/instant.ts';
import { type TimeZone, utc } from '../../../src/values/time-zone.ts';
import { fillWorld } from '../../interaction/small-world.ts';
import { messageSettings, openTestStore } from '../open-test-server.ts';
import { plainPages } from './plain-pages.ts';

export const issuer = 'http://localhost:8400';
export const base = `${issuer}/fhir`;
export const appUrl = 'https://app.example';
export const redirect = `${appUrl}/back`;

export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | number | undefined>>;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly body: any;
  readonly bytes: Buffer;
};

type Headers = Readonly<Record<string, string>>;

export type SmartServer = Awaited<ReturnType<typeof openSmartServer>>;

export type SmartOptions = {
  readonly settings?: Partial<AuthSettings>;
  readonly fetchKeys?: (url: string) => Promise<Fetched>;
  /** How EHRs that open the app are asked; by HTTP when absent. */
  readonly fetchEhr?: NonNullable<AuthOptions['ehrApp']>['fetch'];
  /** Whether who saw and did what is told. */
  readonly audit?: true;
  /** Served beside, of what knows the accounts. */
  readonly entrances?: (
    auth: AuthServer,
    operations: Parameters<typeof buildApp>[0]['operations'],
  ) => NonNullable<Parameters<typeof buildApp>[0]['entrances']>;
  /** How the authorization server shows itself; by what it is told when absent. */
  readonly pages?: AuthPages;
  /** Whether HL7 v2 messages are taken. */
  readonly messages?: true;
  /** Another server on the same store, with the same seal and clock. */
  readonly beside?: Shared;
  /** Where the registry is. */
  readonly timeZone?: TimeZone;
};

type Shared = { readonly store: Store; readonly seal: Seal; readonly at: { now: number } };

/** Hashes nothing, and counts how often it was asked to. */
export function countingPasswords(): Passwords & { readonly work: () => number } {
  let work = 0;
  return {
    work: () => work,
    hash: async (password) => `hash of ${password}`,
    verify: async (password, hash) => {
      work++;
      return hash === `hash of ${password}`;
    },
    close: async () => undefined,
  };
}

/** A whole server with authorization on a small world; `at.now` is the time, also of the store. */
export async function openSmartServer({
  settings = {},
  fetchKeys,
  fetchEhr,
  audit,
  entrances,
  pages = plainPages,
  messages: takesMessages,
  beside,
  timeZone = utc,
}: SmartOptions = {}) {
  const at = beside?.at ?? { now: Date.UTC(2026, 5, 1) };
  const clock = clockIn(timeZone, { now: () => at.now as EpochMs });
  const place = beside ? undefined : await openTestStore(undefined, clock);
  const store: Store = beside?.store ?? (place as NonNullable<typeof place>).store;
  const seal: Seal = beside?.seal ?? passingSeal();
  const baseUrl = `${settings.publicUrl ?? issuer}/fhir`;
  const loaded = await loadServerContext({
    baseUrl,
    profiles: [],
    declaredProfiles: 'error',
    referential: 'patient',
  });
  const queue = audit && openAuditQueue({ store, firstSalt: 0 });
  const context = {
    ...loaded,
    clock,
    openings: openOpenings(store, () => at.now),
    relationsChanged: openEpoch(store, () => at.now).advance,
    ...(queue && { audit: queue }),
  };
  const passwords = countingPasswords();
  const contextFor = (caller: Parameters<typeof openContext>[2]) => openContext(context, store, caller);
  const followed = scheduleSettings(loadKnowledgeBases('no-such-folder'), {
    schedule: undefined,
    scheduleStates: new Map(),
  });
  const business = loadOperations({ ...followed, fitsCompatible: false });
  const auth = openAuthServer({
    settings: {
      publicUrl: issuer,
      allowPrivateJwks: false,
      parentUntilAge: 18,
      department: undefined,
      upstream: undefined,
      ...settings,
    },
    store,
    clock,
    seal,
    passwords,
    pages,
    contextFor,
    toCaller: (entitlement) =>
      toCaller(entitlement, {
        params: context.searchParams,
        baseUrl,
        now: clock.now(),
        today: clock.today(),
      }),
    now: () => at.now,
    ...auditOf({ context, contextFor }),
    ...(fetchKeys && { fetchKeys }),
    ehrApp: ehrAppOf(business, followed, fetchEhr),
  });
  const messages = messagesOf(takesMessages, {
    config: { ...messageSettings, publicUrl: issuer },
    store,
    context,
    contextFor,
    accounts: openInterfaceAccounts(auth, 'off'),
    log: { warn: () => undefined, failed: () => undefined },
    guide: shippedGuide(),
    mapping: shippedMapping(),
    operations: business,
  });
  const { publicUrl = issuer } = settings;
  const cards = openHealthCards({
    publicUrl,
    store,
    clock,
    seal: () => seal,
    operations: business,
    cvxByOtherCodes: shippedVaccines().cvxByOtherCodes,
  });
  const links = openHealthLinks({
    publicUrl,
    store,
    context,
    cards,
    operations: business,
    nameOf: (cvx) => (cvx === '08' ? 'HepB' : undefined),
    personsOf: openPersonsOf(auth),
  });
  const cdsHooks = openCdsHooks({
    config: { publicUrl, allowPrivateJwks: false },
    contextFor,
    clients: openCdsClients(auth),
    operations: business,
    codes: shippedVaccineCodes,
  });
  const operations = [...business, ...messages.operations, ...cards.operations, ...links.operations];
  const app = buildApp({
    context,
    contextFor,
    operations,
    codeSystems: shippedTerminology().codeSystems,
    auth: 'smart',
    authorization: toAuthorization(auth),
    entrances: [
      ...(entrances?.(auth, operations) ?? []),
      cards.entrance,
      links.entrance,
      cdsHooks,
      ...messages.entrances,
    ],
    log: 'silent',
    trustProxy: ['127.0.0.1'],
    software: { name: 'Jenner', version: 'test', released: '2026-01-01' },
    check: () => store.check(),
  });
  // The world has what nobody may write who is not the operator: a dose before its patient.
  const unruled = { ...context, writeRules: [] };
  if (!beside) await fillWorld(openContext(unruled, store, { kind: 'open' }));
  const inject = async (options: InjectOptions): Promise<Answer> => {
    const { statusCode, headers, body, rawPayload } = await app.inject(options);
    return { status: statusCode, headers, text: body, body: parse(body), bytes: rawPayload };
  };
  return {
    app,
    auth,
    store,
    seal,
    at,
    passwords,
    context,
    inject,
    get: (url: string, headers: Headers = {}) => inject({ method: 'GET', url, headers }),
    /** A FHIR request with a token. */
    ask: (token: string, url: string, headers: Headers = {}) =>
      inject({ method: 'GET', url, headers: { authorization: `Bearer ${token}`, ...headers } }),
    form: (url: string, fields: Fields, headers: Headers = {}) =>
      inject({
        method: 'POST',
        url,
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
        payload: new URLSearchParams(Object.entries(fields)).toString(),
      }),
    addClient: (input: ClientInput = {}, secret?: string) => addClient(auth, input, secret),
    addUser: (login: string, input: UserInput, password = `password of ${login}`) =>
      addUser(auth, login, input, password),
    /** All that was told up to now, the newest first. */
    auditRows: async () => {
      await queue?.close();
      return (await store.searchAudit({ count: 1000 })).rows;
    },
    close: async () => {
      await app.close();
      await queue?.close();
      await place?.dispose();
    },
  };
}

function messagesOf(
  takes: true | undefined,
  parts: MessageParts,
): Pick<Messages, 'entrances' | 'operations'> {
  return takes ? openMessages(parts) : { entrances: [], operations: [] };
}

type Fields = Readonly<Record<string, string>>;

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export const everyScope =
  'openid fhirUser profile launch launch/patient offline_access online_access patient/*.cruds patient/*.* user/*.cruds user/*.*';

async function addClient(auth: AuthServer, input: ClientInput, secret?: string): Promise<Client> {
  const client = newClient(
    {
      name: 'Growth Buddy',
      kind: secret === undefined ? 'public' : 'secret',
      redirect: [redirect],
      launch: `${appUrl}/launch`,
      scope: everyScope,
      ...input,
      ...(secret !== undefined && { secretHash: hashSecret(secret) }),
    },
    auth.clock,
  );
  await auth.clients.add(client);
  return client;
}

async function addUser(auth: AuthServer, login: string, input: UserInput, password: string) {
  const user = { ...newUser(login, input, auth.clock), passwordHash: `hash of ${password}` };
  if (!(await auth.users.add(user))) throw new Error(`${login} is taken`);
  return user;
}

/** A browser: it keeps cookies, sends what browsers send, and follows no redirect by itself. */
export class Browser {
  readonly cookies = new Map<string, string>();
  readonly server: SmartServer;

  constructor(server: SmartServer) {
    this.server = server;
  }

  get(url: string, headers: Headers = {}): Promise<Answer> {
    return this.send({ method: 'GET', url, headers });
  }

  post(url: string, fields: Fields | URLSearchParams, headers: Headers = {}): Promise<Answer> {
    const payload = new URLSearchParams(fields as Record<string, string>).toString();
    return this.send({
      method: 'POST',
      url,
      payload,
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'sec-fetch-site': 'same-origin',
        ...headers,
      },
    });
  }

  async send(options: InjectOptions): Promise<Answer> {
    const cookie = [...this.cookies].map((pair) => pair.join('=')).join('; ');
    const headers = { ...options.headers, ...(cookie !== '' && { cookie }) };
    const answer = await this.server.inject({ ...options, headers });
    for (const line of [answer.headers['set-cookie'] ?? []].flat()) {
      const [name = '', value = ''] = String(line).split(';')[0]?.split('=') ?? [];
      if (value === '') this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return answer;
  }

  /** The answer after all redirects within this server. */
  async follow(answer: Answer): Promise<Answer> {
    const to = String(answer.headers['location'] ?? '');
    return answer.status === 303 && to.startsWith('/') ? this.follow(await this.get(to)) : answer;
  }

  /** Fills in a form that a page shows. */
  async fill(page: Answer, url: string, fields: Fields | URLSearchParams): Promise<Answer> {
    const all = new URLSearchParams(fields as Record<string, string>);
    all.set('csrf', page.body.csrf);
    for (const [name, value] of Object.entries(page.body.hidden ?? {})) all.set(name, String(value));
    return this.follow(await this.post(url, all));
  }

  async signIn(login: string, password = `password of ${login}`, code = ''): Promise<Answer> {
    const page = await this.get('/auth/sign-in');
    return this.fill(page, '/auth/sign-in', { login, password, code });
  }
}

export const verifier = randomBytes(32).toString('base64url');
export const challenge = createHash('sha256').update(verifier).digest('base64url');

/** What an app sends to the authorization endpoint. */
export function asked(client: Client, scope: string, more: Fields = {}): string {
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: client.id,
    redirect_uri: redirect,
    scope,
    state: 'state-of-122-bits-or-more',
    aud: base,
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...more,
  });
  for (const [name, value] of [...query]) if (value === '') query.delete(name);
  return `/auth/authorize?${query}`;
}

/** Ticks what is ticked already, but for `without`, and what else `also` says. */
export function allow(
  browser: Browser,
  consent: Answer,
  {
    without = [],
    also = [],
  }: { readonly without?: readonly string[]; readonly also?: readonly string[] } = {},
): Promise<Answer> {
  const fields = new URLSearchParams({ decision: 'allow' });
  for (const { scope, checked } of consent.body.scopes) {
    if (checked && !without.includes(scope)) fields.append('scope', scope);
  }
  // A form may hold what no page has offered.
  for (const scope of also) fields.append('scope', scope);
  return browser.fill(consent, '/auth/consent', fields);
}

/** The parameters that an app is sent back with. */
export function sentBack(answer: Answer): Record<string, string> {
  const url = new URL(String(answer.headers['location']));
  return Object.fromEntries(url.searchParams);
}

/** Signed in already, one person, all that is ticked: to the code. */
export async function codeFor(
  browser: Browser,
  client: Client,
  scope: string,
  more: Fields = {},
): Promise<string> {
  const consent = await browser.follow(await browser.get(asked(client, scope, more)));
  const { code } = sentBack(await allow(browser, consent));
  if (code === undefined) throw new Error(`no code: ${consent.text}`);
  return code;
}

export function redeem(
  server: SmartServer,
  client: Client,
  code: string,
  more: Fields = {},
): Promise<Answer> {
  return server.form('/auth/token', {
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirect,
    client_id: client.id,
    code_verifier: verifier,
    ...more,
  });
}

/** A whole standalone launch: what the token endpoint answers. */
export async function launch(
  server: SmartServer,
  { client, login, scope }: { readonly client: Client; readonly login: string; readonly scope: string },
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
): Promise<any> {
  const browser = new Browser(server);
  await browser.signIn(login);
  const answer = await redeem(server, client, await codeFor(browser, client, scope));
  if (answer.status !== 200) throw new Error(answer.text);
  return answer.body;
}
