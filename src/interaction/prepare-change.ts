import type { Caller } from '../access/caller.ts';
import type { JsonObject, JsonValue } from '../fhir/fhir-json.ts';
import { Problem } from '../fhir/problem.ts';
import type { Meta, ParsedResource, Resource } from '../fhir/resource.ts';
import { isResourceType, type ResourceType } from '../fhir/resource-type.ts';
import { writeJson, writeJsonWithPauses } from '../fhir/write-json.ts';
import { copyWritten } from '../fhir/written-numbers.ts';
import { type Drawn, drawValues, drawWithPauses } from '../search/draw-values.ts';
import { mostCombinations } from '../search/index-resource.ts';
import type { IndexValues } from '../search/index-values.ts';
import type { Change, ResourceKey, StoredVersion, WriteMethod } from '../store/contract/store.ts';
import { type EpochMs, formatInstant } from '../values/instant.ts';
import type { ResourceId } from '../values/resource-id.ts';
import { withAuditOrigin } from './audit/append-only.ts';
import type { InteractionContext } from './context.ts';
import { withOwner } from './owner-tag.ts';
import { type KeptRecord, keptRecord, withRecordLinks, withRecordTags } from './record-links.ts';
import { requireLargeReadable, requireReadable } from './require-readable.ts';
import { requireLargeValid, requireValid } from './require-valid.ts';
import { withTrust } from './trust-tag.ts';

export type Target = {
  readonly type: ResourceType;
  readonly id: ResourceId;
  readonly method: WriteMethod;
  /** What is there now: a version, a tombstone, or nothing. */
  readonly current: StoredVersion | undefined;
};

/** What a change is prepared by: nothing of the store. */
export type PrepareContext = Pick<InteractionContext, 'validation' | 'caller' | 'clock' | 'indexResource'>;

/** The next version of a valid resource, ready for the store: id and meta set, text written, index values drawn. */
export function prepareChange(ctx: PrepareContext, parsed: ParsedResource, target: Target): Change {
  requireValid(ctx, parsed.resource);
  const next = openNext(ctx, parsed, target);
  const drawn = drawValues(ctx.indexResource, target, next.resource);
  const text = writeJson(next.resource, parsed.exactNumbers);
  requireReadable(text);
  return toChange(target, next, drawn, text);
}

/** The same of a large resource, so that others are answered meanwhile. */
export async function prepareLargeChange(
  ctx: InteractionContext,
  parsed: ParsedResource,
  target: Target,
): Promise<Change> {
  await requireLargeValid(ctx, parsed);
  const next = openNext(ctx, parsed, target);
  const drawn = await drawWithPauses(ctx.indexResource, target, next.resource, ctx.pace);
  const text = await writeJsonWithPauses(next.resource, parsed.exactNumbers, ctx.pace);
  requireWritable(text, target.type);
  await requireLargeReadable(text, ctx.pace);
  return toChange(target, next, drawn, text);
}

type Next = Pick<Change, 'versionId' | 'expectedVersion' | 'lastUpdated'> & { readonly resource: Resource };

function openNext(ctx: PrepareContext, { resource }: ParsedResource, { id, current }: Target): Next {
  const { caller } = ctx;
  const expectedVersion = current?.versionId ?? 0;
  const versionId = expectedVersion + 1;
  const lastUpdated = ctx.clock.now();
  const next = stamped({ resource, caller, current }, { id, versionId, lastUpdated });
  return { versionId, expectedVersion, lastUpdated, resource: next };
}

function toChange({ type, id, method }: Target, next: Next, drawn: Drawn, text: string): Change {
  const { versionId, expectedVersion, lastUpdated } = next;
  requireFewCombinations(drawn.index, type);
  return { type, id, method, versionId, expectedVersion, lastUpdated, text, ...drawn };
}

/** As much as one request may bring: what patches make grow past it could be sent, searched and answered by nobody. */
const longestText = 32 * 1024 * 1024;

function requireWritable(text: string, type: ResourceType): void {
  if (text.length <= longestText) return;
  const told = `The ${type} would have ${text.length} characters; a resource may have ${longestText}`;
  throw new Problem('too-large', told, { expression: type });
}

