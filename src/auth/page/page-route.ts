import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { AuthServer } from '../auth-server.ts';
import { isSignedIn, readBrowser, type SignedIn } from '../session/browser.ts';
import { isFromHere, isOwnForm } from '../session/same-site.ts';
import { signInFor } from './ask-sign-in.ts';
import type { PageHandler } from './page.ts';
import { safeNext } from './safe-next.ts';
import { sendProblem } from './send-page.ts';

/** A page for everybody. */
export function getPage(app: FastifyInstance, server: AuthServer, url: string, handle: PageHandler): void {
  app.get(url, async (request, reply) => {
    const browser = await readBrowser(server, request, reply);
    return handle({ server, request, reply, browser, fields: queryOf(request) });
  });
}

/** A form, which only a page of this server may send. */
export function postForm(app: FastifyInstance, server: AuthServer, url: string, handle: PageHandler): void {
  app.post(url, async (request, reply) => {
    const browser = await readBrowser(server, request, reply);
    const fields = fieldsOf(request);
    if (!isOwnForm(server, request, browser, fields.get('csrf'))) {
      // Somebody has signed in or out in another tab since: nothing is done, and the form is had again.
      const onward = isFromHere(server, request) ? { onward: onwardOf(request, fields) } : {};
      return sendProblem(server, request, reply, { status: 403, code: 'forged', browser, ...onward });
    }
    return handle({ server, request, reply, browser, fields });
  });
}

/** Where the same form is; after signing in, where that would have led. */
function onwardOf(request: FastifyRequest, fields: URLSearchParams): string {
  const isSignIn = pathOf(request) === '/auth/sign-in';
  return safeNext(isSignIn ? (fields.get('next') ?? '') : pageOf(request, fields));
}

/** The page of a form: of an app that waits, that of what it asks for. */
function pageOf(request: FastifyRequest, fields: URLSearchParams): string {
  const handle = fields.get('request');
  const path = pathOf(request);
  return handle === null ? path : `${path}?${new URLSearchParams({ request: handle })}`;
}

/** For who has signed in; anybody else is asked to, and comes back. */
export function signedIn(handle: PageHandler<SignedIn>): PageHandler {
  return async (page) => {
    const { browser, request, fields } = page;
    if (isSignedIn(browser)) return handle({ ...page, browser });
    // What was posted is lost with the session; its page is asked for again.
    return signInFor(page, { next: request.method === 'GET' ? request.url : pageOf(request, fields) });
  };
}

export function pathOf({ url }: FastifyRequest): string {
  return url.split('?')[0] ?? '/';
}

export function queryOf({ url }: FastifyRequest): URLSearchParams {
  const at = url.indexOf('?');
  return new URLSearchParams(at < 0 ? '' : url.slice(at + 1));
}

export function fieldsOf({ body }: FastifyRequest): URLSearchParams {
  return new URLSearchParams(typeof body === 'string' ? body : '');
}

/**
 * Blanks in place of control characters, which come along with what is copied out of tables and papers, and which no FHIR
 * string may hold. What ends a line stays, and what parts the fields of a scan (GS).
 */
export function withoutControls(fields: URLSearchParams): URLSearchParams {
  return new URLSearchParams([...fields].map(([name, text]) => [name, text.replace(controls, ' ')]));
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: it is these that are looked for
const controls = /[\0-\x08\x0b\x0c\x0e-\x1c\x1e\x1f]/g;
