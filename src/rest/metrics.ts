import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Histogram, Registry } from 'prom-client';

/** `/metrics` for Prometheus: the process, and how long each route takes. Labels hold route patterns, never URLs. */
export function addMetrics(app: FastifyInstance): void {
  const register = new Registry();
  collectDefaultMetrics({ register });
  const duration = new Histogram({
    name: 'jenner_http_request_seconds',
    help: 'Seconds from request to answer, by route',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5],
    registers: [register],
  });
  app.get('/metrics', async (_request, reply) => {
    return reply.type(register.contentType).send(await register.metrics());
  });
  const childOf = rememberChildren(duration);
  app.addHook('onResponse', (request, reply, done) => {
    childOf(request.method, request.routeOptions.url ?? 'none', reply.statusCode).observe(
      reply.elapsedTime / 1000,
    );
    done();
  });
}

/** To find the series of some labels costs more than to observe it; there are as many as routes and statuses. */
function rememberChildren(duration: Histogram) {
  const children = new Map<string, Histogram.Internal<string>>();
  return (method: string, route: string, status: number): Histogram.Internal<string> => {
    const key = `${method} ${status} ${route}`;
    const known = children.get(key);
    if (known) return known;
    const child = duration.labels({ method, route, status });
    children.set(key, child);
    return child;
  };
}
