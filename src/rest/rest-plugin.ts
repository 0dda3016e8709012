import type { FastifyInstance, FastifyRequest, HTTPMethods } from 'fastify';
import type { Caller } from '../access/caller.ts';
import { Problem } from '../fhir/problem.ts';
import { type AnswerFormat, requireFormat } from './answer-format.ts';
import { bundleRoutes } from './bundle-routes.ts';
import { historyRoutes } from './history-routes.ts';
import { metadataRoutes } from './metadata-routes.ts';
import { operationRoutes } from './operation-routes.ts';
import { jsonBodies, unsupportedBody, xmlBodies } from './request-body.ts';
import { formType } from './request-options.ts';
import { resourceRoutes } from './resource-routes.ts';
import type { RestContext, RestOptions, Route } from './route.ts';
import { searchRoutes } from './search-routes.ts';

/** The FHIR REST API (R4 http.html). */
export async function restPlugin(app: FastifyInstance, options: RestOptions): Promise<void> {
  acceptBodies(app);
  const contextOf = rememberContexts(options.contextFor);
  const routes = [
    ...metadataRoutes(options),
    ...operationRoutes(options.operations),
    ...bundleRoutes(options),
    ...searchRoutes,
    ...historyRoutes,
    ...resourceRoutes,
  ];
  for (const { method, url, handle } of routes) {
    app.route({
      method,
      url,
      handler: (request, reply) => {
        const format = requireFormat(request);
        const caller = options.callerOf(request);
        // Nobody waits for a caller who is known at once.
        if (!(caller instanceof Promise)) return handle(contextOf(caller, format), request, reply);
        return caller.then((known) => handle(contextOf(known, format), request, reply));
      },
    });
  }
  refuseOtherMethods(app, routes);
}

/** A caller asks more than once, and the context of all its requests is the same. */
function rememberContexts(contextFor: RestOptions['contextFor']) {
  const known = new WeakMap<Caller, Partial<Record<AnswerFormat, RestContext>>>();
  return (caller: Caller, format: AnswerFormat): RestContext => {
    let contexts = known.get(caller);
    if (!contexts) {
      contexts = {};
      known.set(caller, contexts);
    }
    contexts[format] ??= { ...contextFor(caller), format };
    return contexts[format];
  };
}

/** Bodies arrive as bytes: JSON and XML are parsed by our rules, not Fastify's. Other types are 415. */
function acceptBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    [...jsonBodies, ...xmlBodies, 'application/json-patch+json', 'application/xml-patch+xml', formType],
    { parseAs: 'buffer' },
    (_request, body, done) => done(null, body),
  );
  app.addContentTypeParser('*', (request, _body, done) =>
    isEmptyBody(request) ? done(null, undefined) : done(unsupportedBody()),
  );
}

/** Clients name a type beside no body too, of a DELETE or of an operation without parameters. */
function isEmptyBody({ headers }: FastifyRequest): boolean {
  return headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0;
}

/** The methods that routes are written for; HEAD goes with GET, and OPTIONS with all. */
export const restMethods: readonly HTTPMethods[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** R4 http.html#Status-Codes: a path that exists answers 405 to a method it does not have, and says which it has. */
function refuseOtherMethods(app: FastifyInstance, routes: readonly Route[]): void {
  const allowed = new Map<string, HTTPMethods[]>();
  for (const { method, url } of routes) allowed.set(url, [...(allowed.get(url) ?? []), method]);
  for (const [url, has] of allowed) {
    const allow = [...has, ...(has.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ');
    app.route({
      method: 'OPTIONS',
      url,
      handler: (_request, reply) => reply.header('allow', allow).status(204).send(),
    });
    app.route({
      method: restMethods.filter((method) => !has.includes(method)),
      url,
      handler: (request, reply) => {
        reply.header('allow', allow);
        throw new Problem('method-not-allowed', `${request.method} is not possible here; ${allow} are`);
      },
    });
  }
}
