import type { IncomingHttpHeaders } from 'node:http';
import type { Caller } from '../../access/caller.ts';
import type { Entitlement } from '../../access/entitlement.ts';
import { Problem } from '../../fhir/problem.ts';
import { endOfToday, type LocalClock } from '../../values/clock.ts';
import type { Client } from '../clients/client.ts';
import type { Clients } from '../clients/client-records.ts';
import type { Epoch } from '../epoch.ts';
import { type Grant, isByUser } from '../oauth/grant.ts';
import type { Grants } from '../oauth/grants.ts';
import { isToken, type Token, type Tokens } from '../oauth/tokens.ts';
import { hashSecret } from '../secrets/random-secret.ts';
import type { Sessions } from '../session/sessions.ts';
import { foldLogin, type User } from '../users/user.ts';
import type { Users } from '../users/user-records.ts';
import type { Entitled } from './to-entitlement.ts';

export type BearerPort = {
  readonly clock: LocalClock;
  readonly epoch: Epoch;
  readonly tokens: Tokens;
  readonly grants: Grants;
  readonly clients: Clients;
  readonly users: Users;
  readonly sessions: Sessions;
  readonly toEntitlement: (entitled: Entitled) => Promise<Entitlement>;
  readonly toCaller: (entitlement: Entitlement) => Caller;
};

/** What a token is good for now, and whose it is. */
export type LiveToken = {
  readonly token: Token;
  readonly client: Client;
  readonly grant?: Grant;
  readonly user?: User;
};

type Request = { readonly headers: IncomingHttpHeaders; readonly url: string };

export type Bearer = {
  /** Who sends a request, by its header alone; anonymous for whatever is no token that is good now. */
  readonly callerOf: (request: Request) => Caller | Promise<Caller>;
  /** The entitlement of a request's token, for what is not FHIR. */
  readonly entitlementOf: (request: Request) => Promise<Entitlement | undefined>;
  /**
   * Whose the token of a request is or was that is not taken: it is good no more, or stands in the URL; undefined for what
   * was never a token, or is forgotten.
   */
  readonly formerOf: (request: Request) => Promise<Former | undefined>;
  /** The client of a caller that was answered from a token. */
  readonly clientOf: (caller: Caller) => Client | undefined;
  /** Whose requests a caller's are. */
  readonly accountOf: (caller: Caller) => { readonly client: string; readonly login?: string } | undefined;
};

export type Former = { readonly client: string; readonly user?: string };

const anonymous: Caller = { kind: 'anonymous' };

/** Relations between persons, organizations and consent count anew after so many milliseconds. */
const madeAnewAfter = 60_000;
const mostRemembered = 10_000;
const hour = 3600 * 1000;

type Remembered = {
  readonly caller: Caller;
  readonly entitlement: Entitlement;
  readonly epoch: string;
  readonly madeAt: number;
  readonly until: number;
};

export function openBearer(port: BearerPort): Bearer {
  const { clock, epoch } = port;
  // By the token itself, which stands in memory while it is used: to hash it costs as much as all else that is asked of it.
  const known = new Map<string, Remembered>();
  const origins = new WeakMap<Caller, { readonly client: Client; readonly login?: string }>();
  const isGood = (one: Remembered, present: string, now: number) =>
    one.epoch === present && now < one.until && now - one.madeAt < madeAnewAfter;
  const find = async (secret: string, present: string): Promise<Remembered | undefined> => {
    const there = known.get(secret);
    if (there && isGood(there, present, clock.now())) return there;
    known.delete(secret);
    const live = await readLive(port, hashSecret(secret));
    if (!live) return undefined;
    const dayEnds = endOfToday(clock);
    const entitlement = await port.toEntitlement({ ...live, ...whatIsGranted(live) });
    const caller = port.toCaller(entitlement);
    const { client, user } = live;
    origins.set(caller, { client, ...(user && { login: user.login }) });
    // A child's age, a relation and an objection count by the day.
    const until = Math.min(live.token.until, live.grant?.until ?? Number.POSITIVE_INFINITY, dayEnds);
    const made = { caller, entitlement, epoch: present, madeAt: clock.now(), until };
    if (known.size >= mostRemembered) known.delete(known.keys().next().value ?? secret);
    known.set(secret, made);
    return made;
  };
  const callerAt = async (secret: string, present: string | Promise<string>): Promise<Caller> =>
    (await find(secret, await present))?.caller ?? anonymous;
  return {
    callerOf: (request) => {
      if (isInQuery(request)) return Promise.reject(inQuery());
      // Nobody waits for a caller who is known, nor is what is sent looked at otherwise: what is known is a token.
      const there = known.get(usuallySent(request));
      if (there) {
        const present = epoch.present();
        if (typeof present === 'string' && isGood(there, present, clock.now())) return there.caller;
      }
      const token = tokenIn(request);
      return token === undefined ? anonymous : callerAt(token, epoch.present());
    },
    entitlementOf: async (request) => {
      const token = tokenIn(request);
      if (token === undefined) return undefined;
      return (await find(token, await epoch.present()))?.entitlement;
    },
    formerOf: (request) => formerOf(port, tokenIn(request) ?? tokenInQuery(request)),
    clientOf: (caller) => originOf(origins, caller)?.client,
    accountOf: (caller) => {
      const { client, login } = originOf(origins, caller) ?? {};
      return client && { client: client.id, ...(login !== undefined && { login: foldLogin(login) }) };
    },
  };
}

