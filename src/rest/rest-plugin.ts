import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Caller } from '../access/caller.ts';
import { Problem } from '../fhir/problem.ts';
import { audited } from '../interaction/audit/audited.ts';
import { entryOperations } from '../operation/entry-operation.ts';
import { allowsGet, type Operation, type OperationLevel } from '../operation/operation.ts';
import { noSuchMethod } from '../request/match-request.ts';
import {
  allowOf,
  type RequestMethod,
  type RequestRow,
  requestMethods,
  requestTable,
} from '../request/request-table.ts';
import type { PathParameters, RequestName } from '../request/request-target.ts';
import type { Mutable } from '../values/mutable.ts';
import { paceFor } from '../values/turns.ts';
import { nothingFor, outcomeAnswerer } from './answer-errors.ts';
import type { AnswerFormat } from './answer-format.ts';
import { bundleHandler } from './bundle-handler.ts';
import { capabilityTexts } from './capability-texts.ts';
import { historyHandlers } from './history-handlers.ts';
import { type KnownCallers, rememberCallers } from './known-callers.ts';
import { operationHandler } from './operation-handler.ts';
import { tooMany } from './rate-limit.ts';
import { formatChooser, readAsked } from './read-asked.ts';
import { refuseStranger } from './refuse-stranger.ts';
import { jsonBodies, maxForm, unsupportedBody, xmlBodies } from './request-body.ts';
import { formType, queryOf } from './request-options.ts';
import { resourceHandlers } from './resource-handlers.ts';
import type { Handler, Handlers, RestContext, RestOptions } from './route.ts';
import { searchHandlers } from './search-handlers.ts';
import { sendText } from './send.ts';
import { refusedStart, trailStart } from './trail-start.ts';

/** The FHIR REST API (R4 http.html), its refusals and errors among it: every failure is an OperationOutcome. */
export async function restPlugin(app: FastifyInstance, options: RestOptions): Promise<void> {
  acceptBodies(app);
  const callers = rememberCallers(withOpenings(options));
  greet(app, options, callers);
  app.setErrorHandler(outcomeAnswerer(options.context.definitions));
  const refused = refusalTeller(options, callers, app.prefix);
  app.setNotFoundHandler((request) => refused(request, nothingFor(request.method)));
  const contextOf = rememberContexts(options.contextFor);
  const handlers = handlersOf(options);
  const formatOf = formatChooser(options.operations);
  const routes = requestTable.flatMap((row) => toRoutes(row, options.operations));
  for (const { method, url, name, path } of routes) {
    // A row of the table and its handler have the same name, which tsc cannot see through the union.
    const handle = handlers[name] as (
      ...call: Parameters<Handler<RequestName>>
    ) => ReturnType<Handler<RequestName>>;
    app.route({
      method,
      url,
      handler: (request, reply) => {
        const asked = readAsked(name, path, request, formatOf);
        if ('problem' in asked) return refused(request, asked.problem);
        const { target, format } = asked;
        const ctx = contextOfRequest(contextOf(callers.of(request), format), request);
        const start = ctx.audit && trailStart(target, request, app.prefix);
        if (!start) return handle(ctx, target, request, reply);
        return audited(ctx, start, () => handle(ctx, target, request, reply));
      },
    });
  }
  refuseOtherMethods(app, routes);
  options.within?.(app, (request) => options.contextFor(callers.of(request)));
}

/** Tells of what was refused before it was known what it asks, and refuses it. */
function refusalTeller({ contextFor }: RestOptions, callers: KnownCallers, base: string) {
  return (request: FastifyRequest, problem: Problem): Promise<never> =>
    audited<never>(contextFor(callers.of(request)), refusedStart(request, base), () => {
      throw problem;
    });
}

/** Who asks, with the records that are open for the login. */
function withOpenings({ callerOf, context }: RestOptions): RestOptions['callerOf'] {
  const { openings } = context;
  if (!openings) return callerOf;
  return (request) => {
    const caller = callerOf(request);
    return caller instanceof Promise ? caller.then(openings.of) : openings.of(caller);
  };
}

/** Refuses who is not known. */
function greet(
  app: FastifyInstance,
  { crossOrigin, callerLimiter, onRefused }: RestOptions,
  callers: KnownCallers,
): void {
  app.addHook('onRequest', (request, reply, done) => {
    const judge = (caller: Caller) => {
      const isRefused = caller.kind === 'anonymous' && !isPublic(request, app.prefix);
      const tooOften = () => tooMany('This app or account', callerLimiter?.(caller) ?? 0);
      const end = () => {
        if (!isRefused) done(tooOften());
        else if (!onRefused) done(refuseStranger(request, reply));
        else onRefused(request).then(() => done(refuseStranger(request, reply)), done);
      };
      const { origin } = request.headers;
      if (!crossOrigin || origin === undefined) end();
      else letPageAsk(reply, origin, isMetadata(request, app.prefix) || crossOrigin(origin, caller), end);
    };
    // Whoever sends a token in a way in which none is taken is told of.
    const refuse = (thrown: Error) => {
      const isTold = onRefused && thrown instanceof Problem && thrown.status < 500;
      if (isTold) onRefused(request).then(() => done(thrown), done);
      else done(thrown);
    };
    const caller = callers.ask(request);
    if (caller instanceof Promise) caller.then(judge, refuse);
    else judge(caller);
  });
}

