import type { FastifyInstance, FastifyReply } from 'fastify';
import type { AccountPage, Frame } from '../../pages/auth-pages.ts';
import type { AuthServer } from '../auth-server.ts';
import { isGoodPassword } from '../secrets/passwords.ts';
import { beginSession, type SignedIn } from '../session/browser.ts';
import { newSecondFactor } from '../sign-in/second-factor.ts';
import { newTotpSecret, stepOfCode, totpUri } from '../sign-in/totp.ts';
import { signInFor } from './ask-sign-in.ts';
import { frameOf } from './frame.ts';
import type { Page } from './page.ts';
import { getPage, postForm, signedIn } from './page-route.ts';
import { seeOther, sendPage } from './send-page.ts';
import { tellChange } from './tell-page.ts';

/** The password and the second factor of who has signed in. */
export function addAccountPage(app: FastifyInstance, server: AuthServer): void {
  getPage(
    app,
    server,
    path,
    signedIn((page) => showAccount(page, page.fields.get('done') === 'password' ? { done: 'password' } : {})),
  );
  postForm(app, server, path, signedIn(change));
}

const path = '/app/account';

type Shown = Omit<AccountPage, keyof Frame | 'hasCode' | 'login'>;

async function showAccount(page: Page<SignedIn>, shown: Shown = {}): Promise<FastifyReply> {
  const { server, request, reply, browser } = page;
  const { login } = browser.signedIn.user;
  const user = await server.users.read(login);
  const hasCode = user?.secondFactor !== undefined;
  const frame = await frameOf(server, request, reply, browser);
  if (shown.failure !== undefined) reply.status(shown.failure === 'wait' ? 429 : 400);
  return sendPage(reply, server.pages.account({ ...frame, login, hasCode, ...shown }));
}

/** `change` says what: password, code-start, code-on, code-off. */
async function change(page: Page<SignedIn>): Promise<FastifyReply> {
  const asked = page.fields.get('change') ?? 'password';
  const changes = {
    password: changePassword,
    'code-start': startCode,
    'code-on': turnOn,
    'code-off': turnOff,
  };
  if (!Object.hasOwn(changes, asked)) return showAccount(page);
  return changes[asked as keyof typeof changes](page);
}

/** All other sessions end. */
async function changePassword(page: Page<SignedIn>): Promise<FastifyReply> {
  const { server, request, reply, browser, fields } = page;
  const { login, passwordHash } = browser.signedIn.user;
  const attempt = { login, address: request.ip };
  const isCounted = await server.throttle.begin(attempt);
  const isRight = isCounted && (await server.passwords.verify(fields.get('current') ?? '', passwordHash));
  if (!isRight) {
    await tellChange(page, 'password', false);
    return showAccount(page, { failure: isCounted ? 'wrong' : 'wait' });
  }
  await server.throttle.succeed(attempt);
  const password = fields.get('password') ?? '';
  if (!isGoodPassword(password, login)) return showAccount(page, { failure: 'weak' });
  if (password !== (fields.get('again') ?? password)) return showAccount(page, { failure: 'differs' });
  const hash = await server.passwords.hash(password);
  const sessionsFrom = server.clock.now();
  const changed = await server.users.change(login, (user) => ({ ...user, passwordHash: hash, sessionsFrom }));
  await tellChange(page, 'password', changed !== undefined);
  if (changed) await renew(page);
  return seeOther(reply, `${path}?done=password`);
}

/** The session goes on under another cookie. */
async function renew({ server, reply, browser }: Page<SignedIn>): Promise<void> {
  await server.sessions.end(browser.key);
  await beginSession(server, reply, browser.signedIn.user);
}

async function startCode(page: Page<SignedIn>): Promise<FastifyReply> {
  const { server, browser } = page;
  const { login, secondFactor } = browser.signedIn.user;
  if (secondFactor) return showAccount(page);
  const secret = newTotpSecret();
  await server.setups.begin(browser.key, secret);
  return showAccount(page, { setup: { secret, uri: totpUri(secret, login, 'Jenner') } });
}

/** The app of the user shows a code, so it has the secret. */
async function turnOn(page: Page<SignedIn>): Promise<FastifyReply> {
  const { server, browser, fields } = page;
  const { login } = browser.signedIn.user;
  const secret = await server.setups.read(browser.key);
  if (secret === undefined) return showAccount(page);
  const now = server.clock.now();
  const step = stepOfCode(secret, fields.get('code') ?? '', { now, lastStep: 0 });
  if (step === undefined) {
    await tellChange(page, 'code-on', false);
    return showAccount(page, { failure: 'code', setup: { secret, uri: totpUri(secret, login, 'Jenner') } });
  }
  const { factor, codes } = newSecondFactor(server, secret, step);
  await server.users.change(login, (user) => ({ ...user, secondFactor: factor }));
  await server.setups.end(browser.key);
  await tellChange(page, 'code-on', true);
  return showAccount(page, { done: 'code-on', recovery: codes });
}

/** A screen that was left open must not be enough. */
const freshMs = 5 * 60_000;

async function turnOff(page: Page<SignedIn>): Promise<FastifyReply> {
  const { server, browser } = page;
  const { user, session } = browser.signedIn;
  if (server.clock.now() - session.since > freshMs) return signInFor(page, { next: path, login: user.login });
  await server.users.change(user.login, ({ secondFactor: _, ...rest }) => rest);
  await tellChange(page, 'code-off', true);
  return showAccount(page, { done: 'code-off' });
}
