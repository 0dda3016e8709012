import { createHash } from 'node:crypto';
import jwt from 'jsonwebtoken';
import type { Store } from '../../store/contract/store.ts';
import type { Clock } from '../../values/clock.ts';
import type { EpochMs } from '../../values/instant.ts';
import { FetchError, type Fetched, type FetchOptions } from '../clients/fetch-json.ts';
import { openRecords } from '../records/open-records.ts';
import { hashSecret, newSecret } from '../secrets/random-secret.ts';
import type { Seal } from '../secrets/seal.ts';
import type { EhrKeys } from './ehr-keys.ts';
import type { Ehr, Ehrs } from './ehr-records.ts';

export type LaunchPort = {
  readonly store: Store;
  readonly clock: Clock;
  readonly seal: Seal;
  readonly ehrs: Ehrs;
  readonly keys: EhrKeys;
  /** Where the EHR sends the browser back to. */
  readonly redirect: string;
  readonly fetch: (url: string, options?: Omit<FetchOptions, 'allowPrivate'>) => Promise<Fetched>;
};

/** What a launch from an EHR opened: the person in context, and what reads there. */
export type EhrVisit = {
  readonly ehr: Ehr;
  readonly patient: string;
  /** As the EHR says it. */
  readonly fhirUser: string | undefined;
  readonly accessToken: string;
  /** Whether the EHR lets doses be written. */
  readonly canWrite: boolean;
};

type Pending = {
  readonly iss: string;
  readonly verifier: string;
  readonly nonce: string;
  readonly tokenEndpoint: string;
  /** Absent of a launch that an earlier version began. */
  readonly issuer?: Issuer;
  readonly browser: string;
  readonly until: EpochMs;
};

/** RFC 9207: who answers says who it is, so that the code of one server is not sent to another. */
type Issuer = { readonly id?: string; readonly isTold: boolean };

type Kept = {
  readonly iss: string;
  readonly patient: string;
  readonly fhirUser?: string;
  readonly canWrite?: boolean;
  readonly sealed: string;
  readonly until: EpochMs;
};

const pendingMs = 10 * 60_000;
/** A visit, however long the token is good; a shared computer is left. */
const longestVisitMs = 60 * 60_000;
const purpose = 'ehr-token';

/** `begin` and `finish` of SMART App Launch, with Jenner as the app; `undefined` for whatever is wrong with what came. */
export function openEhrLaunches(port: LaunchPort) {
  const { store, clock, seal, ehrs, redirect } = port;
  const pendings = openRecords<Pending>({ store, collection: 'ehr-launch', expiresOf: ({ until }) => until });
  const visits = openRecords<Kept>({ store, collection: 'ehr-visit', expiresOf: ({ until }) => until });
  return {
    /** Where the browser goes; undefined where no such EHR is registered. */
    begin: async (iss: string, launch: string, browser: string): Promise<string | undefined> => {
      const ehr = await ehrs.byIssuer(iss);
      if (!ehr) return undefined;
      const found = await discover(port, ehr);
      const [state, nonce, verifier] = [newSecret(), newSecret(), newSecret()];
      const until = (clock.now() + pendingMs) as EpochMs;
      const { tokenEndpoint, issuer } = found;
      const pending = { iss: ehr.iss, verifier, nonce, tokenEndpoint, issuer, browser, until };
      await pendings.put(hashSecret(state), pending);
      return authorizationUrl(found, { ehr, iss, launch, redirect, state, nonce, verifier });
    },
    finish: async ({ state, code, iss }: Answer, browser: string): Promise<Finished> => {
      const pending = await pendings.take(hashSecret(state));
      const isMine = pending && pending.browser === browser && pending.until > clock.now();
      const ehr = isMine ? await ehrs.byIssuer(pending.iss) : undefined;
      if (!pending || !ehr) return { kind: 'unknown' };
      if (!isFrom(pending, iss)) return { kind: 'refused', why: 'the answer came from another server' };
      const got = readToken(await redeem(port, { ehr, pending, code }), ehr, pending.nonce);
      if (!got) return { kind: 'refused', why: 'no access token, or no patient in context' };
      const cookie = newSecret();
      const { token, seconds, ...told } = got;
      const until = (clock.now() + Math.min(seconds * 1000, longestVisitMs)) as EpochMs;
      await visits.put(hashSecret(cookie), {
        iss: pending.iss,
        ...told,
        sealed: seal.close(purpose, token),
        until,
      });
      return { kind: 'visit', cookie };
    },
    visit: async (cookie: string | undefined): Promise<EhrVisit | undefined> => {
      const kept = cookie === undefined ? undefined : await visits.read(hashSecret(cookie));
      if (!kept || kept.until <= clock.now()) return undefined;
      const ehr = await ehrs.byIssuer(kept.iss);
      if (!ehr) return undefined;
      const { patient, fhirUser, canWrite = false, sealed } = kept;
      const accessToken = seal.open(purpose, sealed);
      return { ehr, patient, fhirUser, accessToken, canWrite: canWrite && ehr.write === true };
    },
    end: (cookie: string): Promise<void> => visits.remove(hashSecret(cookie)),
  };
}