/** Throws 413 where what is searched together multiplies. */
function requireFewCombinations(index: IndexValues, type: ResourceType): void {
  for (const code in index) {
    const values = index[code] ?? [];
    if (values.length <= mostCombinations || values[0]?.kind !== 'composite') continue;
    const text = `The ${type} has more than ${mostCombinations} combinations of values for the search parameter ${code}`;
    throw new Problem('too-large', text, { expression: type });
  }
}

/** Would the write leave everything but version and time as it is? */
export function isUnchanged(
  { caller }: InteractionContext,
  { resource, exactNumbers }: ParsedResource,
  current: StoredVersion,
): boolean {
  const same = stamped({ resource, caller, current }, current);
  return current.text !== undefined && writeJson(same, exactNumbers) === current.text;
}

/** The same of a large resource. */
export async function isLargeUnchanged(
  { caller, pace }: InteractionContext,
  { resource, exactNumbers }: ParsedResource,
  current: StoredVersion,
): Promise<boolean> {
  if (current.text === undefined) return false;
  await pace();
  const same = stamped({ resource, caller, current }, current);
  await pace();
  return (await writeJsonWithPauses(same, exactNumbers, pace)) === current.text;
}

type Stamp = {
  readonly id: ResourceId;
  readonly versionId: number;
  readonly lastUpdated: EpochMs;
};

type Sent = {
  readonly resource: Resource;
  readonly caller: Caller;
  readonly current: StoredVersion | undefined;
};

/**
 * R4 http.html#update: the server sets id, versionId and lastUpdated, whatever the client sent; whose it is; and which record
 * of a person.
 */
function stamped({ resource, caller, current }: Sent, { id, versionId, lastUpdated }: Stamp): Resource {
  const { resourceType } = resource;
  const stamp = { versionId: String(versionId), lastUpdated: formatInstant(lastUpdated) };
  const record = keptRecord(resource, caller, current);
  const owned = withOwner({ ...clientMeta(resource.meta), ...stamp }, caller, current);
  const meta = withRecord(withTrust(resourceType, owned, caller), record);
  const kept = withAuditOrigin(resourceType, meta, caller);
  const sent: JsonObject = resource;
  // Filled name by name, or begun with a spread, a large object is slow to read for good.
  const copy: Record<string, JsonValue | undefined> = { resourceType, id, meta: kept, ...sent };
  copy['id'] = id;
  copy['meta'] = kept;
  if (record) setOrDrop(copy, 'link', withRecordLinks(resource['link'], record));
  copyWritten(resource, copy, (name) => !(name in stampedMembers));
  return copy as Resource;
}

/** Behind all others, where a join has put it: what is sent again as it was is unchanged then. */
function withRecord(meta: Meta, record: KeptRecord | undefined): Meta {
  if (!record) return meta;
  const { tag, ...others } = meta;
  const tags = withRecordTags(tag, record);
  const next: Meta = tags ? { ...others, tag: tags } : others;
  const placeOf = (name: string) => record.metaNames.indexOf(name) + 1 || record.metaNames.length + 1;
  return Object.fromEntries(Object.entries(next).sort(([a], [b]) => placeOf(a) - placeOf(b)));
}

function setOrDrop(
  copy: Record<string, JsonValue | undefined>,
  name: string,
  values: readonly JsonValue[] | undefined,
): void {
  if (values) copy[name] = values as JsonValue;
  else delete copy[name];
}

const stampedMembers = { resourceType: true, id: true, meta: true };

function clientMeta(meta: Meta | undefined): Meta | undefined {
  return typeof meta === 'object' && !Array.isArray(meta) ? meta : undefined;
}

/** The type of a resource that is to be kept; it must be the one the URL names, where the URL names one. */
export function requireKeptType(resource: Resource, asked?: ResourceType): ResourceType {
  const type = resource.resourceType;
  if (asked !== undefined && type !== asked) {
    throw new Problem('invalid-content', `The body is a ${type}, but the URL asks for ${asked}`, {
      expression: 'resourceType',
    });
  }
  if (!isResourceType(type)) {
    throw new Problem('unknown-type', `This server does not keep resources of type "${type}"`);
  }
  return type;
}

/** The tombstone that follows the current version. */
export function prepareDelete(ctx: InteractionContext, key: ResourceKey, current: StoredVersion): Change {
  return {
    type: key.type,
    id: key.id,
    method: 'DELETE',
    versionId: current.versionId + 1,
    expectedVersion: current.versionId,
    lastUpdated: ctx.clock.now(),
    index: {},
    patients: [],
    marks: [],
  };
}
