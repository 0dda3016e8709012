import type { FastifyInstance, FastifyReply } from 'fastify';
import type { AuthServer } from '../auth-server.ts';
import { ownPersons } from '../bearer/own-persons.ts';
import type { Client } from '../clients/client.ts';
import { needsPatient } from '../oauth/consent-boxes.ts';
import type { LaunchContext } from '../oauth/grant.ts';
import type { Launch } from '../oauth/launches.ts';
import { mustSignIn, onceSignedIn, type Prompting } from '../oauth/prompting.ts';
import {
  type AuthorizationRequest,
  answerRedirect,
  errorRedirect,
  readAuthorization,
} from '../oauth/read-authorization.ts';
import { isCertain } from '../oauth/remembered.ts';
import { isSignedIn, readBrowser, type SignedIn } from '../session/browser.ts';
import { foldLogin, type User } from '../users/user.ts';
import { signInFor } from './ask-sign-in.ts';
import { giveCode } from './give-code.ts';
import type { Page } from './page.ts';
import { getPage, queryOf } from './page-route.ts';
import { mayPick } from './pick-page.ts';
import { seeOther, sendProblem } from './send-page.ts';

/** More than fits into the URL that goes on after somebody has signed in. */
const longestRequest = 12_000;

/** The authorization endpoint (RFC 6749, 3.1; SMART App Launch 2). */
export function addAuthorizePage(app: FastifyInstance, server: AuthServer): void {
  getPage(app, server, '/auth/authorize', authorize);
  // By GET again, with which a browser sends its cookie, wherever the form came from.
  app.post('/auth/authorize', async (request, reply) => {
    const { body, headers } = request;
    const isForm = /^application\/x-www-form-urlencoded\b/i.test(headers['content-type'] ?? '');
    if (isForm && typeof body === 'string' && body.length <= longestRequest) {
      return seeOther(reply, `/auth/authorize?${new URLSearchParams(body)}`);
    }
    const browser = await readBrowser(server, request, reply);
    return sendProblem(server, request, reply, { status: 400, code: 'unreadable', browser });
  });
}

async function authorize(page: Page): Promise<FastifyReply> {
  const { server, request, reply, browser } = page;
  const verdict = await readAuthorization(server, queryOf(request).toString());
  if (verdict.kind === 'page') {
    return sendProblem(server, request, reply, { status: 400, code: verdict.code, browser });
  }
  if (verdict.kind === 'redirect') return seeOther(reply, verdict.to);
  const asked = verdict.request;
  const launch = await launchOf(server, asked);
  // RFC 9110, 9.3.2: who only looks uses nothing up.
  if (request.method === 'HEAD') return reply.status(200).type('text/html; charset=utf-8').send();
  if (launch === 'invalid') return seeOther(reply, badLaunch(server, asked));
  return withSomebody(page, asked, launch);
}

/** Goes on with who has signed in, where that is who is meant and lately enough; else asks, where that may be. */
async function withSomebody(
  page: Page,
  asked: AuthorizationRequest,
  launch: Launch | undefined,
): Promise<FastifyReply> {
  const { server, request, reply, browser } = page;
  const { prompting } = asked;
  const now = server.clock.now();
  const isMeant =
    isSignedIn(browser) &&
    (launch?.user === undefined || isUser(browser.signedIn.user, launch.user)) &&
    !mustSignIn(prompting, browser.signedIn.session, now);
  if (isMeant) return begin({ ...page, browser }, asked, launch);
  if (prompting.isSilent) {
    const text = 'Nobody has signed in, or not lately';
    return seeOther(reply, refusal(server, asked, { code: 'login_required', text }));
  }
  const isOnly = launch?.user !== undefined;
  const login = launch?.user ?? prompting.hint;
  const next = asksAnew(prompting) ? onceSignedIn(request.url, now) : request.url;
  return signInFor(page, { next, isOnly, ...(login !== undefined && { login }) });
}

function asksAnew({ asksLogin, maxAge }: Prompting): boolean {
  return asksLogin || maxAge !== undefined;
}

type Refused = Pick<Parameters<typeof errorRedirect>[1], 'code' | 'text'>;

function refusal(server: AuthServer, { redirect, state }: AuthorizationRequest, why: Refused): string {
  return errorRedirect(server, { redirect, state, ...why });
}

