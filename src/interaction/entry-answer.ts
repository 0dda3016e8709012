import { STATUS_CODES } from 'node:http';
import type { OperationOutcome } from '../fhir/problem.ts';
import { Problem, toErrorAnswer } from '../fhir/problem.ts';
import type { ParsedResource } from '../fhir/resource.ts';
import type { TargetOf } from '../request/request-target.ts';
import type { StoredResource, StoredVersion } from '../store/contract/store.ts';
import type { LongText } from '../values/long-text.ts';
import type { InteractionContext } from './context.ts';
import { historyBundle } from './history-bundle.ts';
import { namesVersion } from './if-match.ts';
import type { RequestEntry } from './parse-bundle.ts';
import type { ParameterList } from './parse-query.ts';
import { readHistory } from './read-history.ts';
import { readResource, vreadResource } from './read-resource.ts';
import { searchCompartment } from './search-compartment.ts';
import { searchResources } from './search-resources.ts';
import { searchsetBundle } from './searchset-bundle.ts';
import { subsetOfRead, subsetStored } from './subset-stored.ts';
import type { Preconditions, WriteAnswer } from './write-plan.ts';

/** What one entry of a batch or transaction is answered with. */
export type EntryAnswer = {
  /** Status line: "201 Created". */
  readonly status: string;
  /** The version that was read or written: it gives location, etag, lastModified. */
  readonly version?: StoredVersion;
  /** Where to ask for what became of it, when that is no version. */
  readonly location?: string;
  /** The resource to return, as text. */
  readonly text?: LongText;
  readonly outcome?: OperationOutcome;
  /** What a write came to; absent where nothing was to be written. */
  readonly write?: WriteAnswer['kind'];
};

/** An entry that calls an operation: by POST its resource is the body. */
export type OperationEntry = {
  readonly method: string;
  readonly target: TargetOf<'operation'>;
  readonly query: ParameterList;
  readonly body?: ParsedResource;
  readonly preconditions?: Preconditions;
};

/** What an entry may ask for that lies above the interactions: whoever runs a Bundle brings it. */
export type BundleServices = {
  readonly operate: (ctx: InteractionContext, entry: OperationEntry) => Promise<EntryAnswer>;
  /** R4 http.html#capabilities, as JSON text. */
  readonly capabilities: (query: ParameterList) => string;
};

export function answerWrite(answer: WriteAnswer): EntryAnswer {
  const { kind, version } = answer;
  switch (kind) {
    case 'created':
      return { status: '201 Created', version, text: version.text, write: kind };
    case 'updated':
    case 'unchanged':
      return { status: '200 OK', version, text: version.text, write: kind };
    case 'deleted':
      return {
        status: '204 No Content',
        ...(version && { version }),
        write: version ? kind : 'unchanged',
      };
  }
}

/** What an entry is answered that fails by itself, and leaves the others as they are. */
export async function answerAlone(perform: () => Promise<EntryAnswer>): Promise<EntryAnswer> {
  try {
    return await perform();
  } catch (thrown) {
    if (!(thrown instanceof Problem)) throw thrown;
    const { status, outcome } = toErrorAnswer(thrown, '');
    return { status: `${status} ${STATUS_CODES[status]}`, outcome };
  }
}

/** GET and HEAD inside a Bundle, and a search by POST. */
export async function performGet(
  ctx: InteractionContext,
  entry: RequestEntry,
  services: BundleServices,
): Promise<EntryAnswer> {
  const answer = await answerGet(ctx, entry, services);
  if (entry.method !== 'HEAD') return answer;
  const { text: _, ...head } = answer;
  return head;
}

async function answerGet(
  ctx: InteractionContext,
  entry: RequestEntry,
  services: BundleServices,
): Promise<EntryAnswer> {
  const { target, method } = entry;
  const { query } = entry.url;
  switch (target.name) {
    case 'capabilities':
      return { status: '200 OK', text: services.capabilities(query) };
    case 'read':
      return readAnswer(ctx, entry, await readResource(ctx, target));
    case 'vread':
      return readAnswer(ctx, entry, await vreadResource(ctx, target, target.version));
    case 'history-system':
    case 'history-type':
    case 'history-instance':
      return answerHistory(ctx, entry);
    case 'search-system':
    case 'search-type':
      return answerSearch(ctx, entry);
    case 'compartment': {
      const answer = await searchCompartment(ctx, target.id, target.type, query, 'strict');
      const path = `Patient/${target.id}/${target.type ?? '*'}`;
      return { status: '200 OK', text: searchsetBundle(ctx, path, answer) };
    }
    case 'operation':
      return services.operate(ctx, { method, target, query });
    case 'bundle':
    case 'create':
    case 'update':
    case 'patch':
    case 'delete':
    case 'conditional-update':
    case 'conditional-patch':
    case 'conditional-delete':
      throw new Error(`entry ${entry.index} reads nothing`);
  }
}

async function answerHistory(ctx: InteractionContext, { url }: RequestEntry): Promise<EntryAnswer> {
  const { type, id, query } = url;
  const scope = { ...(type && { type }), ...(id && { id }) };
  const path = [type, id, '_history'].filter((part) => part !== undefined).join('/');
  const answer = await readHistory(ctx, scope, query);
  return { status: '200 OK', text: await historyBundle(ctx, { path, parameters: query }, answer) };
}

async function answerSearch(ctx: InteractionContext, entry: RequestEntry): Promise<EntryAnswer> {
  const { type, query } = entry.url;
  if (entry.method === 'POST' && entry.resource) {
    throw new Problem(
      'not-supported',
      'A search in an entry has its criteria in request.url, and no resource',
    );
  }
  const answer = await searchResources(ctx, type && [type], query, 'strict');
  return { status: '200 OK', text: searchsetBundle(ctx, type ?? '', answer) };
}

async function readAnswer(
  ctx: InteractionContext,
  entry: RequestEntry,
  version: StoredResource,
): Promise<EntryAnswer> {
  if (isHeld(entry, version)) return { status: '304 Not Modified', version };
  const { text } = await subsetStored(ctx, version, subsetOfRead(entry.url.query));
  return { status: '200 OK', version, text };
}

/** R4 http.html#cread. */
function isHeld({ ifNoneMatch, ifModifiedSince }: RequestEntry, version: StoredResource): boolean {
  if (ifNoneMatch !== undefined) return namesVersion(ifNoneMatch, version);
  return ifModifiedSince !== undefined && version.lastUpdated <= ifModifiedSince;
}
