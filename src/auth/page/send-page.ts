import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ProblemCode } from '../../pages/auth-pages.ts';
import { pageHeaders } from '../../pages/page-headers.ts';
import type { AuthServer } from '../auth-server.ts';
import type { Browser } from '../session/browser.ts';
import { frameOf } from './frame.ts';

/** Sends a page that nobody may frame, keep or script. `goesTo` is where a form may lead besides this server. */
export function sendPage(reply: FastifyReply, html: string, goesTo?: string): FastifyReply {
  const formAction = goesTo === undefined ? "'self'" : `'self' ${sourceOf(goesTo)}`;
  return reply.headers(pageHeaders(formAction)).send(html);
}

/** CSP checks where a form leads through redirects too. */
function sourceOf(url: string): string {
  const { origin, protocol } = new URL(url);
  return origin === 'null' ? protocol : origin;
}

type Told = {
  readonly status: number;
  readonly code: ProblemCode;
  readonly detail?: string;
  readonly requestId?: string;
  readonly onward?: string;
};

export async function sendProblem(
  server: AuthServer,
  request: FastifyRequest,
  reply: FastifyReply,
  { browser, ...told }: Told & { readonly browser: Browser },
): Promise<FastifyReply> {
  const frame = await frameOf(server, request, reply, browser);
  return sendPage(reply.status(told.status), server.pages.problem({ ...frame, ...told }));
}

/** RFC 9110, 15.4.4: what was posted is done; go on by GET. */
export function seeOther(reply: FastifyReply, to: string): FastifyReply {
  return reply.header('cache-control', 'no-store').redirect(to, 303);
}
