import Fastify, {
  type FastifyInstance,
  type FastifyPluginAsync,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import type { Caller } from './access/caller.ts';
import { gatherLogLines } from './log-output.ts';
import { type AnswerError, answerPlainly, nothingFor, outcomeAnswerer } from './rest/answer-errors.ts';
import { acceptGzip } from './rest/content-encoding.ts';
import { healthRoutes } from './rest/health-routes.ts';
import { type Bounds, boundFlight, usualBounds } from './rest/in-flight.ts';
import { addMetrics, type MetricsBoard } from './rest/metrics.ts';
import { type RateLimiter, refuseFlood } from './rest/rate-limit.ts';
import { refuseHeaders } from './rest/refuse-headers.ts';
import { refuseStranger } from './rest/refuse-stranger.ts';
import { maxBody } from './rest/request-body.ts';
import { restPlugin } from './rest/rest-plugin.ts';
import type { RestOptions } from './rest/route.ts';
import { answerUnreadable } from './rest/unreadable-request.ts';

export type AppOptions = Pick<
  RestOptions,
  'context' | 'contextFor' | 'operations' | 'codeSystems' | 'software' | 'within'
> & {
  /** `smart`: nobody is answered whom the authorization server does not know. */
  readonly auth: 'smart' | 'off';
  /** Who gives tokens and knows them again; without it nobody has one. */
  readonly authorization?: Authorization | undefined;
  /** What is served beside all that: pages, their files. */
  readonly entrances?: readonly FastifyPluginAsync[];
  /** Of the certificate and its key; http when absent. */
  readonly tls?: { readonly cert: Buffer; readonly key: Buffer } | undefined;
  /** Whose X-Forwarded-For counts; nobody's when absent. */
  readonly trustProxy?: readonly string[] | undefined;
  readonly log: string;
  /** Who sends a request; by `auth` alone when absent. */
  readonly callerOf?: RestOptions['callerOf'];
  /** How much is under way at once. */
  readonly bounds?: Bounds;
  /** When absent, a client may ask as fast as it can. */
  readonly rateLimiter?: RateLimiter | undefined;
  /** Who sends it may read the metrics of a server that is not open; nobody when absent. */
  readonly metricsToken?: string | undefined;
  /** Where the metrics of processes that answer together are added up. */
  readonly metricsBoard?: MetricsBoard | undefined;
  /** Resolves when the server can answer; rejects with the reason when it cannot. */
  readonly check: () => Promise<void>;
  /** What it answers less well than it should, a sentence each. */
  readonly warnings?: () => readonly string[];
};

export type Authorization = {
  readonly callerOf: NonNullable<AppOptions['callerOf']>;
  readonly crossOrigin: NonNullable<RestOptions['crossOrigin']>;
  readonly refused: NonNullable<RestOptions['onRefused']>;
  readonly routes: FastifyPluginAsync;
  /** How long an address must wait, counted over all processes of the store; instead of `rateLimiter`. */
  readonly addressLimiter?: RateLimiter;
  /** How long an app or an account must wait. */
  readonly callerLimiter?: RestOptions['callerLimiter'];
};

/** Milliseconds in which a request must have arrived; who sends slower must not hold a connection for good. */
const longestUpload = 5 * 60 * 1000;

/**
 * The shell of all entrances, without a socket: tests call `inject`, main calls `listen`. It numbers requests, bounds and
 * counts them. Each entrance is a plugin with refusals and errors of its own; what has none is answered plainly.
 */
export function buildApp(options: AppOptions): FastifyInstance {
  const { auth, authorization, context, entrances = [] } = options;
  const rateLimiter = authorization?.addressLimiter ?? options.rateLimiter;
  const answerOutcome = outcomeAnswerer(context.definitions);
  const app = openShell(options, answerOutcome);
  app.setErrorHandler(answerPlainly);
  const isHttps = context.baseUrl.startsWith('https:');
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response));
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id).headers(isHttps ? httpsHeaders : safeHeaders);
    done(refuseHeaders(request) ?? (rateLimiter && refuseFlood(rateLimiter, request)));
  });
  const caller: Caller = auth === 'off' ? { kind: 'open' } : { kind: 'anonymous' };
  noteAnswers(app, options.log);
  acceptGzip(app);
  boundFlight(app, options.bounds ?? usualBounds);
  const { metricsToken: token, metricsBoard: board } = options;
  if (auth === 'off' || token !== undefined)
    addMetrics(app, { token: auth === 'off' ? undefined : token, board });
  answerStrays(app, options, answerOutcome);
  const { check, warnings = () => [] } = options;
  app.register(healthRoutes, { check, warnings });
  if (authorization) app.register(authorization.routes);
  for (const entrance of entrances) app.register(entrance);
  app.register(restPlugin, {
    prefix: base,
    context,
    contextFor: options.contextFor,
    operations: options.operations,
    within: options.within,
    codeSystems: options.codeSystems,
    callerOf: options.callerOf ?? authorization?.callerOf ?? (() => caller),
    // An open server must not be open to the pages of other sites too.
    crossOrigin: auth === 'smart' ? authorization?.crossOrigin : undefined,
    onRefused: authorization?.refused,
    callerLimiter: authorization?.callerLimiter,
    isSmart: auth === 'smart',
    software: options.software,
  });
  return app;
}

