import type { FastifyRequest } from 'fastify';
import { Problem } from '../fhir/problem.ts';
import { networkOf } from '../values/network-of.ts';
import { openTokenBuckets } from '../values/token-buckets.ts';

/** How long a client must wait, in seconds; 0 = the request may go on, and counts. */
export type RateLimiter = (client: string) => number;

/** `perSecond` requests a second for each client, and ten seconds' worth at once. */
export function openRateLimiter(perSecond: number, now: () => number): RateLimiter {
  return openTokenBuckets(perSecond, now).take;
}

/** The 429 of a client that asks faster than it may; undefined when it may. Health checks are not counted. */
export function refuseFlood(limiter: RateLimiter, request: FastifyRequest): Problem | undefined {
  if (request.routeOptions.url?.startsWith('/health/')) return undefined;
  return tooMany('This address', limiter(networkOf(request.ip)));
}

/** The 429 of who must wait so many seconds; undefined when there is nothing to wait for. */
export function tooMany(who: string, wait: number): Problem | undefined {
  if (wait === 0) return undefined;
  const retryAfter = Math.ceil(wait);
  const text = `${who} sends more requests than it may; try again in ${retryAfter} s`;
  return new Problem('too-many-requests', text, { retryAfter });
}
