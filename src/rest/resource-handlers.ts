import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '../fhir/problem.ts';
import { createResource } from '../interaction/create-resource.ts';
import { type DeleteResult, deleteConditionally, deleteResource } from '../interaction/delete-resource.ts';
import { parseFhirPathPatch, parseJsonPatch, parseXmlPatchBody } from '../interaction/parse-patch.ts';
import { parseIfNoneExist } from '../interaction/parse-query.ts';
import { patchConditionally, patchResource } from '../interaction/patch-resource.ts';
import { readResource, vreadResource } from '../interaction/read-resource.ts';
import { subsetOfRead, subsetStored } from '../interaction/subset-stored.ts';
import { updateConditionally, updateResource } from '../interaction/update-resource.ts';
import type { Patch } from '../interaction/write-plan.ts';
import type { TargetOf } from '../request/request-target.ts';
import { bodyType, patchText, resourceBody, xmlBodies } from './request-body.ts';
import { criteriaOf, headerOf, preconditionsOf, queryOf } from './request-options.ts';
import type { Handlers, RestContext } from './route.ts';
import { sendVersion, sendWritten } from './send.ts';

type ResourceName =
  | 'read'
  | 'vread'
  | 'create'
  | 'update'
  | 'conditional-update'
  | 'patch'
  | 'conditional-patch'
  | 'delete'
  | 'conditional-delete';

/** The interactions on one resource (R4 http.html#read to #delete). */
export const resourceHandlers: Pick<Handlers, ResourceName> = {
  read: async (ctx, target, request, reply) => {
    const version = await readResource(ctx, target);
    const subset = subsetStored(ctx, version, subsetOfRead(queryOf(request)));
    return sendVersion(ctx, request, reply, subset instanceof Promise ? await subset : subset);
  },
  vread: async (ctx, target, request, reply) => {
    const version = await vreadResource(ctx, target, target.version);
    const subset = subsetStored(ctx, version, subsetOfRead(queryOf(request)));
    return sendVersion(ctx, request, reply, subset instanceof Promise ? await subset : subset);
  },
  create,
  update: async (ctx, { type, id }, request, reply) => {
    const body = await resourceBody(ctx, request);
    return sendWritten(
      ctx,
      request,
      reply,
      await updateResource(ctx, { type, id }, body, preconditionsOf(request)),
    );
  },
  'conditional-update': async (ctx, { type }, request, reply) => {
    const body = await resourceBody(ctx, request);
    const result = await updateConditionally(ctx, type, criteriaOf(request), body, preconditionsOf(request));
    return sendWritten(ctx, request, reply, result);
  },
  patch: async (ctx, { type, id }, request, reply) => {
    const patch = await patchOf(ctx, request);
    const result = await patchResource(ctx, { type, id }, patch, preconditionsOf(request));
    return sendWritten(ctx, request, reply, result);
  },
  'conditional-patch': async (ctx, { type }, request, reply) => {
    const patch = await patchOf(ctx, request);
    const result = await patchConditionally(ctx, type, criteriaOf(request), patch, preconditionsOf(request));
    return sendWritten(ctx, request, reply, result);
  },
  delete: async (ctx, { type, id }, request, reply) =>
    sendDeleted(reply, await deleteResource(ctx, { type, id }, preconditionsOf(request))),
  'conditional-delete': async (ctx, { type }, request, reply) =>
    sendDeleted(reply, await deleteConditionally(ctx, type, criteriaOf(request), preconditionsOf(request))),
};

async function create(
  ctx: RestContext,
  { type }: TargetOf<'create'>,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const condition = headerOf(request, 'if-none-exist');
  const ifNoneExist = condition === undefined ? undefined : parseIfNoneExist(condition, type);
  const result = await createResource(ctx, await resourceBody(ctx, request), {
    type,
    ...(ifNoneExist && { ifNoneExist }),
  });
  return sendWritten(ctx, request, reply, result);
}

async function patchOf(ctx: RestContext, request: FastifyRequest): Promise<Patch> {
  const type = bodyType(request);
  if (type === 'application/json-patch+json') return parseJsonPatch(patchText(request));
  if (fhirPathPatches.has(type))
    return parseFhirPathPatch(await resourceBody(ctx, request), ctx.elementTables);
  if (type === 'application/xml-patch+xml') return parseXmlPatchBody(patchText(request), ctx.definitions);
  const known =
    'application/json-patch+json, application/xml-patch+xml, or application/fhir+json or +xml for a FHIRPath Patch';
  throw new Problem('unsupported-media-type', `A patch must be ${known} (Content-Type)`);
}

const fhirPathPatches: ReadonlySet<string> = new Set([
  'application/fhir+json',
  'application/json',
  ...xmlBodies,
]);

function sendDeleted(reply: FastifyReply, tombstone: DeleteResult): FastifyReply {
  if (tombstone) reply.header('etag', `W/"${tombstone.versionId}"`);
  return reply.status(204).send();
}