/** Fastify as all entrances need it. */
function openShell({ log, tls, trustProxy }: AppOptions, answerOutcome: AnswerError): FastifyInstance {
  const newRequestId = numberRequests();
  return Fastify({
    logger: log === 'silent' ? false : { level: log, stream: gatherLogLines() },
    bodyLimit: maxBody,
    // Log lines are our own: Fastify's would hold the URL, and a URL holds what was searched for.
    logController: new Fastify.LogController({ disableRequestLogging: true }),
    frameworkErrors: (error, request, reply) => {
      const answer = isBelowBase(request.url) ? answerOutcome : answerPlainly;
      answer(error, request as FastifyRequest, reply as FastifyReply);
    },
    // Node would answer by itself, without a body.
    ...(tls
      ? { https: { ...tls, minVersion: 'TLSv1.2' as const, requireHostHeader: false } }
      : { http: { requireHostHeader: false } }),
    ...(trustProxy && { trustProxy: [...trustProxy] }),
    // What is under way when the server stops is answered in its own form.
    return503OnClosing: false,
    requestIdHeader: false,
    // A logger of its own for each request costs more than to name the request in the few lines there are.
    childLoggerFactory: (logger) => logger,
    genReqId: (request) => requestId(request.headers['x-request-id']) ?? newRequestId(),
    clientErrorHandler: answerUnreadable,
    requestTimeout: longestUpload,
    rewriteUrl: plainDollars,
    // Clients put a base that ends in a slash before a path that begins with one.
    routerOptions: {
      maxParamLength: 200,
      querystringParser: () => ({}),
      ignoreTrailingSlash: true,
      ignoreDuplicateSlashes: true,
    },
  });
}

const base = '/fhir';

function isBelowBase(url: string): boolean {
  return url.startsWith(base) && /^(?:[/?]|$)/.test(url.slice(base.length));
}

/** Who misses the base is most likely a FHIR client, and is answered as one. */
function answerStrays(app: FastifyInstance, { auth }: AppOptions, answerOutcome: AnswerError): void {
  app.setNotFoundHandler((request, reply) => {
    const problem = auth === 'smart' ? refuseStranger(request, reply) : nothingFor(request.method);
    answerOutcome(problem, request, reply);
  });
}

/** Clients that encode each segment of a path send `%24everything`, which the router would not find. */
function plainDollars({ url = '' }: { readonly url?: string | undefined }): string {
  if (!url.includes('%24')) return url;
  const [path = '', ...query] = url.split(/(?=\?)/);
  return [path.replaceAll('%24', '$'), ...query].join('');
}

/** One line an answer. The route is its pattern, since a URL holds what was searched for. */
function noteAnswers(app: FastifyInstance, level: string): void {
  if (!noting.has(level)) return;
  app.addHook('onResponse', (request, reply, done) => {
    const ms = Math.round(reply.elapsedTime * 10) / 10;
    const route = request.routeOptions.url ?? 'none';
    const { id: reqId, method } = request;
    app.log.info({ reqId, method, route, status: reply.statusCode, ms }, 'answered');
    done();
  });
}

const noting: ReadonlySet<string> = new Set(['info', 'debug', 'trace']);

/** An entrance that needs less says so itself. */
const safeHeaders = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
} as const;

/** RFC 6797: a browser that was here once comes by https alone. */
const httpsHeaders = { ...safeHeaders, 'strict-transport-security': 'max-age=31536000' } as const;

/** The id of the client when it is harmless in a log line. */
function requestId(sent: string | string[] | undefined): string | undefined {
  return typeof sent === 'string' && /^[\w.-]{1,64}$/.test(sent) ? sent : undefined;
}

/** A number behind what tells this server from others: it finds log lines, and is no secret. */
function numberRequests(): () => string {
  const server = crypto.randomUUID().slice(0, 8);
  let count = 0;
  return () => `${server}-${++count}`;
}
