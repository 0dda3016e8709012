import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '../fhir/problem.ts';
import { createResource } from '../interaction/create-resource.ts';
import { deleteConditionally, deleteResource } from '../interaction/delete-resource.ts';
import { parseFhirPathPatch, parseJsonPatch, parseXmlPatchBody } from '../interaction/parse-patch.ts';
import { parseIfNoneExist } from '../interaction/parse-query.ts';
import { patchConditionally, patchResource } from '../interaction/patch-resource.ts';
import { readResource, vreadResource } from '../interaction/read-resource.ts';
import { subsetOfRead, subsetStored } from '../interaction/subset-stored.ts';
import { type UpdateOptions, updateConditionally, updateResource } from '../interaction/update-resource.ts';
import type { Patch } from '../interaction/write-plan.ts';
import { keyOf, typeOf, versionOf } from './path-parameters.ts';
import { bodyText, bodyType, resourceBody, xmlBodies, xmlText } from './request-body.ts';
import { criteriaOf, headerOf, queryOf } from './request-options.ts';
import type { RestContext, Route } from './route.ts';
import { sendVersion, sendWritten } from './send.ts';

/** The interactions on one resource (R4 http.html#read to #delete). */
export const resourceRoutes: readonly Route[] = [
  { method: 'GET', url: '/:type/:id', handle: read },
  { method: 'GET', url: '/:type/:id/_history/:vid', handle: vread },
  { method: 'POST', url: '/:type', handle: create },
  { method: 'PUT', url: '/:type/:id', handle: update },
  { method: 'PUT', url: '/:type', handle: updateBySearch },
  { method: 'PATCH', url: '/:type/:id', handle: patch },
  { method: 'PATCH', url: '/:type', handle: patchBySearch },
  { method: 'DELETE', url: '/:type/:id', handle: remove },
  { method: 'DELETE', url: '/:type', handle: removeBySearch },
];

async function read(ctx: RestContext, request: FastifyRequest, reply: FastifyReply) {
  const version = await readResource(ctx, keyOf(request));
  return sendVersion(ctx, request, reply, subsetStored(ctx, version, subsetOfRead(queryOf(request))));
}

async function vread(ctx: RestContext, request: FastifyRequest, reply: FastifyReply) {
  const version = await vreadResource(ctx, keyOf(request), versionOf(request));
  return sendVersion(ctx, request, reply, subsetStored(ctx, version, subsetOfRead(queryOf(request))));
}

async function create(ctx: RestContext, request: FastifyRequest, reply: FastifyReply) {
  const type = typeOf(request);
  const condition = headerOf(request, 'if-none-exist');
  const ifNoneExist = condition === undefined ? undefined : parseIfNoneExist(condition, type);
  const result = await createResource(ctx, resourceBody(ctx, request), {
    type,
    ...(ifNoneExist && { ifNoneExist }),
  });
  return sendWritten(ctx, request, reply, result);
}

async function update(ctx: RestContext, request: FastifyRequest, reply: FastifyReply) {
  const result = await updateResource(
    ctx,
    keyOf(request),
    resourceBody(ctx, request),
    updateOptions(request),
  );
  return sendWritten(ctx, request, reply, result);
}

async function updateBySearch(ctx: RestContext, request: FastifyRequest, reply: FastifyReply) {
  const body = resourceBody(ctx, request);
  const result = await updateConditionally(
    ctx,
    typeOf(request),
    criteriaOf(request),
    body,
    updateOptions(request),
  );
  return sendWritten(ctx, request, reply, result);
}

function updateOptions(request: FastifyRequest): UpdateOptions {
  const ifNoneMatch = headerOf(request, 'if-none-match');
  return { ...ifMatchOf(request), ...(ifNoneMatch !== undefined && { ifNoneMatch }) };
}

async function patch(ctx: RestContext, request: FastifyRequest, reply: FastifyReply) {
  const result = await patchResource(ctx, keyOf(request), patchOf(ctx, request), ifMatchOf(request));
  return sendWritten(ctx, request, reply, result);
}

async function patchBySearch(ctx: RestContext, request: FastifyRequest, reply: FastifyReply) {
  const type = typeOf(request);
  const result = await patchConditionally(
    ctx,
    type,
    criteriaOf(request),
    patchOf(ctx, request),
    ifMatchOf(request),
  );
  return sendWritten(ctx, request, reply, result);
}

function patchOf(ctx: RestContext, request: FastifyRequest): Patch {
  const type = bodyType(request);
  if (type === 'application/json-patch+json') return parseJsonPatch(bodyText(request));
  if (fhirPathPatches.has(type)) return parseFhirPathPatch(resourceBody(ctx, request), ctx.elementTables);
  if (type === 'application/xml-patch+xml') return parseXmlPatchBody(xmlText(request), ctx.definitions);
  const known =
    'application/json-patch+json, application/xml-patch+xml, or application/fhir+json or +xml for a FHIRPath Patch';
  throw new Problem('unsupported-media-type', `A patch must be ${known} (Content-Type)`);
}

const fhirPathPatches: ReadonlySet<string> = new Set([
  'application/fhir+json',
  'application/json',
  ...xmlBodies,
]);

function ifMatchOf(request: FastifyRequest): { readonly ifMatch?: string } {
  const ifMatch = headerOf(request, 'if-match');
  return ifMatch === undefined ? {} : { ifMatch };
}

async function remove(ctx: RestContext, request: FastifyRequest, reply: FastifyReply) {
  const tombstone = await deleteResource(ctx, keyOf(request), ifMatchOf(request));
  if (tombstone) reply.header('etag', `W/"${tombstone.versionId}"`);
  return reply.status(204).send();
}

async function removeBySearch(ctx: RestContext, request: FastifyRequest, reply: FastifyReply) {
  await deleteConditionally(ctx, typeOf(request), criteriaOf(request), ifMatchOf(request));
  return reply.status(204).send();
}
