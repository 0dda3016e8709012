import type { FastifyRequest } from 'fastify';
import type { AuthServer } from '../auth-server.ts';
import { isSameHash } from '../secrets/random-secret.ts';
import type { Browser } from './browser.ts';

/** Was the form sent from a page of this server, to the browser that it was made for? */
export function isOwnForm(
  server: AuthServer,
  request: FastifyRequest,
  browser: Browser,
  csrf: string | null,
): boolean {
  return isFromHere(server, request) && csrf !== null && isSameHash(csrf, browser.csrf);
}

/** Was it sent from a page of this server, whichever browser that was made for? */
export function isFromHere({ issuer }: AuthServer, { headers }: FastifyRequest): boolean {
  const site = headers['sec-fetch-site'];
  // Browsers that do not say the one say the other.
  if (site !== undefined) return site === 'same-origin';
  return headers.origin === undefined || headers.origin === new URL(issuer).origin;
}
