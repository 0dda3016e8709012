import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { statusUrl } from '../export/export-operations.ts';
import type { ExportStatus, Exports } from '../export/exports.ts';
import { isGzip, mediaTypeOf } from '../export/file-type.ts';
import { type ManifestProfile, pageOf, toManifest } from '../export/manifest.ts';
import type { StoredFile } from '../export/output.ts';
import { Problem, toErrorAnswer, toOperationOutcome } from '../fhir/problem.ts';
import { audited } from '../interaction/audit/audited.ts';
import type { InteractionContext } from '../interaction/context.ts';
import { formatHttpDate } from '../values/http-date.ts';
import { openPollLimit, type PollLimit } from './poll-limit.ts';
import { acceptsGzip, namesTag, readRange } from './range.ts';

export type ExportRoutes = {
  readonly exports: Exports;
  readonly profile: ManifestProfile;
  /** Milliseconds that only go forward. */
  readonly now: () => number;
};

type Named = { readonly export: string; readonly file: string };

const outcomeType = 'application/fhir+json; charset=utf-8';

/** Bulk Data Access below the FHIR base: the state of an export, its files, and its end. */
export function exportRoutes({ exports, profile, now }: ExportRoutes) {
  const limit = openPollLimit(now);
  return (app: FastifyInstance, contextOf: (request: FastifyRequest) => InteractionContext): void => {
    app.get('/bulk/:export', async (request, reply) => {
      const { export: id } = request.params as Named;
      const ctx = contextOf(request);
      const status = await exports.status(ctx.caller, id);
      if (status.kind === 'unknown') return refuseTold(ctx, request, noExport());
      return answerStatus({ ctx, id, status, profile, limit }, reply);
    });
    app.delete('/bulk/:export', async (request, reply) => {
      const { export: id } = request.params as Named;
      const ctx = contextOf(request);
      if (!(await exports.remove(ctx.caller, id))) return refuseTold(ctx, request, noExport());
      limit.forget(id);
      const text = 'The export and its files are deleted';
      const issue = { severity: 'information', code: 'informational', text } as const;
      return reply
        .status(202)
        .header('content-type', outcomeType)
        .send(JSON.stringify(toOperationOutcome([issue])));
    });
    app.get('/bulk/:export/manifest/:page', async (request, reply) => {
      const { export: id, page } = request.params as Named & { readonly page: string };
      const ctx = contextOf(request);
      const status = await exports.status(ctx.caller, id);
      if (status.kind === 'failed') return answerFailed(status, reply);
      const isPage = /^[1-9][0-9]{0,5}$/.test(page);
      const manifest = isPage ? manifestOf({ ctx, id, status, profile, limit }, Number(page)) : undefined;
      if (manifest === undefined) return refuseTold(ctx, request, noExport());
      return reply.header('content-type', manifestType).send(manifest);
    });
    app.get('/bulk/:export/:file', async (request, reply) => {
      const { export: id, file: name } = request.params as Named;
      const ctx = contextOf(request);
      const found = await exports.open(ctx, { id, name, from: request.ip });
      if (!found) return refuseTold(ctx, request, noFile());
      return sendFile(request, reply, { id, name }, found);
    });
  };
}

/** Who asks for what another has exported is told of, and not told apart from who asks for what never was. */
function refuseTold(ctx: InteractionContext, request: FastifyRequest, problem: Problem): Promise<never> {
  const query = `${request.method} ${request.url.split('?')[0]}`.slice(0, 1000);
  const start = { interaction: 'refused', action: 'E', from: request.ip, query } as const;
  return audited<never>(ctx, start, () => {
    throw problem;
  });
}

/** Bulk Data Access, capability URLs: who knows one needs no token. Beside the FHIR API, which answers nobody unknown. */
export function secretFileRoutes({ exports }: Pick<ExportRoutes, 'exports'>): FastifyPluginAsync {
  return async (app) => {
    app.get('/fhir/bulk-files/:export/:secret/:file', async (request, reply) => {
      const { export: id, secret, file: name } = request.params as Named & { readonly secret: string };
      const found = await exports.openBySecret({ id, secret, name, from: request.ip });
      if (found) return sendFile(request, reply, { id, name }, found);
      const outcome = toErrorAnswer(noFile(), request.id).outcome;
      return reply.status(404).header('content-type', outcomeType).send(JSON.stringify(outcome));
    });
  };
}

function noFile(): Problem {
  return new Problem('not-found', 'There is no such file; exports are kept for a while only');
}

/** Who asked for it is not told apart from what never was. */
function noExport(): Problem {
  return new Problem(
    'not-found',
    'There is no such export: it was deleted, has expired, or was never asked for',
  );
}

type Shown = {
  readonly ctx: InteractionContext;
  readonly id: string;
  readonly status: ExportStatus;
  readonly profile: ManifestProfile;
  readonly limit: PollLimit;
};

/** Seconds after which to ask again. */
const pollAfter = 1;
const manifestType = 'application/json; charset=utf-8';

