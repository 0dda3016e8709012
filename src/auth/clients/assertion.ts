import jwt from 'jsonwebtoken';
import type { Store } from '../../store/contract/store.ts';
import type { Clock } from '../../values/clock.ts';
import type { EpochMs } from '../../values/instant.ts';
import { openRecords } from '../records/open-records.ts';
import { hashSecret } from '../secrets/random-secret.ts';
import type { Client } from './client.ts';
import type { ClientKeys } from './client-keys.ts';
import { assertionAlgorithms } from './jwks.ts';

export type AssertionPort = {
  readonly store: Store;
  readonly clock: Clock;
  readonly keys: ClientKeys;
  readonly readClient: (id: string) => Promise<Client | undefined>;
  /** The URL of the token endpoint. */
  readonly audience: string;
};

/** SMART App Launch 2, asymmetric authentication: an assertion is good for five minutes at most. */
const longestSeconds = 300;
const skewSeconds = 10;
const longestJti = 256;

/**
 * The client that has signed the assertion (RFC 7523, SMART App Launch 2). Undefined where it is not known to be the
 * client's: who guesses learns nothing. Whoever has its key is told what is wrong with the claims. Each is good once, in
 * whatever process and after a restart too.
 */
export async function clientByAssertion(
  port: AssertionPort,
  assertion: string,
): Promise<Client | AssertionFault | undefined> {
  const claimed = readUnverified(assertion);
  const client = claimed && (await port.readClient(claimed.client));
  if (client?.kind !== 'key' || !isOwnKeyPlace(claimed?.jku, client)) return undefined;
  const key = claimed && (await port.keys(client, claimed));
  const { id } = client;
  const expected = { issuer: id, subject: id, audience: port.audience };
  const claims = key && verify(port, { assertion, key, alg: claimed.alg, expected });
  if (!claims || 'fault' in claims) return claims;
  if (await isFirstUse(port, client, claims)) return client;
  return { fault: 'jti was used before: each assertion has a new one' };
}

/** What is wrong with an assertion that the client has signed. */
export type AssertionFault = { readonly fault: string };

/**
 * The client whose `iss` has signed a JWT for this URL (CDS Hooks 2.0, Trusting CDS Clients); undefined for whatever is
 * wrong with it. Each is good once.
 */
export async function clientByCdsJwt(
  port: Omit<AssertionPort, 'readClient' | 'audience'>,
  token: string,
  { audience, clientOf }: { readonly audience: string; readonly clientOf: ReadClient },
): Promise<Client | undefined> {
  const claimed = readUnverified(token);
  const client = claimed && (await clientOf(claimed.client));
  if (client?.kind !== 'key' || client.disabled || !isOwnKeyPlace(claimed?.jku, client)) return undefined;
  const key = claimed && (await port.keys(client, claimed));
  const expected = { issuer: claimed?.client ?? '', audience };
  const claims = key && verify(port, { assertion: token, key, alg: claimed.alg, expected });
  if (!claims || 'fault' in claims) return undefined;
  return (await isFirstUse(port, client, claims)) ? client : undefined;
}

type ReadClient = AssertionPort['readClient'];

/** Whom an assertion says it is of, be it true or not. */
export function claimedIssuer(assertion: string): string | undefined {
  return readUnverified(assertion)?.client;
}

type Claimed = {
  readonly client: string;
  readonly alg: (typeof assertionAlgorithms)[number];
  readonly kid: string | undefined;
  readonly jku: unknown;
};

/** What it says of itself, only to find the client and its key. */
function readUnverified(assertion: string): Claimed | undefined {
  const decoded = decode(assertion);
  if (!decoded || typeof decoded.payload !== 'object' || decoded.payload === null) return undefined;
  const { header, payload } = decoded;
  const alg = assertionAlgorithms.find((each) => each === header.alg);
  const { iss } = payload;
  // RFC 7515, 4.1.11: what is critical and not understood makes it worth nothing.
  if (!alg || typeof iss !== 'string' || 'crit' in header) return undefined;
  if (header.kid !== undefined && typeof header.kid !== 'string') return undefined;
  return { client: iss, alg, kid: header.kid, jku: header.jku };
}

