import type { FastifyInstance, FastifyReply } from 'fastify';
import type { AppsPage, GrantShown, PersonShown } from '../../pages/auth-pages.ts';
import type { AuthServer } from '../auth-server.ts';
import { ownPersons } from '../bearer/own-persons.ts';
import { grantPrefix } from '../oauth/grant.ts';
import type { SignedIn } from '../session/browser.ts';
import { frameOf } from './frame.ts';
import { toGrantShown } from './grant-shown.ts';
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
    grants: await shownGrants(server, person.id),
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
    const shown = await shownGrants(server, person.id);
    const isTheirs = shown.some(({ id }) => id === stop);
    if (isTheirs) {
      await server.grants.revoke(`${grantPrefix({ patient: person.id })}${stop}`);
      await tellChange(page, 'stop', true);
    }
    return showApps(page, 'stopped');
  }
  if (sharing !== 'object' && sharing !== 'share') return showApps(page);
  const { user } = browser.signedIn;
  await setObjection(server, user, { patient: person.id, objects: sharing === 'object' });
  return showApps(page, 'sharing-changed');
}

/** What people have given for themselves or their children; what staff see by an app is a matter of their work. */
async function shownGrants(server: AuthServer, patient: string): Promise<readonly GrantShown[]> {
  const prefix = grantPrefix({ patient });
  const shown: GrantShown[] = [];
  for (const { key, value } of await server.grants.ofPatient(patient)) {
    const user = await server.users.read(value.user);
    const client = await server.clients.read(value.client);
    if (user?.role !== 'individual' || !client) continue;
    shown.push(toGrantShown(key.slice(prefix.length), client, value));
  }
  return shown;
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