function isPublic(request: FastifyRequest, base: string): boolean {
  return request.method === 'OPTIONS' || isMetadata(request, base);
}

function isMetadata({ routeOptions }: FastifyRequest, base: string): boolean {
  return routeOptions.url === `${base}/metadata`;
}

/** Fetch standard, CORS protocol: the browser shows a page what was answered only where this says so. */
function letPageAsk(
  reply: FastifyReply,
  origin: string,
  allowed: boolean | Promise<boolean>,
  end: () => void,
): void {
  reply.header('vary', 'Origin');
  const answer = (isAllowed: boolean) => {
    if (isAllowed) reply.headers({ 'access-control-allow-origin': origin, ...corsHeaders });
    end();
  };
  // Who cannot be asked allows nothing.
  if (allowed instanceof Promise) allowed.then(answer, () => answer(false));
  else answer(allowed);
}

const corsHeaders = {
  'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS',
  'access-control-allow-headers':
    'authorization, accept, content-type, prefer, if-match, if-none-match, if-none-exist, if-modified-since, x-request-id',
  'access-control-expose-headers':
    'accept-ranges, content-location, content-range, etag, expires, last-modified, location, preference-applied, retry-after, www-authenticate, x-export-status, x-progress, x-request-id',
} as const;

function handlersOf(options: RestOptions): Handlers {
  const capabilities = capabilityTexts(options);
  const operate = entryOperations(options.operations);
  return {
    capabilities: (ctx, _target, request, reply) =>
      sendText(ctx, request, reply, capabilities(queryOf(request))),
    bundle: bundleHandler({ operate, capabilities }),
    operation: operationHandler(options.operations),
    ...searchHandlers,
    ...historyHandlers,
    ...resourceHandlers,
  };
}

type Route = Pick<RequestRow, 'method' | 'name'> & { readonly url: string; readonly path?: PathParameters };

/**
 * One route serves an operation on all its types: a route for each would make the start of the server wait. Those that
 * there are have routes of their own, which log lines and metrics tell apart.
 */
function toRoutes(
  { method, name, path: url }: RequestRow,
  operations: readonly Operation[],
): readonly Route[] {
  if (name !== 'operation') return [{ method, name, url }];
  const level = levelOfPath(url);
  const offered = operations.filter(
    (one) => one.levels.includes(level) && (method === 'POST' || allowsGet(one, level)),
  );
  const codes = [...new Set(offered.map(({ code }) => code))];
  const own = codes.map((code) => ({
    method,
    name,
    url: url.replace(':operation', code),
    path: { operation: code },
  }));
  return [...own, { method, name, url }];
}

function levelOfPath(path: string): OperationLevel {
  if (path.includes(':id')) return 'instance';
  return path.includes(':type') ? 'type' : 'system';
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
    // Members that are written later stand here, so that a copy need not grow.
    contexts[format] ??= { ...contextFor(caller), format, hasGone: undefined, trail: undefined };
    return contexts[format];
  };
}

/** The context of one request: a copy that is written into, since to spread so many members among others is slow. */
function contextOfRequest(shared: RestContext, { raw }: FastifyRequest): Mutable<RestContext> {
  const own: Mutable<RestContext> = { ...shared };
  own.hasGone = () => raw.socket.destroyed;
  own.pace = paceFor(own.hasGone);
  return own;
}

/** Bodies arrive as bytes: JSON and XML are parsed by our rules, not Fastify's. Other types are 415. */
function acceptBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    [...jsonBodies, ...xmlBodies, 'application/json-patch+json', 'application/xml-patch+xml'],
    { parseAs: 'buffer' },
    (_request, body, done) => done(null, body),
  );
  app.addContentTypeParser(formType, { parseAs: 'buffer', bodyLimit: maxForm }, (_request, body, done) =>
    done(null, body),
  );
  app.addContentTypeParser('*', (request, _body, done) =>
    isEmptyBody(request) ? done(null, undefined) : done(unsupportedBody()),
  );
}

/** Clients name a type beside no body too, of a DELETE or of an operation without parameters. */
function isEmptyBody({ headers }: FastifyRequest): boolean {
  return headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0;
}

/** R4 http.html#Status-Codes: a path that exists answers 405 to a method it does not have, and says which it has. */
function refuseOtherMethods(app: FastifyInstance, routes: readonly Route[]): void {
  const allowed = new Map<string, RequestMethod[]>();
  for (const { method, url } of routes) allowed.set(url, [...(allowed.get(url) ?? []), method]);
  for (const [url, has] of allowed) {
    const allow = allowOf(has);
    app.route({
      method: 'OPTIONS',
      url,
      handler: (_request, reply) => reply.header('allow', allow).status(204).send(),
    });
    app.route({
      method: requestMethods.filter((method) => !has.includes(method)),
      url,
      handler: (request, reply) => {
        reply.header('allow', allow);
        throw noSuchMethod(request.method, allow);
      },
    });
  }
}