/** Undefined for what is no JWT at all, be it broken where it may. */
function decode(assertion: string): jwt.Jwt | null {
  try {
    return jwt.decode(assertion, { complete: true });
  } catch {
    return null;
  }
}

/** Keys come from where the client has registered them, never from where an assertion says. */
function isOwnKeyPlace(jku: unknown, { jwksUrl }: Client): boolean {
  return jku === undefined || (jwksUrl !== undefined && jku === jwksUrl);
}

type Signed = {
  readonly assertion: string;
  readonly key: NonNullable<Awaited<ReturnType<ClientKeys>>>;
  readonly alg: Claimed['alg'];
  readonly expected: { readonly issuer: string; readonly subject?: string; readonly audience: string };
};

type Claims = { readonly jti: string; readonly exp: number };

/** Undefined where another has signed it. */
function verify(
  { clock }: Pick<AssertionPort, 'clock'>,
  { assertion, key, alg, expected }: Signed,
): Claims | AssertionFault | undefined {
  const claims = verifySignature(assertion, key, alg);
  return claims && judgeClaims(claims, expected, Math.floor(clock.now() / 1000));
}

function verifySignature(
  assertion: string,
  key: Signed['key'],
  alg: Signed['alg'],
): jwt.JwtPayload | undefined {
  try {
    const options = { algorithms: [alg], ignoreExpiration: true, ignoreNotBefore: true };
    const claims = jwt.verify(assertion, key, options);
    return typeof claims === 'object' ? claims : undefined;
  } catch {
    // The library and the cryptography below it throw whatever they like at what is no signature.
    return undefined;
  }
}

function judgeClaims(
  { iss, sub, aud, exp, nbf, iat, jti }: jwt.JwtPayload,
  { issuer, subject, audience }: Signed['expected'],
  now: number,
): Claims | AssertionFault {
  const isFor = Array.isArray(aud) ? aud.includes(audience) : aud === audience;
  if (iss !== issuer) return { fault: 'iss must be the issuer that is registered' };
  if (subject !== undefined && sub !== subject) return { fault: 'sub must be the client_id, as iss is' };
  if (!isFor) return { fault: `aud must be ${audience}` };
  if (!isSoon(exp, now)) {
    return { fault: `exp must lie ahead by ${longestSeconds} seconds at most; here it is ${now} now` };
  }
  const ahead = nameAhead({ nbf, iat }, now);
  if (ahead !== undefined) return { fault: `${ahead} must not lie ahead; here it is ${now} now` };
  if (typeof jti !== 'string' || jti === '' || jti.length > longestJti) {
    return { fault: `jti must be a text of ${longestJti} characters at most` };
  }
  return { jti, exp };
}

function isSoon(exp: unknown, now: number): exp is number {
  return typeof exp === 'number' && exp > now - skewSeconds && exp <= now + longestSeconds + skewSeconds;
}

/** The first of the times that is not past. None has to be there. */
function nameAhead(times: Readonly<Record<string, unknown>>, now: number): string | undefined {
  const isPast = (at: unknown) => at === undefined || (typeof at === 'number' && at <= now + skewSeconds);
  return Object.keys(times).find((name) => !isPast(times[name]));
}

async function isFirstUse(
  { store }: Pick<AssertionPort, 'store'>,
  client: Client,
  { jti, exp }: Claims,
): Promise<boolean> {
  const expiresOf = (until: EpochMs) => until;
  const records = openRecords<EpochMs>({ store, collection: 'jti', expiresOf });
  const until = ((exp + skewSeconds + 1) * 1000) as EpochMs;
  return records.add(hashSecret(`${client.id}\n${jti}`), until);
}
