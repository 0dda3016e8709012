import type { FastifyInstance, FastifyReply } from 'fastify';
import type { AuthServer } from '../auth-server.ts';
import { beginSession, deviceOf, endSession, rememberDevice } from '../session/browser.ts';
import { checkPassword } from '../sign-in/check-password.ts';
import type { User } from '../users/user.ts';
import { signInFor } from './ask-sign-in.ts';
import { frameOf } from './frame.ts';
import type { Page } from './page.ts';
import { getPage, postForm } from './page-route.ts';
import { safeNext } from './safe-next.ts';
import { seeOther, sendPage, sendProblem } from './send-page.ts';
import { tellSignIn } from './tell-page.ts';

/** Signing in and out. */
export function addSignInPages(app: FastifyInstance, server: AuthServer): void {
  getPage(app, server, '/auth/sign-in', (page) => signInFor(page, { next: nextOf(page) }));
  postForm(app, server, '/auth/sign-in', signIn);
  postForm(app, server, '/auth/sign-out', async (page) => {
    await endSession(server, page.reply, page.browser);
    const { signedIn: _, ...browser } = page.browser;
    const frame = await frameOf(server, page.request, page.reply, browser);
    return sendPage(page.reply, server.pages.signedOut(frame));
  });
  addUpstreamPages(app, server);
}

async function signIn(page: Page): Promise<FastifyReply> {
  const { server, request, reply, fields } = page;
  const login = fields.get('login') ?? '';
  const verdict = await checkPassword(server, {
    login,
    password: fields.get('password') ?? '',
    code: fields.get('code') ?? '',
    address: request.ip,
    device: deviceOf(server, request),
  });
  const next = nextOf(page);
  await tellSignIn(page, verdict.user, verdict.kind === 'signed-in');
  if (verdict.kind === 'refused') {
    reply.status(verdict.failure === 'wait' ? 429 : 401);
    return signInFor(page, { next, login, failure: verdict.failure });
  }
  await server.sessions.end(page.browser.key);
  await begin(page, verdict.user);
  await rememberDevice(server, request, reply, verdict.user);
  return seeOther(reply, next);
}

async function begin({ server, reply }: Page, user: User): Promise<void> {
  await beginSession(server, reply, user);
  await server.users.spend(user.login, (there) => ({ ...there, lastSignIn: server.clock.now() }));
}

function nextOf({ fields }: Page): string {
  return safeNext(fields.get('next') ?? '');
}

function addUpstreamPages(app: FastifyInstance, server: AuthServer): void {
  const { upstream } = server;
  if (!upstream) return;
  getPage(app, server, '/auth/upstream', async (page) => {
    const { reply, browser } = page;
    return seeOther(reply, await upstream.begin(nextOf(page), browser.cookie));
  });
  getPage(app, server, '/auth/upstream/callback', async (page) => {
    const { request, reply, browser, fields } = page;
    if (request.method === 'HEAD') return reply.status(200).type('text/html; charset=utf-8').send();
    const [state, code, iss] = ['state', 'code', 'iss'].map((name) => fields.get(name) ?? undefined);
    const identity = await upstream.finish({ state, code, iss }, browser.cookie);
    const user = identity && (await server.users.findUpstream(identity.subject));
    if (!identity || !user || user.disabled) {
      await tellSignIn(page, user, false);
      return sendProblem(server, request, reply, { status: 403, code: 'forbidden', browser });
    }
    await tellSignIn(page, user, true);
    await begin(page, user);
    return seeOther(reply, safeNext(identity.next));
  });
}
