import type { AuthServer } from '../auth-server.ts';
import { type LiveToken, liveOf } from '../bearer/bearer.ts';
import { scopesNow } from '../bearer/to-entitlement.ts';
import type { Client } from '../clients/client.ts';
import { hashSecret } from '../secrets/random-secret.ts';
import { type Form, required } from './form.ts';
import { toldContext } from './grant.ts';
import { fhirUserUrl, toSeconds } from './id-token.ts';
import type { TokenAnswer } from './token-endpoint.ts';
import type { Token } from './tokens.ts';

const inactive: TokenAnswer = { active: false };

/** RFC 7662, with the launch context as SMART App Launch 2 has it. */
export async function introspect(server: AuthServer, form: Form): Promise<TokenAnswer> {
  const secret = required(form, 'token');
  const token = await server.tokens.read(secret);
  if (!token || token.until <= server.clock.now()) return inactive;
  const live = await liveOf(server.bearerPort, token);
  if (!live || !isCurrent(live, secret)) return inactive;
  return describe(server, live);
}

/** A refresh token that was used is no more. */
function isCurrent({ token, grant }: LiveToken, secret: string): boolean {
  return token.kind === 'access' || grant?.refresh === hashSecret(secret);
}

function describe(server: AuthServer, { token, client, grant, user }: LiveToken): TokenAnswer {
  const granted = token.kind === 'access' ? token.scopes : (grant?.scopes ?? []);
  const scopes = scopesNow(granted, client).map(({ text }) => text);
  const url = user && scopes.includes('fhirUser') ? fhirUserUrl(server, user) : undefined;
  return {
    active: true,
    scope: scopes.join(' '),
    client_id: client.id,
    token_type: token.kind === 'access' ? 'Bearer' : 'refresh_token',
    exp: toSeconds(token.until),
    iat: toSeconds(token.issued),
    iss: server.issuer,
    aud: server.base,
    ...(user && { sub: user.subject }),
    ...(url !== undefined && { fhirUser: url }),
    ...(grant && {
      ...toldContext(grant.context, grant.scopes),
      need_patient_banner: grant.context.needPatientBanner ?? true,
    }),
  };
}

/**
 * RFC 7009. A token of somebody else, or of nobody, is passed over in silence. With either token of a grant all that was
 * granted ends.
 */
export async function revoke(server: AuthServer, form: Form, client: Client): Promise<void> {
  const secret = required(form, 'token');
  const token: Token | undefined = await server.tokens.read(secret);
  if (token?.client !== client.id) return;
  if (token.grant === undefined) await server.tokens.revoke(secret);
  else await server.grants.revoke(token.grant);
}
