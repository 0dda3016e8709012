import type { FastifyReply } from 'fastify';
import type { AppShown, SignInPage } from '../../pages/auth-pages.ts';
import type { AuthServer } from '../auth-server.ts';
import type { Client } from '../clients/client.ts';
import { frameOf } from './frame.ts';
import type { Page } from './page.ts';
import { sendPage } from './send-page.ts';

type Asked = {
  /** Where to go on. */
  readonly next: string;
  readonly login?: string;
  /** Whether nobody but that login can go on. */
  readonly isOnly?: boolean;
  readonly failure?: NonNullable<SignInPage['failure']>;
};

/** The page that asks who somebody is. */
export async function signInFor(
  page: Page,
  { next, login, isOnly = false, failure }: Asked,
): Promise<FastifyReply> {
  const { server, request, reply, browser } = page;
  const { signedIn: _, ...stranger } = browser;
  const frame = await frameOf(server, request, reply, stranger);
  const asks = await appBehind(server, next);
  const query = new URLSearchParams({ next });
  const html = server.pages.signIn({
    ...frame,
    hidden: { next },
    ...(login !== undefined && { login: login.slice(0, 100) }),
    ...(login !== undefined && isOnly && { onlyAs: login.slice(0, 100) }),
    ...(failure && { failure }),
    ...(asks && { app: toAppShown(asks.client, asks.redirect) }),
    providers: server.upstream
      ? [{ name: server.upstream.name, href: `/auth/upstream?${query.toString()}` }]
      : [],
  });
  return sendPage(reply, html, asks?.redirect);
}

/** The app that is waiting for somebody to sign in; nothing where it is not registered as it says. */
async function appBehind(
  server: AuthServer,
  next: string,
): Promise<{ readonly client: Client; readonly redirect: string } | undefined> {
  if (!next.startsWith('/auth/authorize?')) return undefined;
  const query = new URLSearchParams(next.slice(next.indexOf('?') + 1));
  const client = await server.clients.read(query.get('client_id') ?? '');
  const redirect = query.get('redirect_uri') ?? '';
  return client?.redirects.includes(redirect) ? { client, redirect } : undefined;
}

export function toAppShown({ name, organization }: Client, redirect: string): AppShown {
  const { host, protocol } = new URL(redirect);
  return { name, host: host === '' ? protocol.slice(0, -1) : host, verified: organization !== undefined };
}
