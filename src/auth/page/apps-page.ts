import type { FastifyInstance, FastifyReply } from 'fastify';
import type { AppsPage, PersonShown } from '../../pages/auth-pages.ts';
import type { AuthServer } from '../auth-server.ts';
import { ownPersons } from '../bearer/own-persons.ts';
import type { Grant } from '../oauth/grant.ts';
import type { Kept } from '../records/open-records.ts';
import type { SignedIn } from '../session/browser.ts';
import { frameOf } from './frame.ts';
import { type HeldGrant, heldGrants, isBeyondOne, showByApp, stopApp } from './grant-shown.ts';
import { objects, setObjection } from './objection.ts';
import type { Page, PageHandler } from './page.ts';
import { getPage, postForm, signedIn } from './page-route.ts';
import { showPersons } from './person-shown.ts';
import { seenRows } from './seen-rows.ts';
import { sendPage, sendProblem } from './send-page.ts';
import { tellChange, tellPage } from './tell-page.ts';

/** What apps a person's record is given to, and who has seen it: for that person, and who answers for them. */
export function addAppsPage(app: FastifyInstance, server: AuthServer): void {
  getPage(app, server, '/app/record/:id/apps', ofOwn('apps', showApps));
  postForm(app, server, '/app/record/:id/apps', ofOwn('apps', changeApps));
  getPage(app, server, '/app/record/:id/seen', ofOwn('seen', showSeen));
}

type OwnPage = Page<SignedIn> & { readonly person: PersonShown };

/** Somebody else's record is answered as one that never was. */
function ofOwn(name: string, handle: (page: OwnPage) => Promise<FastifyReply>): PageHandler {
  return signedIn(async (page) => {
    const { server, request, reply, browser } = page;
    const { id } = request.params as { readonly id: string };
    const own = await ownPersons(server.system, browser.signedIn.user, server.settings.parentUntilAge);
    const [person] = own.includes(id) ? await showPersons(server.system, [id]) : [];
    await tellPage(page, name, person && [person]);
    if (person) return handle({ ...page, person });
    return sendProblem(server, request, reply, { status: 404, code: 'not-found', browser });
  });
}

async function showApps(page: OwnPage, notice?: AppsPage['notice']): Promise<FastifyReply> {
  const { server, request, reply, browser, person } = page;
  const html = server.pages.apps({
    ...(await frameOf(server, request, reply, browser)),
    person,
    grants: showByApp(await grantsOf(page)),
    objects: await objects(server, browser.signedIn.user, person.id),
    ...(notice && { notice }),
  });
  return sendPage(reply, html);
}

async function changeApps(page: OwnPage): Promise<FastifyReply> {
  const { server, browser, fields, person } = page;
  const stop = fields.get('stop');
  const sharing = fields.get('sharing');
  if (stop !== null) {
    if (await stopApp(server, await grantsOf(page), stop)) await tellChange(page, 'stop', true);
    return showApps(page, 'stopped');
  }
  if (sharing !== 'object' && sharing !== 'share') return showApps(page);
  const { user } = browser.signedIn;
  await setObjection(server, user, { patient: person.id, objects: sharing === 'object' });
  return showApps(page, 'sharing-changed');
}

/**
 * What the record is read by: what people have given of it for themselves or their children, and what who looks has given
 * of all whom they see. What staff see by an app is a matter of their work.
 */
async function grantsOf({ server, browser, person }: OwnPage): Promise<readonly HeldGrant[]> {
  const { login, subject } = browser.signedIn.user;
  const kept = new Map<string, Kept<Grant>>();
  for (const one of await server.grants.ofPatient(person.id)) {
    const user = await server.users.read(one.value.user);
    if (user?.role === 'individual') kept.set(one.key, one);
  }
  for (const one of await server.grants.ofUser(login, subject)) {
    if (isBeyondOne(one.value)) kept.set(one.key, one);
  }
  return heldGrants(server, [...kept.values()]);
}

async function showSeen(page: OwnPage): Promise<FastifyReply> {
  const { server, request, reply, browser, fields, person } = page;
  const { auditTrail } = server;
  if (!auditTrail) return sendProblem(server, request, reply, { status: 404, code: 'not-found', browser });
  const { rows, next } = await auditTrail(person.id, fields.get('after') ?? undefined);
  const shown = await seenRows(server, rows);
  const frame = await frameOf(server, request, reply, browser);
  const more = next === undefined ? {} : { next: `${frame.here.split('?')[0]}?after=${next}` };
  return sendPage(reply, server.pages.seen({ ...frame, person, rows: shown, ...more }));
}
