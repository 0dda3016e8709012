import { STATUS_CODES } from 'node:http';
import { Problem, toErrorAnswer } from '../fhir/problem.ts';
import type { ParsedResource } from '../fhir/resource.ts';
import { type InteractionContext, requireAccess } from './context.ts';
import { createResource } from './create-resource.ts';
import { deleteConditionally, deleteResource } from './delete-resource.ts';
import { type BundleServices, type EntryAnswer, entryAnswerOf, pathOf, performGet } from './entry-answer.ts';
import { parseEntryPatch } from './entry-patch.ts';
import { entriesOf, operationOf, parseEntry, type RequestEntry } from './parse-bundle.ts';
import { patchConditionally, patchResource } from './patch-resource.ts';
import { updateConditionally, updateResource } from './update-resource.ts';
import type { WriteResult } from './write-result.ts';

/** R4 http.html#batch: the entries do not know of each other; a failed one carries its own outcome. */
export async function runBatch(
  ctx: InteractionContext,
  bundle: ParsedResource,
  services: BundleServices,
): Promise<readonly EntryAnswer[]> {
  requireAccess(ctx, 'batch');
  const answers: EntryAnswer[] = [];
  for (const [index, entry] of entriesOf(bundle.resource).entries()) {
    const parse = () => parseEntry(entry, index, ctx.baseUrl);
    answers.push(await performAlone(parse, (entry) => perform(ctx, entry, bundle.exactNumbers, services)));
  }
  return answers;
}

async function performAlone(
  parse: () => RequestEntry,
  run: (entry: RequestEntry) => Promise<EntryAnswer>,
): Promise<EntryAnswer> {
  try {
    return await run(parse());
  } catch (thrown) {
    if (!(thrown instanceof Problem)) throw thrown;
    const { status, outcome } = toErrorAnswer(thrown, '');
    return { status: `${status} ${STATUS_CODES[status]}`, outcome };
  }
}

async function perform(
  ctx: InteractionContext,
  entry: RequestEntry,
  exactNumbers: boolean,
  services: BundleServices,
): Promise<EntryAnswer> {
  const { method, url, resource } = entry;
  if (method === 'GET' || method === 'HEAD') return performGet(ctx, entry, services);
  if (method === 'POST' && operationOf(entry) !== undefined) {
    return services.operate(ctx, entry, resource && { resource, exactNumbers });
  }
  if (url.type === undefined || url.rest.length > 0) {
    throw new Problem('not-supported', `${method} ${pathOf(entry)} cannot be part of a batch`);
  }
  if (method === 'DELETE') return performDelete(ctx, entry);
  if (!resource) throw new Problem('invalid-content', `A ${method} needs a resource in its entry`);
  const parsed = { resource, exactNumbers };
  if (method === 'PATCH') return answerOf(await performPatch(ctx, entry, parsed));
  return answerOf(await performWrite(ctx, entry, parsed));
}

function performWrite(
  ctx: InteractionContext,
  entry: RequestEntry,
  parsed: ParsedResource,
): Promise<WriteResult> {
  const { type, id, query } = entry.url;
  if (type === undefined) throw new Error(`entry ${entry.index} has no type`);
  const { ifMatch, ifNoneMatch, ifNoneExist } = entry;
  const conditions = {
    ...(ifMatch !== undefined && { ifMatch }),
    ...(ifNoneMatch !== undefined && { ifNoneMatch }),
  };
  if (entry.method === 'PUT') {
    return id
      ? updateResource(ctx, { type, id }, parsed, conditions)
      : updateConditionally(ctx, type, query, parsed, conditions);
  }
  if (id)
    throw new Problem('invalid-content', `POST ${type}/${id} is no interaction; use PUT to choose the id`);
  return createResource(ctx, parsed, { type, ...(ifNoneExist && { ifNoneExist }) });
}

function performPatch(
  ctx: InteractionContext,
  { url, index, ifMatch }: RequestEntry,
  parsed: ParsedResource,
): Promise<WriteResult> {
  const { type, id, query } = url;
  if (type === undefined) throw new Error(`entry ${index} has no type`);
  const patch = parseEntryPatch(ctx, parsed);
  const options = ifMatch === undefined ? {} : { ifMatch };
  return id
    ? patchResource(ctx, { type, id }, patch, options)
    : patchConditionally(ctx, type, query, patch, options);
}

async function performDelete(ctx: InteractionContext, entry: RequestEntry): Promise<EntryAnswer> {
  const { type, id, query } = entry.url;
  if (type === undefined) throw new Error(`entry ${entry.index} has no type`);
  const { ifMatch } = entry;
  const tombstone = id
    ? await deleteResource(ctx, { type, id }, ifMatch === undefined ? {} : { ifMatch })
    : await deleteConditionally(ctx, type, query);
  return { status: '204 No Content', ...(tombstone && { version: tombstone }) };
}

function answerOf({ kind, version }: WriteResult): EntryAnswer {
  return entryAnswerOf(kind, version);
}
