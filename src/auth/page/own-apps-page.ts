import type { FastifyInstance, FastifyReply } from 'fastify';
import type { OwnAppsPage } from '../../pages/auth-pages.ts';
import type { AuthServer } from '../auth-server.ts';
import type { SignedIn } from '../session/browser.ts';
import { frameOf } from './frame.ts';
import { type HeldGrant, heldGrants, showByApp, stopApp } from './grant-shown.ts';
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
    grants: showByApp(await grantsOf(page)),
    ...(notice && { notice }),
  });
  return sendPage(reply, html);
}

async function stop(page: Page<SignedIn>): Promise<FastifyReply> {
  const app = page.fields.get('stop') ?? '';
  if (!(await stopApp(page.server, await grantsOf(page), app))) return show(page);
  await tellChange(page, `stop ${app}`, true);
  return show(page, 'stopped');
}

async function grantsOf({ server, browser }: Page<SignedIn>): Promise<readonly HeldGrant[]> {
  const { login, subject } = browser.signedIn.user;
  return heldGrants(server, await server.grants.ofUser(login, subject));
}
