import type { FastifyReply, FastifyRequest } from 'fastify';
import { type ErrorAnswer, Problem, toErrorAnswer } from '../fhir/problem.ts';
import type { Definitions } from '../fhir/validation/definitions.ts';
import { storeProblem } from '../interaction/store-problem.ts';
import { nothingThere } from '../request/match-request.ts';
import { requestMethods } from '../request/request-table.ts';
import { AbandonedError } from '../values/turns.ts';
import { challengeScope } from './refuse-stranger.ts';
import { maxBody, maxForm, unsupportedBody } from './request-body.ts';
import { sendFailure } from './send.ts';
import { contentTypes } from './write-answer.ts';

export type AnswerError = (thrown: Error, request: FastifyRequest, reply: FastifyReply) => FastifyReply;

/** Answers whatever was thrown as an OperationOutcome; what is our bug is logged. */
export function outcomeAnswerer(definitions: Definitions): AnswerError {
  return (thrown, request, reply) => {
    const answer = judge(thrown, request);
    challengeScope(thrown, reply);
    try {
      return sendFailure(request, reply, definitions, answer);
    } catch (again) {
      // What cannot be written as the client asks is answered all the same.
      request.log.error({ reqId: request.id, err: again }, 'a failure could not be written');
      return reply
        .status(answer.status)
        .header('content-type', contentTypes.json)
        .send(JSON.stringify(answer.outcome));
    }
  };
}

/** The same in the form of doors that are not FHIR's (RFC 9457). */
export const answerPlainly: AnswerError = (thrown, request, reply) => {
  const { status, issues, retryAfter } = judge(thrown, request);
  const detail = issues.map(({ text }) => text).join('; ');
  if (retryAfter !== undefined) reply.header('retry-after', String(retryAfter));
  return reply.status(status).type('application/problem+json').send(JSON.stringify({ status, detail }));
};

function judge(thrown: Error, request: FastifyRequest): ErrorAnswer {
  const problem = toProblem(thrown, request);
  const answer = toErrorAnswer(problem, request.id);
  noteFailure(request, problem, answer.status);
  return answer;
}

/** By who is at fault: our bugs with their stack; what the machine cannot do at present; nothing of clients. */
function noteFailure({ id, log }: FastifyRequest, thrown: Error, status: number): void {
  if (!(thrown instanceof Problem)) log.error({ reqId: id, err: thrown }, 'failed');
  else if (status === 503) log.warn({ reqId: id, reason: reasonOf(thrown) }, 'cannot answer now');
}

function reasonOf({ message, cause }: Problem): string {
  return cause instanceof Error ? `${message} (${cause.message})` : message;
}

/** The Problem of a URL where nothing is, or of a method that nothing here has. */
export function nothingFor(method: string): Problem {
  if (knownMethods.has(method)) return nothingThere(method);
  return new Problem('unknown-method', `This server knows no method ${method}`);
}

const knownMethods: ReadonlySet<string> = new Set([...requestMethods, 'HEAD', 'OPTIONS']);

function toProblem(thrown: Error, request: FastifyRequest): Error {
  if (isAbandoned(thrown)) return new Problem('too-slow', 'The client has gone', { cause: thrown });
  return fromFastify(thrown, request) ?? storeProblem(thrown) ?? thrown;
}

/** Nobody is there to be answered. */
function isAbandoned(thrown: Error & { readonly code?: string }): boolean {
  if (thrown instanceof AbandonedError) return true;
  return thrown.code === 'ECONNRESET' || thrown.code === 'ERR_STREAM_PREMATURE_CLOSE';
}

/** What Fastify refuses by itself, in our words. */
function fromFastify(
  thrown: Error & { readonly code?: string },
  { method }: FastifyRequest,
): Problem | undefined {
  switch (thrown.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new Problem(
        'too-large',
        `The body is larger than ${maxBody / 1024 / 1024} MiB, or a form larger than ${maxForm / 1024 / 1024} MiB; import larger data`,
      );
    case 'FST_ERR_ROUTE_MISSING_CONTENT_TYPE':
      return nothingFor(method);
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