/** What the browser brings from the EHR. */
type Answer = { readonly state: string; readonly code: string; readonly iss: string | undefined };

type Finished =
  | { readonly kind: 'visit'; readonly cookie: string }
  /** It is no answer to anything that this browser asked. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'refused'; readonly why: string };

function isFrom({ issuer, iss: base }: Pending, iss: string | undefined): boolean {
  if (issuer === undefined) return true;
  if (iss === undefined) return !issuer.isTold;
  return iss === (issuer.id ?? base);
}

export type EhrLaunches = ReturnType<typeof openEhrLaunches>;

type Asking = {
  readonly ehr: Ehr;
  readonly iss: string;
  readonly launch: string;
  readonly redirect: string;
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
};

function authorizationUrl({ authorizationEndpoint, capabilities }: Discovered, asking: Asking): string {
  const { ehr, iss, launch, redirect, state, nonce, verifier } = asking;
  const url = new URL(authorizationEndpoint);
  const asked = {
    response_type: 'code',
    client_id: ehr.clientId,
    redirect_uri: redirect,
    scope: scopesFor(capabilities, ehr),
    state,
    nonce,
    // The EHR compares it with its base as it has said it.
    aud: iss,
    launch,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  };
  for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value);
  return url.href;
}

type Discovered = {
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  readonly capabilities: readonly string[];
  readonly issuer: Issuer;
};

/** SMART App Launch 2, Conformance. */
async function discover({ fetch }: LaunchPort, { iss }: Ehr): Promise<Discovered> {
  const { json } = await fetch(`${iss}/.well-known/smart-configuration`);
  const said = (json ?? {}) as Readonly<Record<string, unknown>>;
  const [authorizationEndpoint, tokenEndpoint] = [said['authorization_endpoint'], said['token_endpoint']];
  if (!isEndpoint(authorizationEndpoint, iss) || !isEndpoint(tokenEndpoint, iss)) {
    throw new FetchError('the EHR does not describe itself');
  }
  const list: readonly unknown[] = Array.isArray(said['capabilities']) ? said['capabilities'] : [];
  const capabilities = list.filter((one) => typeof one === 'string');
  const { issuer: id, authorization_response_iss_parameter_supported: told } = said;
  const issuer = { isTold: told === true, ...(typeof id === 'string' && { id }) };
  return { authorizationEndpoint, tokenEndpoint, capabilities, issuer };
}

/** Nothing secret goes by http but where the EHR itself does. */
function isEndpoint(url: unknown, iss: string): url is string {
  if (typeof url !== 'string' || !URL.canParse(url)) return false;
  const { protocol } = new URL(url);
  return protocol === 'https:' || protocol === new URL(iss).protocol;
}

const read = ['Immunization', 'Condition', 'AllergyIntolerance', 'Observation', 'Procedure'];

