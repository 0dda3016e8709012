import type { FastifyRequest } from 'fastify';
import type { Entitlement } from '../../access/entitlement.ts';
import type { AuditAgent, AuditRow } from '../../store/contract/audit.ts';
import type { AuthServer } from '../auth-server.ts';
import { claimedClient } from '../clients/authenticate-client.ts';
import type { Form } from './form.ts';
import { OAuthError } from './oauth-error.ts';

/** What the authorization server is asked by apps and EHRs, as the audit names it. */
type Asked = {
  readonly interaction: 'token' | 'introspect' | 'revoke' | 'launch';
  readonly request: FastifyRequest;
  /** Fields of the request that hold no secret, as they were sent. */
  readonly query?: string | undefined;
};

/**
 * Tells of a request by a client that is known, be it answered or refused. Who names no such client leaves nothing: what
 * stands there may be a secret in the wrong field.
 */
export async function toldByForm<Answer>(
  server: AuthServer,
  asked: Asked & { readonly form: Form },
  answer: () => Promise<Answer>,
): Promise<Answer> {
  const { form, request } = asked;
  return told(server, asked, answer, async () => {
    const bearer = await server.bearer.entitlementOf(request);
    if (bearer) return agentOf(bearer);
    const id = claimedClient({ form, authorization: request.headers.authorization });
    const client = id === undefined ? undefined : await server.clients.read(id);
    return client && { name: `client:${client.id}`, client: client.id };
  });
}

/** The same of a request that brings an access token. */
export function toldByToken<Answer>(
  server: AuthServer,
  asked: Asked,
  entitlement: Entitlement | undefined,
  answer: () => Promise<Answer>,
): Promise<Answer> {
  return told(server, asked, answer, async () => entitlement && agentOf(entitlement));
}

async function told<Answer>(
  { tell }: AuthServer,
  asked: Asked,
  answer: () => Promise<Answer>,
  agentOfRequest: () => Promise<AuditAgent | undefined>,
): Promise<Answer> {
  if (!tell) return answer();
  const leave = async (outcome: AuditRow['outcome'], why?: string) => {
    const agent = await agentOfRequest();
    if (agent) await tell(rowOf(asked, agent, { outcome, ...(why !== undefined && { why }) }));
  };
  try {
    const found = await answer();
    await leave(0);
    return found;
  } catch (thrown) {
    if (thrown instanceof OAuthError) await leave(4, thrown.code);
    throw thrown;
  }
}

function rowOf(
  { interaction, request, query }: Asked,
  agent: AuditAgent,
  end: Pick<AuditRow, 'outcome' | 'why'>,
) {
  return { agent, action: 'E', interaction, from: request.ip, ...(query && { query }), ...end } as const;
}

function agentOf({ name, client, user }: Entitlement): AuditAgent {
  if (!user) return { name, client };
  const { login, role, fhirUser } = user;
  return { name, client, user: login, role, ...(fhirUser !== undefined && { fhirUser }) };
}
