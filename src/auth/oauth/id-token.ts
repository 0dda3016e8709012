import jwt from 'jsonwebtoken';
import type { EpochMs } from '../../values/instant.ts';
import type { AuthServer } from '../auth-server.ts';
import type { User } from '../users/user.ts';

export type IdTokenOf = {
  readonly user: User;
  readonly client: string;
  readonly scopes: readonly string[];
  readonly authTime?: EpochMs;
  readonly nonce?: string | undefined;
};

const lifeSeconds = 3600;

/** OpenID Connect Core, 2, with `fhirUser` as SMART App Launch 2 has it; undefined where `openid` was not granted. */
export async function toIdToken(server: AuthServer, told: IdTokenOf): Promise<string | undefined> {
  const { user, client, scopes, authTime, nonce } = told;
  if (!scopes.includes('openid')) return undefined;
  const { kid, privateKey } = await server.keys.signer();
  const iat = toSeconds(server.clock.now());
  const tellsUser = scopes.includes('fhirUser') || scopes.includes('profile');
  const url = tellsUser ? fhirUserUrl(server, user) : undefined;
  const claims = {
    iss: server.issuer,
    sub: user.subject,
    aud: client,
    iat,
    exp: iat + lifeSeconds,
    ...(authTime !== undefined && { auth_time: toSeconds(authTime) }),
    ...(nonce !== undefined && { nonce }),
    ...(url !== undefined && scopes.includes('fhirUser') && { fhirUser: url }),
    ...(url !== undefined && scopes.includes('profile') && { profile: url }),
  };
  return jwt.sign(claims, privateKey, { algorithm: 'RS256', keyid: kid });
}

export function fhirUserUrl({ base }: AuthServer, { fhirUser }: User): string | undefined {
  return fhirUser === undefined ? undefined : `${base}/${fhirUser}`;
}

export function toSeconds(at: EpochMs): number {
  return Math.floor(at / 1000);
}