/** In the letters of version 2 where the EHR speaks it. */
function scopesFor(capabilities: readonly string[], { write }: Ehr): string {
  const isNew = capabilities.includes('permission-v2');
  const patient = isNew ? 'patient/Patient.r' : 'patient/Patient.read';
  const others = read.map((type) => `patient/${type}.${isNew ? 'rs' : 'read'}`);
  const writing = write ? [`patient/Immunization.${isNew ? 'c' : 'write'}`] : [];
  return ['launch', 'openid', 'fhirUser', patient, ...others, ...writing].join(' ');
}

type Redeeming = { readonly ehr: Ehr; readonly pending: Pending; readonly code: string };

async function redeem(port: LaunchPort, { ehr, pending, code }: Redeeming): Promise<unknown> {
  const { verifier, tokenEndpoint } = pending;
  const body = new URLSearchParams({
    grant_type: 'authorization_code',
    code,
    redirect_uri: port.redirect,
    code_verifier: verifier,
    client_id: ehr.clientId,
    ...(ehr.kind === 'key' && {
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: await assertion(port, ehr, tokenEndpoint),
    }),
  });
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return (await port.fetch(tokenEndpoint, { method: 'POST', headers, body: body.toString() })).json;
}

/** SMART App Launch 2, asymmetric authentication. */
async function assertion({ keys, clock }: LaunchPort, ehr: Ehr, audience: string): Promise<string> {
  const { kid, privateKey } = await keys.signer();
  const now = Math.floor(clock.now() / 1000);
  const { clientId, jwksUrl } = ehr;
  const claims = { iss: clientId, sub: clientId, aud: audience, jti: newSecret(), iat: now, exp: now + 60 };
  const header = { alg: 'ES384', kid, typ: 'JWT', ...(jwksUrl !== undefined && { jku: jwksUrl }) } as const;
  return jwt.sign(claims, privateKey, { algorithm: 'ES384', header });
}

type Got = {
  readonly token: string;
  readonly seconds: number;
  readonly patient: string;
  readonly fhirUser?: string;
  readonly canWrite: boolean;
};

const usualSeconds = 300;

function readToken(answer: unknown, ehr: Ehr, nonce: string): Got | undefined {
  const said = (answer ?? {}) as Readonly<Record<string, unknown>>;
  const { access_token: token, patient, expires_in: seconds, id_token: idToken, scope } = said;
  if (typeof token !== 'string' || !/^[\x21-\x7e]{1,8192}$/.test(token)) return undefined;
  if (typeof patient !== 'string' || !/^[A-Za-z0-9.-]{1,64}$/.test(patient)) return undefined;
  const fhirUser = typeof idToken === 'string' ? userIn(idToken, ehr, nonce) : undefined;
  const isCount = typeof seconds === 'number' && seconds > 0;
  return {
    token,
    patient,
    seconds: isCount ? seconds : usualSeconds,
    canWrite: mayWrite(scope, ehr),
    ...(fhirUser !== undefined && { fhirUser }),
  };
}

/** RFC 6749, 5.1: an EHR that says no scope has granted what it was asked for. */
function mayWrite(scope: unknown, { write = false }: Ehr): boolean {
  if (!write || typeof scope !== 'string') return write;
  return scope.split(' ').some((one) => writing.test(one));
}

/** Both versions of SMART's scopes; a scope that is narrowed by a query promises nothing of each dose. */
const writing = /^(?:patient|user)\/(?:Immunization|\*)\.(?:write|\*|cr?u?d?s?)$/;

/** OpenID Connect Core, 3.1.3.7: what comes from the token endpoint itself need not be signed to be believed. */
function userIn(idToken: string, { clientId }: Ehr, nonce: string): string | undefined {
  try {
    const claims = jwt.decode(idToken) as jwt.JwtPayload | null;
    const isMine = [claims?.aud].flat().includes(clientId) && (claims?.['nonce'] ?? nonce) === nonce;
    const user: unknown = claims?.['fhirUser'] ?? claims?.sub;
    return isMine && typeof user === 'string' ? user.slice(0, 300) : undefined;
  } catch {
    return undefined;
  }
}
