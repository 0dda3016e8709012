import type { FastifyReply, FastifyRequest } from 'fastify';
import type { HumanName, Resource } from 'fhir/r4.js';
import type { Frame } from '../../pages/auth-pages.ts';
import type { AuthServer } from '../auth-server.ts';
import { readAsSystem } from '../bearer/read-as-system.ts';
import type { Browser } from '../session/browser.ts';
import type { User } from '../users/user.ts';
import { languageOf, themeOf } from './language.ts';
import { nameOf } from './person-shown.ts';

/** What every page is told of the request that asks for it. */
export async function frameOf(
  server: AuthServer,
  request: FastifyRequest,
  reply: FastifyReply,
  browser: Browser,
): Promise<Frame> {
  // A form that was posted has left its page: its language can be changed there.
  const here = request.method === 'GET' ? request.url : (request.url.split('?')[0] ?? '/');
  const theme = themeOf(server, request, reply);
  const frame = {
    language: languageOf(server, request, reply),
    csrf: browser.csrf,
    here,
    showsSeen: server.auditTrail !== undefined,
    ...(theme && { theme }),
  };
  const user = browser.signedIn?.user;
  return user ? { ...frame, user: await shownUser(server, user) } : frame;
}

/** By name, role, and where they work. */
async function shownUser(server: AuthServer, user: User): Promise<NonNullable<Frame['user']>> {
  const [place] = user.organizations;
  const organization =
    place === undefined
      ? undefined
      : await readAsSystem<Resource & { readonly name?: string }>(server.system, `Organization/${place}`);
  return {
    name: await nameOfUser(server, user),
    role: user.role,
    ...(typeof organization?.name === 'string' && { place: organization.name }),
  };
}

type Named = Resource & { readonly name?: HumanName[] };

async function nameOfUser({ system }: AuthServer, { login, fhirUser }: User): Promise<string> {
  const resource = fhirUser === undefined ? undefined : await readAsSystem<Named>(system, fhirUser);
  return (Array.isArray(resource?.name) ? nameOf(resource.name) : undefined) ?? login;
}
