import { createHash, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import jwt from 'jsonwebtoken';
import type { Store } from '../../store/contract/store.ts';
import type { Clock } from '../../values/clock.ts';
import type { EpochMs } from '../../values/instant.ts';
import { FetchError, fetchJson } from '../clients/fetch-json.ts';
import { isSignedInAnew } from '../oauth/prompting.ts';
import { openRecords } from '../records/open-records.ts';
import { hashSecret, newSecret } from '../secrets/random-secret.ts';

export type UpstreamSettings = {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string | undefined;
  /** As the sign-in page calls it. */
  readonly name: string;
};

/** Sign-in through another OpenID Connect provider (code, PKCE, nonce). */
export type Upstream = {
  readonly name: string;
  /** Where to send the browser; `next` is where it goes afterwards, `browser` what binds the answer to it. */
  readonly begin: (next: string, browser: string) => Promise<string>;
  /** Who it is there, by the answer that the browser brings; undefined for whatever is wrong with it. */
  readonly finish: (answer: UpstreamAnswer, browser: string) => Promise<UpstreamIdentity | undefined>;
};

export type UpstreamAnswer = {
  readonly state: string | undefined;
  readonly code: string | undefined;
  readonly iss: string | undefined;
};

export type UpstreamIdentity = { readonly subject: string; readonly next: string };

type Pending = {
  readonly verifier: string;
  readonly nonce: string;
  readonly next: string;
  readonly browser: string;
  readonly until: EpochMs;
};

type Port = {
  readonly settings: UpstreamSettings;
  readonly publicUrl: string;
  readonly store: Store;
  readonly clock: Clock;
};

const lifeMs = 10 * 60_000;

export function openUpstream(port: Port): Upstream {
  const { settings, publicUrl, store, clock } = port;
  const redirect = `${publicUrl}/auth/upstream/callback`;
  const records = openRecords<Pending>({ store, collection: 'upstream', expiresOf: ({ until }) => until });
  return {
    name: settings.name,
    begin: async (next, browser) => {
      const { authorization_endpoint: endpoint } = await discover(settings);
      const [state, nonce, verifier] = [newSecret(), newSecret(), newSecret()];
      const until = (clock.now() + lifeMs) as EpochMs;
      await records.put(hashSecret(state), { verifier, nonce, next, browser: hashSecret(browser), until });
      const url = new URL(endpoint);
      const challenge = createHash('sha256').update(verifier).digest('base64url');
      const asked = {
        response_type: 'code',
        client_id: settings.clientId,
        redirect_uri: redirect,
        scope: 'openid',
        state,
        nonce,
        code_challenge: challenge,
        code_challenge_method: 'S256',
        ...(isSignedInAnew(next) && { prompt: 'login' }),
      };
      for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value);
      return url.href;
    },
    finish: async ({ state, code, iss }, browser) => {
      const pending = state === undefined ? undefined : await records.take(hashSecret(state));
      if (!pending || code === undefined || pending.browser !== hashSecret(browser)) return undefined;
      // RFC 9207: an answer of somebody else's server.
      if (iss !== undefined && iss !== settings.issuer) return undefined;
      const subject = await redeem(port, { code, redirect, pending });
      return subject === undefined ? undefined : { subject, next: pending.next };
    },
  };
}

type Discovered = {
  readonly authorization_endpoint: string;
  readonly token_endpoint: string;
  readonly jwks_uri: string;
};

/** The operator has named this server, so it may lie anywhere. */
const anywhere = { allowPrivate: true } as const;

async function discover({ issuer }: UpstreamSettings): Promise<Discovered> {
  const { json } = await fetchJson(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, anywhere);
  const found = json as Partial<Discovered & { readonly issuer: string }>;
  const isWhole = [found.authorization_endpoint, found.token_endpoint, found.jwks_uri].every(
    (url) => typeof url === 'string' && URL.canParse(url),
  );
  if (!isWhole || found.issuer !== issuer) throw new FetchError('the provider does not describe itself');
  return found as Discovered;
}

type Redeemed = { readonly code: string; readonly redirect: string; readonly pending: Pending };

async function redeem(
  { settings, clock }: Port,
  { code, redirect, pending }: Redeemed,
): Promise<string | undefined> {
  const { clientId, clientSecret } = settings;
  const { token_endpoint: endpoint, jwks_uri: jwksUri } = await discover(settings);
  const body = new URLSearchParams({
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirect,
    code_verifier: pending.verifier,
    client_id: clientId,
  });
  const basic = Buffer.from([clientId, clientSecret ?? ''].map(encodeURIComponent).join(':')).toString(
    'base64',
  );
  const { json } = await fetchJson(endpoint, {
    ...anywhere,
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      ...(clientSecret !== undefined && { authorization: `Basic ${basic}` }),
    },
    body: body.toString(),
  });
  const { id_token: idToken } = json as { readonly id_token?: unknown };
  if (typeof idToken !== 'string') return undefined;
  const key = keyFor(idToken, (await fetchJson(jwksUri, anywhere)).json);
  return key && subjectOf(idToken, { key, settings, nonce: pending.nonce, now: clock.now() });
}

/** Signatures by a public key alone: who knows the client's secret is not the provider. */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512'] as const;

function keyFor(idToken: string, jwks: unknown): KeyObject | undefined {
  const kid = jwt.decode(idToken, { complete: true })?.header.kid;
  const { keys } = jwks as { readonly keys?: unknown };
  if (!Array.isArray(keys)) return undefined;
  const all = keys as readonly (JsonWebKey & { readonly kid?: string; readonly use?: string })[];
  const [key, ...others] = all.filter(
    (each) => (kid === undefined || each.kid === kid) && each.use !== 'enc' && each.kty !== 'oct',
  );
  if (!key || others.length > 0) return undefined;
  return createPublicKey({ key, format: 'jwk' });
}

type Checked = {
  readonly key: KeyObject;
  readonly settings: UpstreamSettings;
  readonly nonce: string;
  readonly now: EpochMs;
};

/** OpenID Connect Core, 3.1.3.7. */
function subjectOf(idToken: string, { key, settings, nonce, now }: Checked): string | undefined {
  try {
    const claims = jwt.verify(idToken, key, {
      algorithms: [...algorithms],
      issuer: settings.issuer,
      audience: settings.clientId,
      nonce,
      clockTimestamp: Math.floor(now / 1000),
      clockTolerance: 30,
    }) as jwt.JwtPayload;
    const { sub, aud, exp } = claims;
    const isMine = !Array.isArray(aud) || aud.length === 1 || claims['azp'] === settings.clientId;
    return isMine && exp !== undefined && sub !== undefined && sub !== '' ? sub : undefined;
  } catch (thrown) {
    if (thrown instanceof jwt.JsonWebTokenError) return undefined;
    throw thrown;
  }
}
