import type { FastifyRequest } from 'fastify';
import type { AuthServer } from '../auth-server.ts';
import { isSameHash } from '../secrets/random-secret.ts';
import type { Browser } from './browser.ts';

/** Was the form sent from a page of this server, to the browser that it was made for? */
export function isOwnForm(
  { issuer }: AuthServer,
  { headers }: FastifyRequest,
  browser: Browser,
  csrf: string | null,
): boolean {
  const site = headers['sec-fetch-site'];
  // Browsers that do not say the one say the other.
  const isHere =
    site === undefined
      ? headers.origin === undefined || headers.origin === new URL(issuer).origin
      : site === 'same-origin';
  return isHere && csrf !== null && isSameHash(csrf, browser.csrf);
}
