import type { FastifyReply, FastifyRequest } from 'fastify';
import type { InteractionContext } from '../../interaction/context.ts';
import type { Frame, ProblemCode } from '../../pages/auth-pages.ts';
import type { EpochMs } from '../../values/instant.ts';
import type { Mutable } from '../../values/mutable.ts';
import type { AuthServer } from '../auth-server.ts';
import type { Client } from '../clients/client.ts';
import { openRecords, type Records } from '../records/open-records.ts';
import { hashSecret, newSecret } from '../secrets/random-secret.ts';
import { type Browser, isSignedIn, readBrowser, type SignedIn } from '../session/browser.ts';
import { isOwnForm } from '../session/same-site.ts';
import type { User } from '../users/user.ts';
import { signInFor } from './ask-sign-in.ts';
import { frameOf } from './frame.ts';
import { fieldsOf, pathOf, queryOf, withoutControls } from './page-route.ts';
import { sendProblem } from './send-page.ts';
import { openTypedForms, type TypedForms } from './typed-form.ts';

/** The pages of this server, which do for people all that their role may. */
const site: Client = {
  id: 'jenner',
  name: 'Jenner',
  kind: 'public',
  created: 0 as Client['created'],
  redirects: [],
  scope: 'user/*.cruds fhirUser',
  groups: [],
};

/** How pages of another entrance are opened: by the session, with a form that is theirs, for what the visitor may. */
export function openPageDoor(server: AuthServer) {
  const notes = openRecords<Note>({
    store: server.store,
    collection: 'page-note',
    expiresOf: ({ until }) => until,
  });
  const typed = openTypedForms(server);
  return {
    open: async (request: FastifyRequest, reply: FastifyReply) => {
      const browser = await readBrowser(server, request, reply);
      const isPost = request.method === 'POST';
      const fields = withoutControls(isPost ? fieldsOf(request) : queryOf(request));
      const refused = (status: number, code: ProblemCode) =>
        sendProblem(server, request, reply, { status, code, browser });
      if (isPost && !isOwnForm(server, request, browser, fields.get('csrf'))) {
        return { kind: 'answered' as const, reply: await refused(403, 'forged') };
      }
      if (!isSignedIn(browser)) {
        const page = { server, request, reply, browser, fields };
        const next = isPost ? await keepTyped(typed, page) : request.url;
        return { kind: 'answered' as const, reply: await signInFor(page, { next }) };
      }
      const visit = await visitOf(server, { request, reply, browser, fields, notes, typed });
      return { kind: 'visit' as const, visit };
    },
    fail: async (request: FastifyRequest, reply: FastifyReply, problem: Failure) => {
      const browser = await readBrowser(server, request, reply);
      return sendProblem(server, request, reply, { ...problem, browser });
    },
  };
}

type Failure = {
  readonly status: number;
  readonly code: ProblemCode;
  readonly detail?: string;
  readonly requestId?: string;
};

type Note = { readonly value: unknown; readonly until: EpochMs };

/** A session lasts no longer. */
const noteLifeMs = 12 * 3600_000;

/** Notes of one session are found by its key alone. */
function notesOf(records: Records<Note>, { key }: Browser, now: () => EpochMs) {
  const at = (id: string) => `${key}|${hashSecret(id)}`;
  const put = async (id: string, value: unknown) => {
    await records.put(at(id), { value, until: (now() + noteLifeMs) as EpochMs });
  };
  return {
    keep: async (value: unknown) => {
      const id = newSecret().slice(0, 22);
      await put(id, value);
      return id;
    },
    putBack: put,
    read: async (id: string) => (await records.read(at(id)))?.value,
    take: async (id: string) => (await records.take(at(id)))?.value,
  };
}

type Asking = {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly browser: SignedIn;
  readonly fields: URLSearchParams;
  readonly notes: Records<Note>;
  readonly typed: TypedForms;
};

async function visitOf(server: AuthServer, asking: Asking) {
  const { request, reply, browser, fields, notes, typed } = asking;
  const { user } = browser.signedIn;
  const entitlement = await server.entitle({ user, client: site, scopes: site.scope.split(' ') });
  const caller = server.toCaller(entitlement);
  const { openings } = server.system;
  const opened = openings ? await openings.of(caller) : caller;
  const frame = await frameOf(server, request, reply, browser);
  const kept = fields.has('typed') ? await typed.take(request, reply, user.login) : undefined;
  return {
    ctx: contextOf(server, opened),
    visitor: visitorOf(user, entitlement.ownPersons),
    frame: kept ? withoutTyped(frame) : frame,
    params: request.params as Readonly<Record<string, string>>,
    fields,
    ...(kept && { typed: kept }),
    notes: notesOf(notes, browser, server.clock.now),
    from: request.ip,
  };
}

/** A copy of its own, since a request is noted in it. */
function contextOf(
  server: AuthServer,
  caller: Parameters<AuthServer['contextFor']>[0],
): Mutable<InteractionContext> {
  return { ...server.contextFor(caller) };
}

function visitorOf({ login, role, fhirUser, organizations }: User, ownPersons: readonly string[]) {
  return { login, role, ...(fhirUser !== undefined && { fhirUser }), organizations, ownPersons };
}

/** The language switch of a page leads to the page. */
function withoutTyped(frame: Frame): Frame {
  return { ...frame, here: frame.here.replace(/([?&])typed=1&?/, '$1').replace(/[?&]$/, '') };
}

type Posted = {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly browser: Browser;
  readonly fields: URLSearchParams;
};

/** What was typed waits for whoever typed it; its page is asked for again. */
async function keepTyped(typed: TypedForms, { request, reply, browser, fields }: Posted): Promise<string> {
  const path = pathOf(request);
  const isKept = await typed.keep(reply, { sessionKey: browser.key, path, fields });
  return isKept ? `${path}?typed=1` : path;
}
