import type { FastifyRequest } from 'fastify';
import { Problem } from '../fhir/problem.ts';

/** A client that was silent may send so many seconds' worth of requests at once. */
const burstSeconds = 10;

/** So many clients are remembered; past it the one that was silent the longest starts anew. */
const maxClients = 10_000;

type Bucket = { readonly tokens: number; readonly at: number };

/** How long a client must wait, in seconds; 0 = the request may go on, and counts. */
export type RateLimiter = (client: string) => number;

/**
 * A token bucket for each client: `perSecond` requests a second, and ten seconds' worth at once. `now` answers
 * milliseconds from any fixed moment.
 */
export function openRateLimiter(perSecond: number, now: () => number): RateLimiter {
  const capacity = perSecond * burstSeconds;
  const buckets = new Map<string, Bucket>();
  return (client) => {
    const at = now();
    const known = buckets.get(client);
    const tokens = known ? Math.min(capacity, known.tokens + ((at - known.at) / 1000) * perSecond) : capacity;
    // The order of a Map is the order of insertion: who asked last stands last.
    buckets.delete(client);
    buckets.set(client, { tokens: tokens < 1 ? tokens : tokens - 1, at });
    if (buckets.size > maxClients) buckets.delete(buckets.keys().next().value ?? client);
    return tokens < 1 ? (1 - tokens) / perSecond : 0;
  };
}

/** The 429 of a client that asks faster than it may; undefined when it may. Health checks are not counted. */
export function refuseFlood(limiter: RateLimiter, request: FastifyRequest): Problem | undefined {
  if (request.routeOptions.url?.startsWith('/health/')) return undefined;
  const wait = limiter(clientOf(request.ip));
  if (wait === 0) return undefined;
  const retryAfter = Math.ceil(wait);
  return new Problem(
    'too-many-requests',
    `This address sends more requests than it may; try again in ${retryAfter} s`,
    { retryAfter },
  );
}

/** An IPv6 network of 64 bits belongs to one subscriber, who may use any address in it. */
export function clientOf(address: string): string {
  if (!address.includes(':') || address.includes('.')) return address;
  const [head = '', tail] = address.split('::');
  const groups = head.split(':').filter((group) => group !== '');
  const missing = tail === undefined ? 0 : 8 - groups.length - tail.split(':').filter(Boolean).length;
  const whole = [...groups, ...Array<string>(missing).fill('0'), ...(tail ?? '').split(':').filter(Boolean)];
  return `${whole.slice(0, 4).join(':')}::/64`;
}
