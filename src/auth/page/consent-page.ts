import type { FastifyInstance, FastifyReply } from 'fastify';
import type { ConsentPage } from '../../pages/auth-pages.ts';
import { formatEpochDay } from '../../values/epoch-day.ts';
import { dayIn } from '../../values/time-zone.ts';
import type { AuthServer } from '../auth-server.ts';
import type { Client } from '../clients/client.ts';
import { consentBoxes, needsPatient, tickedScopes } from '../oauth/consent-boxes.ts';
import { answerRedirect, errorRedirect } from '../oauth/read-authorization.ts';
import { type Asking, isCertain } from '../oauth/remembered.ts';
import type { PendingRequest } from '../oauth/requests.ts';
import type { SignedIn } from '../session/browser.ts';
import { toAppShown } from './ask-sign-in.ts';
import { frameOf } from './frame.ts';
import { type GivenCode, giveCode, untilOf } from './give-code.ts';
import type { Page } from './page.ts';
import { getPage, postForm, signedIn } from './page-route.ts';
import { showPersons } from './person-shown.ts';
import { withRequest } from './pick-page.ts';
import { seeOther, sendPage, sendProblem } from './send-page.ts';
import { tellPage } from './tell-page.ts';

/** What an app is given, box by box. */
export function addConsentPage(app: FastifyInstance, server: AuthServer): void {
  getPage(app, server, '/auth/consent', signedIn(show));
  postForm(app, server, '/auth/consent', signedIn(decide));
}

async function show(page: Page<SignedIn>): Promise<FastifyReply> {
  return withRequest(page, async (pending, handle, client) => {
    // Whoever goes round the picker has picked nobody.
    const isOpen = needsPatient(pending.scopes) && pending.context.patient === undefined;
    if (isOpen) return seeOther(page.reply, `/auth/pick?request=${handle}`);
    return showConsent(page, { pending, handle, client });
  });
}

type Asked = {
  readonly pending: PendingRequest;
  readonly handle: string;
  readonly client: Client;
  readonly failure?: NonNullable<ConsentPage['failure']>;
};

async function showConsent(
  page: Page<SignedIn>,
  { pending, handle, client, failure }: Asked,
): Promise<FastifyReply> {
  const { server, request, reply, browser } = page;
  const { patient } = pending.context;
  const { zone } = server.system.clock;
  const [person] = patient === undefined ? [] : await showPersons(server.system, [patient]);
  if (person) await tellPage(page, 'consent', [person]);
  const isOffline = pending.scopes.includes('offline_access');
  const html = server.pages.consent({
    ...(await frameOf(server, request, reply, browser)),
    hidden: { request: handle },
    app: toAppShown(client, pending.redirect),
    ...(person && { person }),
    scopes: consentBoxes(pending.scopes),
    ...(isCertain(pending.redirect) && { canRemember: true as const }),
    ...(isOffline && { until: formatEpochDay(dayIn(zone, untilOf(server, pending.scopes))) }),
    ...(failure && { failure }),
  });
  return sendPage(reply, html, pending.redirect);
}

async function decide(page: Page<SignedIn>): Promise<FastifyReply> {
  const { server, request, reply, browser, fields } = page;
  return withRequest(page, async (pending, handle, client) => {
    const { redirect, state, scopes } = pending;
    const asking = { user: browser.signedIn.user, client, patient: pending.context.patient };
    if (fields.get('decision') !== 'allow') {
      await server.requests.take(handle, browser.signedIn.session);
      await server.remembered.forget(asking);
      const text = 'The person did not allow it';
      return seeOther(reply, errorRedirect(server, { redirect, state, code: 'access_denied', text }));
    }
    const granted = tickedScopes(scopes, fields.getAll('scope'));
    if (granted.length === 0) {
      return showConsent(
        { ...page, reply: reply.status(400) },
        { pending, handle, client, failure: 'nothing' },
      );
    }
    const isOpen = needsPatient(granted) && pending.context.patient === undefined;
    // Of two who answer at once one is heard.
    const taken = isOpen ? undefined : await server.requests.take(handle, browser.signedIn.session);
    if (!taken) return sendProblem(server, request, reply, { status: 410, code: 'expired', browser });
    const given = await giveCode(server, browser, taken, granted);
    await rememberOrNot(page, asking, { ...pending, ...given, granted });
    const { code } = given;
    return seeOther(reply, answerRedirect(server, redirect, { code, state }));
  });
}

type Decided = Pick<PendingRequest, 'redirect' | 'scopes'> &
  GivenCode & { readonly granted: readonly string[] };

/** What was remembered before is decided anew. */
async function rememberOrNot(
  { server: { remembered }, fields }: Page<SignedIn>,
  asking: Asking,
  { redirect, scopes, granted, grant, until }: Decided,
): Promise<void> {
  if (fields.get('remember') !== 'yes' || !isCertain(redirect)) await remembered.forget(asking);
  else await remembered.keep(asking, { scopes, granted, grant, until });
}
