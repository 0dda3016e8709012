import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AggregatorRegistry, collectDefaultMetrics, Registry } from 'prom-client';
import { refuseStranger } from './refuse-stranger.ts';

/** What one process has counted; plain data, so that processes can hand it to each other. */
export type MetricsShare = {
  readonly series: readonly Series[];
  /** What is known of the process itself, as prom-client writes it. */
  readonly process: readonly object[];
};

/** Where processes that answer together put what they have counted, and find what all have. */
export type MetricsBoard = {
  readonly offer: (own: () => Promise<MetricsShare>) => void;
  readonly gather: () => Promise<readonly MetricsShare[]>;
};

export type MetricsOptions = {
  /** Who sends it (Authorization: Bearer …) is answered; everybody when absent. */
  readonly token?: string | undefined;
  /** Absent where one process answers alone. */
  readonly board?: MetricsBoard | undefined;
};

/**
 * `/metrics` for Prometheus: the processes, and how long each route takes in all of them. Labels hold route patterns, never
 * URLs.
 */
export function addMetrics(app: FastifyInstance, { token, board }: MetricsOptions): void {
  const register = new Registry();
  collectDefaultMetrics({ register });
  const known = new Map<string, Series>();
  const own = async () => ({ series: [...known.values()], process: await register.getMetricsAsJSON() });
  board?.offer(own);
  app.get('/metrics', async (request, reply) => {
    if (token !== undefined && !isSent(token, request)) throw refuseStranger(request, reply);
    const shares = board ? await board.gather() : [await own()];
    const processes = AggregatorRegistry.aggregate(shares.map(({ process }) => [...process]));
    const series = addSeries(shares.flatMap((share) => share.series));
    return reply.type(register.contentType).send((await processes.metrics()) + writeSeries(series));
  });
  app.addHook('onResponse', ({ method, routeOptions }, reply, done) => {
    const route = routeOptions.url ?? 'none';
    observe(seriesAt(known, method, route, reply.statusCode), reply.elapsedTime / 1000);
    done();
  });
}

function seriesAt(known: Map<string, Series>, method: string, route: string, status: number): Series {
  const labels = `method="${method}",route="${route}",status="${status}"`;
  const there = known.get(labels);
  if (there) return there;
  const made = { labels, counts: bounds.map(() => 0), all: 0, sum: 0 };
  known.set(labels, made);
  return made;
}

/** One of each labels, with what all of them have observed. */
function addSeries(series: readonly Series[]): Iterable<Series> {
  const sums = new Map<string, Series>();
  for (const { labels, counts, all, sum } of series) {
    const there = sums.get(labels);
    if (!there) {
      sums.set(labels, { labels, counts: [...counts], all, sum });
      continue;
    }
    there.all += all;
    there.sum += sum;
    for (const [i, count] of counts.entries()) there.counts[i] = (there.counts[i] ?? 0) + count;
  }
  return sums.values();
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
export type Series = {
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
