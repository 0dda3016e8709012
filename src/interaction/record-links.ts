import type { Caller } from '../access/caller.ts';
import type { JsonObject, JsonValue } from '../fhir/fhir-json.ts';
import type { Resource } from '../fhir/resource.ts';
import { recordCodes, recordSystem } from '../search/person-link.ts';
import type { StoredVersion } from '../store/contract/store.ts';

/** What the server keeps of a Patient, whatever is sent: which record of a person it is, and its links to the others. */
export type KeptRecord = {
  readonly tags: readonly JsonValue[];
  readonly links: readonly JsonValue[];
  /** The members of meta as the version before has them: in another order the same would be another text. */
  readonly metaNames: readonly string[];
  /** Whether a link that is sent has no say, since the server keeps its own of the kind. */
  readonly isKept: (link: JsonValue) => boolean;
};

/**
 * Of the next version of a Patient; undefined where what is sent stands. Who says which records are one person's has a say in
 * all that a person may be seen by, so no client can: what the version before said stays, and what is sent in its place
 * does not count. An operator's own writes may say it, and the registry's rules may also take it back.
 */
export function keptRecord(
  sent: Resource,
  caller: Caller,
  current: StoredVersion | undefined,
): KeptRecord | undefined {
  if (sent.resourceType !== 'Patient') return undefined;
  const isSaid = recordCodes(sent).length > 0;
  if (caller.kind === 'system' && (caller.managesRecords || isSaid)) return undefined;
  const before = recordIn(current?.text);
  if (!before) return isSaid ? { tags: [], links: [], metaNames: [], isKept: () => false } : undefined;
  const tags = listOf(before.meta?.['tag']).filter(isRecordTag);
  const isKept = recordCodes(before).every((code) => code === 'source') ? isReferring : isOfPatients;
  const metaNames = Object.keys(before.meta ?? {});
  return { tags, links: listOf(before['link']).filter(isKept), metaNames, isKept };
}

/** The tags of the next version: those that are sent, and that of its record. */
export function withRecordTags(
  tag: JsonValue | undefined,
  { tags }: KeptRecord,
): readonly JsonValue[] | undefined {
  const all = [...listOf(tag).filter((one) => !isRecordTag(one)), ...tags];
  return all.length === 0 ? undefined : all;
}

/** The links of the next version: those of the server, and what is sent of others. */
export function withRecordLinks(
  link: JsonValue | undefined,
  { links, isKept }: KeptRecord,
): readonly JsonValue[] | undefined {
  const all = [...links, ...listOf(link).filter((one) => !isKept(one))];
  return all.length === 0 ? undefined : all;
}

/** Most Patients are no record of another: their text is not parsed. */
function recordIn(text: string | undefined): Resource | undefined {
  if (!text?.includes(recordSystem)) return undefined;
  const resource = JSON.parse(text) as Resource;
  return recordCodes(resource).length > 0 ? resource : undefined;
}

function isOfPatients(link: JsonValue): boolean {
  const reference = fieldOf(fieldOf(link, 'other'), 'reference');
  return typeof reference === 'string' && /(?:^|\/)Patient\//.test(reference);
}

/** By which a source belongs to a person; other links of a source are its reporter's. */
function isReferring(link: JsonValue): boolean {
  return fieldOf(link, 'type') === 'refer' && isOfPatients(link);
}

function isRecordTag(tag: JsonValue): boolean {
  return fieldOf(tag, 'system') === recordSystem;
}

function fieldOf(value: JsonValue | undefined, name: string): JsonValue | undefined {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? (value as JsonObject)[name] : undefined;
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? value : [];
}
