import type { FastifyRequest } from 'fastify';
import type { AuthServer } from '../auth-server.ts';
import { claimedClient } from '../clients/authenticate-client.ts';
import type { Form } from './form.ts';
import { OAuthError } from './oauth-error.ts';

type Asked = { readonly form: Form; readonly request: FastifyRequest };

/** Tells of a request for a token that was refused, where it names a client that is known. */
export async function toldOfRefusal<Answer>(
  server: AuthServer,
  { form, request }: Asked,
  answer: () => Promise<Answer>,
): Promise<Answer> {
  try {
    return await answer();
  } catch (thrown) {
    if (thrown instanceof OAuthError) await tellRefusal(server, { form, request }, thrown.code);
    throw thrown;
  }
}

async function tellRefusal(
  { tell, clients }: AuthServer,
  { form, request }: Asked,
  why: string,
): Promise<void> {
  const id = tell && claimedClient({ form, authorization: request.headers.authorization });
  const client = id === undefined ? undefined : await clients.read(id);
  if (!tell || !client) return;
  await tell({
    agent: { name: `client:${client.id}`, client: client.id },
    action: 'E',
    interaction: 'token',
    why,
    outcome: 4,
    from: request.ip,
  });
}
