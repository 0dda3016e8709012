import type { OperationOutcome } from '../fhir/problem.ts';
import { Problem } from '../fhir/problem.ts';
import type { ParsedResource } from '../fhir/resource.ts';
import { isResourceType } from '../fhir/resource-type.ts';
import type { StoredResource, StoredVersion } from '../store/contract/store.ts';
import type { InteractionContext } from './context.ts';
import { historyBundle } from './history-bundle.ts';
import { namesVersion } from './if-match.ts';
import { operationOf, type RequestEntry } from './parse-bundle.ts';
import { readHistory } from './read-history.ts';
import { readResource, vreadResource } from './read-resource.ts';
import { searchCompartment } from './search-compartment.ts';
import { searchResources } from './search-resources.ts';
import { searchsetBundle } from './searchset-bundle.ts';
import { subsetOfRead, subsetStored } from './subset-stored.ts';
import type { WriteAnswer } from './write-plan.ts';

/** What one entry of a batch or transaction is answered with. */
export type EntryAnswer = {
  /** Status line: "201 Created". */
  readonly status: string;
  /** The version that was read or written: it gives location, etag, lastModified. */
  readonly version?: StoredVersion;
  /** Where to ask for what became of it, when that is no version. */
  readonly location?: string;
  /** The resource to return, as text. */
  readonly text?: string;
  readonly outcome?: OperationOutcome;
};

/** What an entry may ask for that lies above the interactions: whoever runs a Bundle brings it. */
export type BundleServices = {
  /** Calls the operation that the entry names, by POST with its Parameters in `body` or without them. */
  readonly operate: (
    ctx: InteractionContext,
    entry: RequestEntry,
    body: ParsedResource | undefined,
  ) => Promise<EntryAnswer>;
};

export function answerWrite(answer: WriteAnswer): EntryAnswer {
  const { kind, version } = answer;
  switch (kind) {
    case 'created':
      return { status: '201 Created', version, text: version.text };
    case 'updated':
    case 'unchanged':
      return { status: '200 OK', version, text: version.text };
    case 'deleted':
      return { status: '204 No Content', ...(version && { version }) };
  }
}

/** GET and HEAD inside a Bundle: read, vread, search, history or an operation that changes nothing. */
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
  const { type, id, rest, query } = entry.url;
  const [first, second] = rest;
  if (operationOf(entry) !== undefined) return services.operate(ctx, entry, undefined);
  if (first === '_history') return answerHistory(ctx, entry, second);
  if (first !== undefined && first !== '_search') return answerCompartment(ctx, entry, first);
  if (type && id) return readAnswer(ctx, entry, await readResource(ctx, { type, id }));
  const answer = await searchResources(ctx, type ? [type] : undefined, query, 'strict');
  return { status: '200 OK', text: searchsetBundle(ctx, pathOf(entry), answer) };
}

async function answerHistory(
  ctx: InteractionContext,
  entry: RequestEntry,
  version: string | undefined,
): Promise<EntryAnswer> {
  const { type, id, query } = entry.url;
  if (type && id && version !== undefined) {
    return readAnswer(ctx, entry, await vreadResource(ctx, { type, id }, version));
  }
  const scope = { ...(type && { type }), ...(id && { id }) };
  const self = { path: pathOf(entry), parameters: query };
  return { status: '200 OK', text: historyBundle(ctx, self, await readHistory(ctx, scope, query)) };
}

async function answerCompartment(
  ctx: InteractionContext,
  entry: RequestEntry,
  inner: string,
): Promise<EntryAnswer> {
  const { type, id, query } = entry.url;
  if (type !== 'Patient' || !id || !(inner === '*' || isResourceType(inner))) {
    throw new Problem('not-supported', `GET ${pathOf(entry)} is no interaction of this server`);
  }
  const answer = await searchCompartment(ctx, id, inner === '*' ? undefined : inner, query, 'strict');
  return { status: '200 OK', text: searchsetBundle(ctx, pathOf(entry), answer) };
}

function readAnswer(ctx: InteractionContext, entry: RequestEntry, version: StoredResource): EntryAnswer {
  if (entry.ifNoneMatch !== undefined && namesVersion(entry.ifNoneMatch, version)) {
    return { status: '304 Not Modified', version };
  }
  const { text } = subsetStored(ctx, version, subsetOfRead(entry.url.query));
  return { status: '200 OK', version, text };
}

export function pathOf({ url }: RequestEntry): string {
  return [url.type, url.id, ...url.rest].filter((part) => part !== undefined).join('/');
}
