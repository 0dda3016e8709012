import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type ErrorAnswer, toOperationOutcome } from '../fhir/problem.ts';
import type { Definitions } from '../fhir/validation/definitions.ts';
import type { StoredResource, StoredVersion } from '../interaction/context.ts';
import { namesVersion } from '../interaction/if-match.ts';
import type { WriteResult } from '../interaction/write-result.ts';
import { formatHttpDate, parseHttpDate } from '../values/http-date.ts';
import { type LongText, lengthOf, shortParts, shortText, wholeText } from '../values/long-text.ts';
import type { ResourceId } from '../values/resource-id.ts';
import { nextTurn } from '../values/turns.ts';
import { errorStyle } from './answer-format.ts';
import { zipLong } from './content-encoding.ts';
import { headerOf, preferredReturn, wantsPretty } from './request-options.ts';
import type { RestContext } from './route.ts';
import { type AnswerStyle, contentTypes, writeObject, writeResource, writeText } from './write-answer.ts';

/** Sends FHIR JSON text as it lies, or as XML where the client asks for that; a long one part by part. */
export function sendText(
  ctx: RestContext,
  request: FastifyRequest,
  reply: FastifyReply,
  text: LongText,
): FastifyReply | Promise<FastifyReply> {
  return sendBody(ctx, request, reply, writeText(text, styleOf(ctx, request), ctx.pace));
}

function sendBody(
  ctx: RestContext,
  request: FastifyRequest,
  reply: FastifyReply,
  body: LongText | Promise<LongText>,
): FastifyReply | Promise<FastifyReply> {
  const send = (written: LongText) => {
    reply.header('content-type', contentTypes[ctx.format]);
    if (lengthOf(written) > shortText) return reply.send(zipLong(request, reply, streamOf(written)));
    return reply.send(wholeText(written));
  };
  return body instanceof Promise ? body.then(send) : send(body);
}

/** The bytes of a long text, no faster than they are taken, and others come first in between. */
function streamOf(text: LongText): Readable {
  return Readable.from(bytesOf(text), { objectMode: false });
}

async function* bytesOf(text: LongText): AsyncGenerator<Buffer> {
  for (const part of shortParts(text)) {
    await nextTurn();
    yield Buffer.from(part);
  }
}

export function sendObject(
  ctx: RestContext,
  request: FastifyRequest,
  reply: FastifyReply,
  resource: object,
): FastifyReply | Promise<FastifyReply> {
  return sendAnswered(ctx, request, reply, { resource });
}

/** The same of what may be made of what was kept. */
export function sendAnswered(
  ctx: RestContext,
  request: FastifyRequest,
  reply: FastifyReply,
  { resource, exactNumbers = false }: { readonly resource: object; readonly exactNumbers?: boolean },
): FastifyReply | Promise<FastifyReply> {
  const style = { ...styleOf(ctx, request), exactNumbers };
  return sendBody(ctx, request, reply, writeResource(resource, style, ctx.pace));
}

function styleOf({ format, definitions }: RestContext, request: FastifyRequest): AnswerStyle {
  return { format, pretty: wantsPretty(request), definitions };
}

/** Status and OperationOutcome for whatever was thrown, in the format of the request. */
export function sendFailure(
  request: FastifyRequest,
  reply: FastifyReply,
  definitions: Definitions,
  { status, outcome, retryAfter }: ErrorAnswer,
): FastifyReply {
  const { format, pretty } = errorStyle(request);
  const body = writeObject(outcome, { format, pretty, definitions });
  if (retryAfter !== undefined) reply.header('retry-after', String(retryAfter));
  return reply.status(status).header('content-type', contentTypes[format]).send(body);
}

/** R4 http.html#versions: version and time stand in the headers too. */
function withVersion(reply: FastifyReply, version: StoredVersion): FastifyReply {
  return reply
    .header('etag', `W/"${version.versionId}"`)
    .header('last-modified', formatHttpDate(version.lastUpdated));
}

/** A version that was read; 304 when the client holds it already (R4 http.html#cread). */
export function sendVersion(
  ctx: RestContext,
  request: FastifyRequest,
  reply: FastifyReply,
  version: StoredResource,
): FastifyReply | Promise<FastifyReply> {
  withVersion(reply, version);
  if (isHeldByClient(request, version)) return reply.status(304).send();
  return sendText(ctx, request, reply, version.text);
}

function isHeldByClient(request: FastifyRequest, version: StoredVersion): boolean {
  const ifNoneMatch = headerOf(request, 'if-none-match');
  if (ifNoneMatch !== undefined) return namesVersion(ifNoneMatch, version);
  const since = parseHttpDate(headerOf(request, 'if-modified-since') ?? '');
  // HTTP dates have whole seconds.
  return since !== undefined && Math.floor(version.lastUpdated / 1000) * 1000 <= since;
}

/** What was written: 201 with Location when it is new, as the client prefers to have it returned. */
export function sendWritten(
  ctx: RestContext,
  request: FastifyRequest,
  reply: FastifyReply,
  result: WriteResult,
): FastifyReply | Promise<FastifyReply> {
  const { kind, version, person } = result;
  if (person !== undefined) return sendWithPerson(ctx, request, reply, result, person);
  const location = `${ctx.baseUrl}/${version.type}/${version.id}/_history/${version.versionId}`;
  withVersion(reply, version)
    .header('location', location)
    .status(kind === 'created' ? 201 : 200);
  switch (preferredReturn(request)) {
    case 'minimal':
      return reply.send();
    case 'OperationOutcome': {
      const text = `${version.type}/${version.id} was ${kind === 'unchanged' ? 'there already' : kind}`;
      const issue = { severity: 'information', code: 'informational', text } as const;
      return sendObject(ctx, request, reply, toOperationOutcome([issue]));
    }
    case 'representation':
      return sendText(ctx, request, reply, version.text);
  }
}

/** The person whose record was written, to whom the caller sees: as the canonical link of the record (RFC 8288). */
async function sendWithPerson(
  ctx: RestContext,
  request: FastifyRequest,
  reply: FastifyReply,
  { person: _, ...result }: WriteResult,
  person: ResourceId,
): Promise<FastifyReply> {
  const seen = await ctx.view.read({ type: 'Patient', id: person });
  if (seen) reply.header('link', `<${ctx.baseUrl}/Patient/${person}>; rel="canonical"`);
  return sendWritten(ctx, request, reply, result);
}
