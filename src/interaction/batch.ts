import { STATUS_CODES } from 'node:http';
import { Problem, toErrorAnswer } from '../fhir/problem.ts';
import type { ParsedResource } from '../fhir/resource.ts';
import type { TargetOf } from '../request/request-target.ts';
import { type InteractionContext, requireAccess } from './context.ts';
import { createResource } from './create-resource.ts';
import { deleteConditionally, deleteResource } from './delete-resource.ts';
import { type BundleServices, type EntryAnswer, entryAnswerOf, performGet } from './entry-answer.ts';
import { parseEntryPatch } from './entry-patch.ts';
import { entriesOf, parseEntry, type RequestEntry } from './parse-bundle.ts';
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
  const { target, method, resource } = entry;
  const { query } = entry.url;
  const body = resource && { resource, exactNumbers };
  switch (target.name) {
    case 'create':
    case 'update':
    case 'conditional-update':
      return answerOf(await performWrite(ctx, target, entry, requireBody(body)));
    case 'patch':
    case 'conditional-patch':
      return answerOf(await performPatch(ctx, target, entry, requireBody(body)));
    case 'delete':
    case 'conditional-delete':
      return performDelete(ctx, target, entry);
    case 'bundle':
      throw new Problem('not-supported', 'A Bundle cannot be run as an entry of another');
    case 'operation':
      return method === 'POST'
        ? services.operate(ctx, { method, target, query, ...(body && { body }) })
        : performGet(ctx, entry, services);
    case 'capabilities':
    case 'read':
    case 'vread':
    case 'history-system':
    case 'history-type':
    case 'history-instance':
    case 'search-system':
    case 'search-type':
    case 'compartment':
      return performGet(ctx, entry, services);
  }
}

function requireBody(body: ParsedResource | undefined): ParsedResource {
  if (body) return body;
  throw new Error('an entry that needs a resource was let through without one');
}

function performWrite(
  ctx: InteractionContext,
  target: TargetOf<'create' | 'update' | 'conditional-update'>,
  { url, ifMatch, ifNoneMatch, ifNoneExist }: RequestEntry,
  parsed: ParsedResource,
): Promise<WriteResult> {
  const conditions = {
    ...(ifMatch !== undefined && { ifMatch }),
    ...(ifNoneMatch !== undefined && { ifNoneMatch }),
  };
  switch (target.name) {
    case 'create':
      return createResource(ctx, parsed, { type: target.type, ...(ifNoneExist && { ifNoneExist }) });
    case 'update':
      return updateResource(ctx, target, parsed, conditions);
    case 'conditional-update':
      return updateConditionally(ctx, target.type, url.query, parsed, conditions);
  }
}

function performPatch(
  ctx: InteractionContext,
  target: TargetOf<'patch' | 'conditional-patch'>,
  { url, ifMatch }: RequestEntry,
  parsed: ParsedResource,
): Promise<WriteResult> {
  const patch = parseEntryPatch(ctx, parsed);
  const options = ifMatch === undefined ? {} : { ifMatch };
  return target.name === 'patch'
    ? patchResource(ctx, target, patch, options)
    : patchConditionally(ctx, target.type, url.query, patch, options);
}

async function performDelete(
  ctx: InteractionContext,
  target: TargetOf<'delete' | 'conditional-delete'>,
  { url, ifMatch }: RequestEntry,
): Promise<EntryAnswer> {
  const options = ifMatch === undefined ? {} : { ifMatch };
  const tombstone =
    target.name === 'delete'
      ? await deleteResource(ctx, target, options)
      : await deleteConditionally(ctx, target.type, url.query, options);
  return { status: '204 No Content', ...(tombstone && { version: tombstone }) };
}

function answerOf({ kind, version }: WriteResult): EntryAnswer {
  return entryAnswerOf(kind, version);
}