function answerStatus(shown: Shown, reply: FastifyReply): FastifyReply {
  const { id, status, limit } = shown;
  switch (status.kind) {
    case 'unknown':
      throw noExport();
    case 'running': {
      const wait = limit.take(id);
      if (wait > 0) {
        const text = 'The state of the export is asked for too often; see Retry-After';
        throw new Problem('too-many-requests', text, { retryAfter: wait });
      }
      const { done, note = '' } = status.progress;
      reply.header('x-progress', `${done} ${note}`.trim()).header('retry-after', String(pollAfter));
      const answer = inState(reply, 202, status.plan.separateStatus);
      const manifest = manifestOf(shown, 1);
      return manifest === undefined
        ? answer.send()
        : answer.header('content-type', manifestType).send(manifest);
    }
    case 'failed':
      return answerFailed(status, reply);
    case 'finished':
      return inState(reply, 200, status.plan.separateStatus)
        .headers({ expires: formatHttpDate(status.expires), 'content-type': manifestType })
        .send(manifestOf(shown, 1));
  }
}

function answerFailed(
  { plan, reason }: ExportStatus & { kind: 'failed' },
  reply: FastifyReply,
): FastifyReply {
  const outcome = toOperationOutcome([
    { severity: 'fatal', code: 'exception', text: `The export failed: ${reason}` },
  ]);
  return inState(reply, 500, plan.separateStatus)
    .header('content-type', outcomeType)
    .send(JSON.stringify(outcome));
}

/** Undefined where that page of it is not there, or not yet. The pages of one that cannot be partial are one. */
function manifestOf({ ctx, id, status, profile }: Shown, page: number): string | undefined {
  if (status.kind !== 'running' && status.kind !== 'finished') return undefined;
  const { plan, files } = status;
  const { secret, isPartial } = plan;
  const folder = secret === undefined ? statusUrl(ctx, id) : `${ctx.baseUrl}/bulk-files/${id}/${secret}`;
  const urlOf = (name: string) => `${folder}/${name}`;
  const isWhole = page === 1 && status.kind === 'finished';
  if (!isPartial) return isWhole ? JSON.stringify(toManifest(plan, { files }, urlOf, profile)) : undefined;
  const hasPage = (one: number) => pageOf(files, one).some(({ holds }) => holds !== 'issues');
  if (!hasPage(page) && !isWhole) return undefined;
  const next = hasPage(page + 1) ? `${statusUrl(ctx, id)}/manifest/${page + 1}` : undefined;
  return JSON.stringify(toManifest(plan, { files: pageOf(files, page), next }, urlOf, profile));
}

/** Bulk Data Access 3, `Prefer: separate-export-status`: the answer to the question is 200, whatever is told. */
function inState(reply: FastifyReply, state: number, separate: true | undefined): FastifyReply {
  return separate ? reply.status(200).header('x-export-status', String(state)) : reply.status(state);
}

/** As it lies for whoever takes gzip, which is what ranges count by; unpacked on the way for anybody else. */
async function sendFile(
  request: FastifyRequest,
  reply: FastifyReply,
  { id, name }: { readonly id: string; readonly name: string },
  file: StoredFile,
): Promise<FastifyReply> {
  const { headers, method } = request;
  const isHead = method === 'HEAD';
  const tag = `"${id}-${name}"`;
  reply.headers({
    'content-type': mediaTypeOf(name),
    vary: 'Accept-Encoding',
    'cache-control': 'private, no-store',
  });
  if (isGzip(name) && !acceptsGzip(headers['accept-encoding'])) {
    return reply.header('accept-ranges', 'none').send(isHead ? nothing() : unpack(file.read() as Readable));
  }
  // A URL of the bucket is signed for GET alone.
  if (!isHead && file.link && headers.range === undefined && headers['if-none-match'] === undefined) {
    // Bulk Data Access, redirect: a client leaves its token here.
    return reply.redirect(await file.link(), 302);
  }
  reply.headers({ ...(isGzip(name) && { 'content-encoding': 'gzip' }), 'accept-ranges': 'bytes', etag: tag });
  if (namesTag(headers['if-none-match'], tag)) return reply.status(304).send();
  // RFC 9110, 14.2: a range is of GET alone.
  if (isHead) return reply.header('content-length', file.bytes).send(nothing());
  const isSame = headers['if-range'] === undefined || headers['if-range'] === tag;
  const range = isSame ? readRange(headers.range, file.bytes) : 'whole';
  switch (range) {
    case 'whole':
      return reply.header('content-length', file.bytes).send(file.read());
    case 'outside':
      reply.removeHeader('content-encoding');
      return reply
        .status(416)
        .headers({ 'content-range': `bytes */${file.bytes}`, 'content-type': outcomeType })
        .send(JSON.stringify(toErrorAnswer(beyond(), request.id).outcome));
    default:
      return reply
        .status(206)
        .headers({
          'content-range': `bytes ${range.first}-${range.last}/${file.bytes}`,
          'content-length': range.last - range.first + 1,
        })
        .send(file.read(range));
  }
}

function unpack(packed: Readable): Readable {
  const unpacked = createGunzip({ chunkSize: 256 * 1024 });
  pipeline(packed, unpacked, () => undefined);
  return unpacked;
}

/** In place of what HEAD does not send: what is sent to it is read to its end, and dropped. */
function nothing(): Readable {
  return Readable.from([]);
}

function beyond(): Problem {
  return new Problem('invalid-parameter', 'The range lies behind the end of the file', {
    expression: 'http.Range',
  });
}
