import Fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import type { Caller } from './access/caller.ts';
import { Problem, toErrorAnswer } from './fhir/problem.ts';
import type { Registry } from './interaction/context.ts';
import { storeProblem } from './interaction/store-problem.ts';
import { gatherLogLines } from './log-output.ts';
import { acceptGzip } from './rest/content-encoding.ts';
import { healthRoutes } from './rest/health-routes.ts';
import { addMetrics } from './rest/metrics.ts';
import { type RateLimiter, refuseFlood } from './rest/rate-limit.ts';
import { unsupportedBody } from './rest/request-body.ts';
import { restMethods, restPlugin } from './rest/rest-plugin.ts';
import type { RestOptions } from './rest/route.ts';
import { sendFailure } from './rest/send.ts';
import { answerUnreadable } from './rest/unreadable-request.ts';

export type AppOptions = Pick<
  RestOptions,
  'registry' | 'contextFor' | 'operations' | 'codeSystems' | 'software'
> & {
  /** `smart`: until the authorization server is part of this version, nobody has a token. */
  readonly auth: 'smart' | 'off';
  readonly log: string;
  /** When absent, a client may ask as fast as it can. */
  readonly rateLimiter?: RateLimiter | undefined;
  /** Resolves when the server can answer; rejects with the reason when it cannot. */
  readonly check: () => Promise<void>;
};

/** Bodies past it are refused with 413 before they are read; `jenner import` has no such limit. */
const maxBody = 32 * 1024 * 1024;

/** Milliseconds in which a request must have arrived; who sends slower must not hold a connection for good. */
const longestUpload = 5 * 60 * 1000;

/** The server without a socket: tests call `inject`, main calls `listen`. */
export function buildApp(options: AppOptions): FastifyInstance {
  const answerError = errorAnswerer(options.registry);
  const newRequestId = numberRequests();
  const app = Fastify({
    logger: options.log === 'silent' ? false : { level: options.log, stream: gatherLogLines() },
    bodyLimit: maxBody,
    // Log lines are our own: Fastify's would hold the URL, and a URL holds what was searched for.
    logController: new Fastify.LogController({ disableRequestLogging: true }),
    frameworkErrors: (error, request, reply) =>
      answerError(error, request as FastifyRequest, reply as FastifyReply),
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
  answerErrors(app, answerError);
  // An open server must not be open to the pages of other sites too.
  const always = options.auth === 'smart' ? { ...securityHeaders, ...corsHeaders } : securityHeaders;
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id).headers(always);
    done(refusalOf(options, request, reply));
  });
  const caller: Caller = options.auth === 'off' ? { kind: 'open' } : { kind: 'anonymous' };
  noteAnswers(app, options.log);
  addMetrics(app);
  acceptGzip(app);
  app.register(healthRoutes, { check: options.check });
  app.register(restPlugin, {
    prefix: '/fhir',
    registry: options.registry,
    contextFor: options.contextFor,
    operations: options.operations,
    codeSystems: options.codeSystems,
    callerOf: () => caller,
    software: options.software,
  });
  return app;
}

/** Clients that encode each segment of a path send `%24everything`, which the router would not find. */
function plainDollars({ url = '' }: { readonly url?: string | undefined }): string {
  if (!url.includes('%24')) return url;
  const [path = '', ...query] = url.split(/(?=\?)/);
  return [path.replaceAll('%24', '$'), ...query].join('');
}

/** Why a request is not answered at all; undefined when it is. */
function refusalOf(
  { auth, rateLimiter }: AppOptions,
  request: FastifyRequest,
  reply: FastifyReply,
): Problem | undefined {
  const tooMany = rateLimiter && refuseFlood(rateLimiter, request);
  if (tooMany) return tooMany;
  return auth === 'smart' && !isPublic(request) ? refuseStranger(reply) : undefined;
}

function refuseStranger(reply: FastifyReply): Problem {
  reply.header('www-authenticate', 'Bearer');
  return new Problem(
    'unauthenticated',
    'This server answers only with an access token (Authorization: Bearer …)',
  );
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

const securityHeaders = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
} as const;

/** Any page may ask, since nothing is answered but to a token that it must hold itself (Fetch standard, CORS protocol). */
const corsHeaders = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS',
  'access-control-allow-headers':
    'authorization, accept, content-type, prefer, if-match, if-none-match, if-none-exist, if-modified-since, x-request-id',
  'access-control-expose-headers':
    'etag, location, content-location, last-modified, retry-after, x-request-id',
} as const;

function isPublic(request: FastifyRequest): boolean {
  if (request.method === 'OPTIONS') return true;
  const { url } = request.routeOptions;
  return url === '/fhir/metadata' || url?.startsWith('/health/') === true;
}

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

type AnswerError = (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => FastifyReply;

function answerErrors(app: FastifyInstance, answerError: AnswerError): void {
  app.setNotFoundHandler((request) => {
    if (!knownMethods.has(request.method)) {
      throw new Problem('unknown-method', `This server knows no method ${request.method}`);
    }
    throw new Problem(
      'not-found',
      `There is nothing at this URL for ${request.method}; the FHIR base is /fhir`,
    );
  });
  app.setErrorHandler(answerError);
}

const knownMethods: ReadonlySet<string> = new Set([...restMethods, 'HEAD', 'OPTIONS']);

/** Answers whatever was thrown as an OperationOutcome; what is our bug is logged. */
function errorAnswerer({ definitions }: Registry): AnswerError {
  return (thrown, request, reply) => {
    const answer = toErrorAnswer(fromFastify(thrown) ?? storeProblem(thrown) ?? thrown, request.id);
    if (answer.status >= 500) request.log.error({ reqId: request.id, err: thrown }, 'failed');
    return sendFailure(request, reply, definitions, answer);
  };
}

/** What Fastify refuses by itself, in our words. */
function fromFastify(thrown: FastifyError): Problem | undefined {
  switch (thrown.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new Problem(
        'too-large',
        `The body is larger than ${maxBody / 1024 / 1024} MiB; import larger data`,
      );
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
    case 'FST_ERR_CTP_INVALID_CONTENT_TYPE':
      return unsupportedBody();
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return new Problem('invalid-syntax', 'The body is not as long as Content-Length says');
    case 'Z_BUF_ERROR':
    case 'Z_DATA_ERROR':
      return new Problem(
        'invalid-syntax',
        'The body is not gzip, as Content-Encoding says, or ends too early',
      );
    case 'FST_ERR_BAD_URL':
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return new Problem('invalid-parameter', 'The path of the URL cannot be read');
    default:
      return undefined;
  }
}
