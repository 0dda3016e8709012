import type { FastifyInstance, FastifyReply } from 'fastify';
import type { GrantShown, OwnAppsPage } from '../../pages/auth-pages.ts';
import type { AuthServer } from '../auth-server.ts';
import { hashSecret } from '../secrets/random-secret.ts';
import type { SignedIn } from '../session/browser.ts';
import type { User } from '../users/user.ts';
import { frameOf } from './frame.ts';
import { toGrantShown } from './grant-shown.ts';
import type { Page } from './page.ts';
import { getPage, postForm, signedIn } from './page-route.ts';
import { sendPage } from './send-page.ts';
import { tellChange } from './tell-page.ts';

/** What apps somebody let work for them: staff have no record of their own to find them by. */
export function addOwnAppsPage(app: FastifyInstance, server: AuthServer): void {
  getPage(
    app,
    server,
    '/app/apps',
    signedIn((page) => show(page)),
  );
  postForm(app, server, '/app/apps', signedIn(stop));
}

async function show(page: Page<SignedIn>, notice?: OwnAppsPage['notice']): Promise<FastifyReply> {
  const { server, request, reply, browser } = page;
  const html = server.pages.ownApps({
    ...(await frameOf(server, request, reply, browser)),
    grants: await shownGrants(server, browser.signedIn.user),
    ...(notice && { notice }),
  });
  return sendPage(reply, html);
}

async function stop(page: Page<SignedIn>): Promise<FastifyReply> {
  const { server, browser, fields } = page;
  const { login, subject } = browser.signedIn.user;
  const named = fields.get('stop') ?? '';
  const grants = await server.grants.ofUser(login, subject);
  const theirs = grants.find(({ key }) => hashSecret(key) === named);
  if (!theirs) return show(page);
  await server.grants.revoke(theirs.key);
  await tellChange(page, `stop ${theirs.value.client}`, true);
  return show(page, 'stopped');
}

/** By the hash of the key, which names the patient. */
async function shownGrants(server: AuthServer, { login, subject }: User): Promise<readonly GrantShown[]> {
  const shown: GrantShown[] = [];
  for (const { key, value } of await server.grants.ofUser(login, subject)) {
    const client = await server.clients.read(value.client);
    if (client) shown.push(toGrantShown(hashSecret(key), client, value));
  }
  return shown.sort((one, other) => (one.since < other.since ? 1 : -1));
}
