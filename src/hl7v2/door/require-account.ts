import type { FastifyReply, FastifyRequest } from 'fastify';
import type { InterfaceAccount, InterfaceAccounts } from '../../access/interface-account.ts';
import { Problem } from '../../fhir/problem.ts';
import { openAccount } from '../open-account.ts';

export type Credentials = { readonly login: string; readonly password: string };

/** RFC 7617. Undefined where the header says something else, or nothing that can be read. */
export function basicOf(authorization: string | undefined): Credentials | undefined {
  const [, sent] = /^Basic +([\w+/]+={0,2})$/i.exec(authorization ?? '') ?? [];
  if (sent === undefined) return undefined;
  const text = Buffer.from(sent, 'base64').toString('utf8');
  const at = text.indexOf(':');
  return at < 0 ? undefined : { login: text.slice(0, at), password: text.slice(at + 1) };
}

/**
 * Who sends a request: by its token, or by login and password. Throws the Problem of who is not known (401), is no interface
 * account (403), or has failed too often (429). Without `accounts` everybody is one, but no page of another site.
 */
export async function requireAccount(
  accounts: InterfaceAccounts | undefined,
  request: FastifyRequest,
  reply: FastifyReply,
  credentials: Credentials | undefined,
): Promise<InterfaceAccount> {
  if (!accounts) return requireOwnPage(request);
  const account = await (credentials
    ? byPassword(accounts, credentials, request.ip)
    : accounts.byToken(request));
  if (account) return account;
  reply.header('www-authenticate', 'Bearer realm="Jenner", Basic realm="Jenner", charset="UTF-8"');
  throw new Problem(
    'unauthenticated',
    credentials
      ? 'The login or the password is wrong'
      : 'This server takes messages of an interface account: with an access token, or with its login and password',
  );
}

async function byPassword(
  accounts: InterfaceAccounts,
  { login, password }: Credentials,
  address: string,
): Promise<InterfaceAccount | undefined> {
  const verdict = await accounts.byPassword({ login, password, address });
  switch (verdict) {
    case 'wrong':
      return undefined;
    case 'wait':
      throw new Problem('too-many-requests', 'Too many wrong passwords were sent; try again later', {
        retryAfter: 60,
      });
    case 'other':
      throw new Problem('forbidden', 'The account is no interface account, which messages are sent by');
    default:
      return verdict;
  }
}

/** What a browser sends for a page of another site names it (Fetch Standard, Origin header). */
function requireOwnPage({ headers, host, protocol }: FastifyRequest): InterfaceAccount {
  const { origin } = headers;
  if (origin === undefined || origin === `${protocol}://${host}`) return openAccount;
  throw new Problem('forbidden', 'This server takes no messages from pages of other sites');
}