async function formerOf(
  { tokens, grants }: BearerPort,
  secret: string | undefined,
): Promise<Former | undefined> {
  const token = secret === undefined ? undefined : await tokens.read(secret);
  if (!token) return undefined;
  const grant = token.grant === undefined ? undefined : await grants.read(token.grant);
  return { client: token.client, ...(grant && { user: grant.user }) };
}

/** A caller with records opened for it is the one that it was. */
function originOf<Origin>(origins: WeakMap<Caller, Origin>, caller: Caller): Origin | undefined {
  return origins.get((caller.kind === 'token' && caller.unopened) || caller);
}

function whatIsGranted({ token, grant }: LiveToken) {
  return { scopes: token.scopes, patient: grant?.context.patient };
}

/** What follows `Bearer` where it is written as nearly all write it. */
function usuallySent({ headers: { authorization = '' } }: Request): string {
  return authorization.startsWith(usualStart) ? authorization.slice(usualStart.length) : '';
}

const usualStart = 'Bearer ';

/** RFC 6750, 2.1. */
function tokenIn({ headers }: Request): string | undefined {
  const sent = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
  return sent !== undefined && isToken(sent) ? sent : undefined;
}

/** RFC 6750, 2.3: a URL stands in logs and histories, so a token in it is refused, good or not. */
function isInQuery({ url }: Request): boolean {
  return /[?&]access_token=/i.test(url);
}

function tokenInQuery({ url }: Request): string | undefined {
  const sent = /[?&]access_token=([\w-]+)/i.exec(url)?.[1];
  return sent !== undefined && isToken(sent) ? sent : undefined;
}

function inQuery(): Problem {
  return new Problem(
    'invalid-parameter',
    'An access token belongs into the header Authorization, not the URL',
  );
}

/** The access token, when everything that it hangs on is still good. */
export async function readLive(port: BearerPort, hash: string): Promise<LiveToken | undefined> {
  const token = await port.tokens.readByHash(hash);
  if (token?.kind !== 'access' || token.until <= port.clock.now()) return undefined;
  return liveOf(port, token);
}

/** What a token hangs on; undefined when a part of it is gone, disabled or over. */
export async function liveOf(port: BearerPort, token: Token): Promise<LiveToken | undefined> {
  const client = await port.clients.read(token.client);
  if (!client || client.disabled || token.issued < (client.tokensFrom ?? 0)) return undefined;
  if (token.grant === undefined) return { token, client };
  const grant = await port.grants.read(token.grant);
  if (!grant || grant.until <= port.clock.now() || grant.client !== client.id) return undefined;
  if (grant.session !== undefined && !(await port.sessions.isThere(grant.session))) return undefined;
  const user = await port.users.read(grant.user);
  if (!isByUser(grant, user, client)) return undefined;
  await noteUse(port, token.grant, grant);
  return { token, client, grant, user };
}

/** For the page that shows people what their apps do; an hour's uses are one. */
async function noteUse({ grants, clock }: BearerPort, key: string, grant: Grant): Promise<void> {
  const now = clock.now();
  if (grant.lastUsed !== undefined && now - grant.lastUsed < hour) return;
  await grants.change(key, (there) => ({ ...there, lastUsed: now }));
}
