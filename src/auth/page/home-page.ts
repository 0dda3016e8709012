import type { FastifyInstance } from 'fastify';
import type { HomePage } from '../../pages/auth-pages.ts';
import type { AuthServer } from '../auth-server.ts';
import { ownPersons } from '../bearer/own-persons.ts';
import { frameOf } from './frame.ts';
import { getPage, signedIn } from './page-route.ts';
import { showPersons } from './person-shown.ts';
import { sendPage } from './send-page.ts';
import { tellPage } from './tell-page.ts';

/** Where somebody is who has signed in and asked for nothing else. */
export function addHomePage(
  app: FastifyInstance,
  server: AuthServer,
  view: (page: HomePage) => string,
): void {
  const show = signedIn(async (page) => {
    const { request, reply, browser } = page;
    const { user } = browser.signedIn;
    const own = await ownPersons(server.system, user, server.settings.parentUntilAge);
    const people = await showPersons(server.system, own);
    await tellPage(page, 'home', people);
    const frame = await frameOf(server, request, reply, browser);
    return sendPage(reply, view({ ...frame, people }));
  });
  getPage(app, server, '/app', show);
}
