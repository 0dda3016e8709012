import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Patient } from 'fhir/r4.js';
import { parseScope } from '../../access/scope.ts';
import { toSearchRequest } from '../../interaction/search-request.ts';
import type { PersonShown, PickerPage } from '../../pages/auth-pages.ts';
import { parseResourceId } from '../../values/resource-id.ts';
import type { AuthServer } from '../auth-server.ts';
import { ownPersons } from '../bearer/own-persons.ts';
import type { Client } from '../clients/client.ts';
import type { PendingRequest } from '../oauth/requests.ts';
import type { SignedIn } from '../session/browser.ts';
import type { User } from '../users/user.ts';
import { toAppShown } from './ask-sign-in.ts';
import { frameOf } from './frame.ts';
import type { Page } from './page.ts';
import { getPage, postForm, signedIn } from './page-route.ts';
import { showPersons, toPersonShown } from './person-shown.ts';
import { seeOther, sendPage, sendProblem } from './send-page.ts';
import { tellPage } from './tell-page.ts';

/** Whose record an app is to be given, where somebody may give several. */
export function addPickPage(app: FastifyInstance, server: AuthServer): void {
  getPage(app, server, '/auth/pick', signedIn(show));
  postForm(app, server, '/auth/pick', signedIn(pick));
}

async function show(page: Page<SignedIn>): Promise<FastifyReply> {
  return withRequest(page, (pending) => showPicker(page, pending));
}

async function pick(page: Page<SignedIn>): Promise<FastifyReply> {
  const { server, reply, browser, fields } = page;
  return withRequest(page, async (pending, handle, client) => {
    const patient = fields.get('patient');
    const search = fields.get('search');
    if (patient === null && search !== null) {
      await server.requests.change(handle, browser.signedIn.session, (there) => ({
        ...there,
        search: search.trim().slice(0, 200),
      }));
      return seeOther(reply, `/auth/pick?request=${handle}`);
    }
    const { user } = browser.signedIn;
    const isGood = patient !== null && (await mayPick(server, { user, client, patient }));
    if (!isGood) return showPicker({ ...page, reply: reply.status(400) }, pending, 'choose');
    await server.requests.change(handle, browser.signedIn.session, (there) => ({
      ...there,
      context: { ...there.context, patient },
    }));
    return seeOther(reply, `/auth/consent?request=${handle}`);
  });
}

type WithPending = (pending: PendingRequest, handle: string, client: Client) => Promise<FastifyReply>;

/** What the browser speaks of, if it is its own and still open. */
export async function withRequest(page: Page<SignedIn>, go: WithPending): Promise<FastifyReply> {
  const { server, request, reply, browser, fields } = page;
  const handle = fields.get('request') ?? '';
  const pending = await server.requests.read(handle, browser.signedIn.session);
  const client = pending && (await server.clients.read(pending.client));
  if (pending && client && !client.disabled) return go(pending, handle, client);
  return sendProblem(server, request, reply, { status: 410, code: 'expired', browser });
}

async function showPicker(
  page: Page<SignedIn>,
  pending: PendingRequest,
  failure?: PickerPage['failure'],
): Promise<FastifyReply> {
  const { server, request, reply, browser, fields } = page;
  const { user } = browser.signedIn;
  const client = await server.clients.read(pending.client);
  const frame = await frameOf(server, request, reply, browser);
  const isOwn = user.role === 'individual';
  const found = isOwn || !client ? undefined : await findPeople(server, { user, client }, pending.search);
  const people = found?.people ?? (await ownPeople(server, user));
  await tellPage(page, 'picker', people);
  const html = server.pages.picker({
    ...frame,
    hidden: { request: fields.get('request') ?? '' },
    app: client ? toAppShown(client, pending.redirect) : { name: '', host: '', verified: false },
    people,
    ...(!isOwn && { search: { text: pending.search ?? '', tooMany: found?.tooMany ?? false } }),
    ...(failure && { failure }),
  });
  return sendPage(reply, html, pending.redirect);
}

async function ownPeople(server: AuthServer, user: User): Promise<readonly PersonShown[]> {
  return showPersons(server.system, await ownPersons(server.system, user, server.settings.parentUntilAge));
}

type Staff = { readonly user: User; readonly client: Client };

/** What the user would see of Patients with all that may be given to an app: the picker shows no more. */
async function contextOf(server: AuthServer, { user, client }: Staff) {
  const scope = parseScope('user/Patient.rs');
  const entitlement = await server.entitle({ user, client, scopes: [] });
  return server.contextFor(server.toCaller({ ...entitlement, scopes: scope ? [scope] : [] }));
}

const shownAtOnce = 50;

type Found = { readonly people: readonly PersonShown[]; readonly tooMany: boolean };

/** By name, or by a number; nobody before something is looked for. */
async function findPeople(server: AuthServer, staff: Staff, text: string | undefined): Promise<Found> {
  if (text === undefined || text === '') return { people: [], tooMany: false };
  const ctx = await contextOf(server, staff);
  const escaped = text.replace(/[\\$,|]/g, '\\$&');
  const isNumber = /[0-9]/.test(text);
  const criteria = isNumber
    ? ([['identifier', escaped]] as const)
    : escaped.split(/\s+/).map((word) => ['name', word] as const);
  const { filter } = await toSearchRequest(ctx, ['Patient'], criteria, 'strict');
  const { matches } = await ctx.view.search({ types: ['Patient'], filter, sort: [], count: shownAtOnce + 1 });
  const people = matches
    .slice(0, shownAtOnce)
    .map((match) => toPersonShown(JSON.parse(match.text) as Patient));
  return { people, tooMany: matches.length > shownAtOnce };
}

/** Whether the user may give the record of the patient to the app: a form, and whoever launches it, may name anybody. */
export async function mayPick(
  server: AuthServer,
  { user, client, patient }: Staff & { readonly patient: string },
): Promise<boolean> {
  const id = parseResourceId(patient);
  if (id === undefined) return false;
  if (user.role === 'individual') {
    return (await ownPersons(server.system, user, server.settings.parentUntilAge)).includes(id);
  }
  const ctx = await contextOf(server, { user, client });
  return (await ctx.view.read({ type: 'Patient', id }))?.text !== undefined;
}
