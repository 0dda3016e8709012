import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { refuseStranger } from './refuse-stranger.ts';

/**
 * `/metrics` for Prometheus: the process, and how long each route takes. Labels hold route patterns, never URLs. With a
 * token it is for who sends that one (Authorization: Bearer …); without, for everybody.
 */
export function addMetrics(app: FastifyInstance, token?: string): void {
  const register = new Registry();
  collectDefaultMetrics({ register });
  const series = new Map<string, Series>();
  app.get('/metrics', async (request, reply) => {
    if (token !== undefined && !isSent(token, request)) throw refuseStranger(request, reply);
    return reply.type(register.contentType).send((await register.metrics()) + writeSeries(series.values()));
  });
  app.addHook('onResponse', ({ method, routeOptions }, reply, done) => {
    const route = routeOptions.url ?? 'none';
    const labels = `method="${method}",route="${route}",status="${reply.statusCode}"`;
    let one = series.get(labels);
    if (!one) {
      one = { labels, counts: bounds.map(() => 0), all: 0, sum: 0 };
      series.set(labels, one);
    }
    observe(one, reply.elapsedTime / 1000);
    done();
  });
}

/** Takes as long for a token that is nearly right. */
function isSent(token: string, { headers }: FastifyRequest): boolean {
  const sent = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1] ?? '';
  const hash = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(sent), hash(token));
}

/** Upper ends of the buckets, in seconds. */
const bounds = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5];

/** What was observed of one route and status: plain numbers, since there is an observation for each request. */
type Series = {
  readonly labels: string;
  readonly counts: number[];
  all: number;
  sum: number;
};

function observe(series: Series, seconds: number): void {
  series.all++;
  series.sum += seconds;
  const bucket = bounds.findIndex((bound) => seconds <= bound);
  if (bucket >= 0) series.counts[bucket] = (series.counts[bucket] ?? 0) + 1;
}

/** Prometheus' text format. Methods, patterns of routes and statuses hold nothing that would have to be escaped. */
function writeSeries(series: Iterable<Series>): string {
  const name = 'jenner_http_request_seconds';
  const lines = [`# HELP ${name} Seconds from request to answer, by route`, `# TYPE ${name} histogram`];
  for (const { labels, counts, all, sum } of series) {
    let below = 0;
    for (const [i, bound] of bounds.entries()) {
      below += counts[i] ?? 0;
      lines.push(`${name}_bucket{${labels},le="${bound}"} ${below}`);
    }
    lines.push(`${name}_bucket{${labels},le="+Inf"} ${all}`);
    lines.push(`${name}_sum{${labels}} ${sum}`, `${name}_count{${labels}} ${all}`);
  }
  return `${lines.join('\n')}\n`;
}