function isUser(user: User, login: string): boolean {
  return foldLogin(user.login) === foldLogin(login);
}

/** The launch that the app speaks of, not used up by looking; it is that app's alone. */
async function launchOf(
  { launches }: AuthServer,
  { client, launch, scopes }: AuthorizationRequest,
): Promise<Launch | undefined | 'invalid'> {
  if (launch === undefined || !scopes.some(({ text }) => text === 'launch')) return undefined;
  const found = await launches.read(launch);
  return found?.client === client.id ? found : 'invalid';
}

function badLaunch(server: AuthServer, asked: AuthorizationRequest): string {
  const text = 'launch is unknown, has expired or was used';
  return refusal(server, asked, { code: 'invalid_request', text });
}

/** Leads to whom it is about, to the consent, or back to the app where that was given before and is remembered. */
async function begin(
  page: Page<SignedIn>,
  asked: AuthorizationRequest,
  launch: Launch | undefined,
): Promise<FastifyReply> {
  const { server, reply, browser } = page;
  const { client, redirect, state, challenge, nonce, prompting } = asked;
  const scopes = asked.scopes.map(({ text }) => text);
  const { user } = browser.signedIn;
  const found = await contextFor(server, user, { client, scopes, context: launch?.context ?? {} });
  const granted = found === 'nobody' ? undefined : await rememberedFor(server, user, asked, found);
  // OpenID Connect Core, 3.1.2.6: no page may be shown.
  if (prompting.isSilent && found !== 'nobody' && !granted) {
    const text = 'The person is to be asked';
    return seeOther(reply, refusal(server, asked, { code: 'consent_required', text }));
  }
  // Somebody else was first.
  if (launch && !(await server.launches.take(asked.launch ?? '')))
    return seeOther(reply, badLaunch(server, asked));
  if (found === 'nobody') {
    const text = 'There is nobody whose record this account may give';
    return seeOther(reply, refusal(server, asked, { code: 'access_denied', text }));
  }
  const request = {
    client: client.id,
    redirect,
    challenge,
    ...(nonce !== undefined && { nonce }),
    context: found.context,
  };
  if (granted) {
    const { code, grant, until } = await giveCode(server, browser, request, granted);
    const asking = { user, client, patient: found.context.patient };
    await server.remembered.keep(asking, { scopes, granted, grant, until });
    return seeOther(reply, answerRedirect(server, redirect, { code, state }));
  }
  const { subject, since } = browser.signedIn.session;
  const handle = await server.requests.add({ ...request, state, scopes, subject, since });
  return seeOther(reply, `/auth/${found.isOpen ? 'pick' : 'consent'}?request=${handle}`);
}

type Found = { readonly context: LaunchContext; readonly isOpen: boolean };

/** What is granted without asking: as it was before, by an app that is certain to get it. */
async function rememberedFor(
  { remembered }: AuthServer,
  user: User,
  { client, redirect, scopes, prompting }: AuthorizationRequest,
  { context: { patient }, isOpen }: Found,
): Promise<readonly string[] | undefined> {
  if (isOpen || prompting.asksConsent || !isCertain(redirect)) return undefined;
  return remembered.find(
    { user, client, patient },
    scopes.map(({ text }) => text),
  );
}

type Sought = {
  readonly client: Client;
  readonly scopes: readonly string[];
  readonly context: LaunchContext;
};

/** Whoever is one person, or answers for one, is not asked which. */
async function contextFor(
  server: AuthServer,
  user: User,
  { client, scopes, context }: Sought,
): Promise<Found | 'nobody'> {
  const { patient } = context;
  // Who launches an app without saying for whom does not know who will sign in.
  if (patient !== undefined && !(await mayPick(server, { user, client, patient }))) return 'nobody';
  if (patient !== undefined || !needsPatient(scopes)) return { context, isOpen: false };
  if (user.role !== 'individual') return { context, isOpen: true };
  const people = await ownPersons(server.system, user, server.settings.parentUntilAge);
  const [only, ...others] = people;
  if (only === undefined) return 'nobody';
  return others.length > 0
    ? { context, isOpen: true }
    : { context: { ...context, patient: only }, isOpen: false };
}
