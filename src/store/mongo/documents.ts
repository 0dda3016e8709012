import type { ResourceType } from '../../fhir/resource-type.ts';
import type { EpochMs } from '../../values/instant.ts';
import type { ResourceId } from '../../values/resource-id.ts';
import type { Change, ResourceKey, StoredResource, StoredVersion, WriteMethod } from '../contract/store.ts';
import { homeOf } from './home.ts';
import { toValueFields, type ValueFields } from './value-keys.ts';

/** `Type/id`. */
export type DocumentKey = string;

/** What a version is, apart from whose it is. `writer` names the write it came of, so that a lost answer can be settled. */
type VersionFields = {
  readonly version: number;
  readonly lastUpdated: number;
  readonly method: WriteMethod;
  /** Absent in a tombstone. */
  readonly text?: string;
  readonly writer: string;
};

/** The current version of a resource, whole: one document, so that it is replaced at one blow. */
export type ResourceDocument = VersionFields &
  ValueFields & {
    readonly _id: DocumentKey;
    readonly type: ResourceType;
    /** 1 unless deleted. */
    readonly live?: 1;
    /** Whose data it is, and so on which shard it lies. */
    readonly patient: string;
    /** The version this one replaced, until it stands in the history. */
    readonly previous?: VersionFields;
  };

/** A version that was replaced. */
export type HistoryDocument = VersionFields & {
  /** `Type/id/version`. */
  readonly _id: string;
  readonly key: DocumentKey;
  readonly type: ResourceType;
  readonly patient: string;
  /** When the next version was written. */
  readonly until: number;
};

export function documentKey({ type, id }: ResourceKey): DocumentKey {
  return `${type}/${id}`;
}

export function idOf(key: DocumentKey): ResourceId {
  return key.slice(key.indexOf('/') + 1) as ResourceId;
}

export function typeOf(key: DocumentKey): ResourceType {
  return key.slice(0, key.indexOf('/')) as ResourceType;
}

/** The document of a change; a tombstone stays where the resource lay. */
export function toDocument(change: Change, writer: string, former?: ResourceDocument): ResourceDocument {
  const { type, versionId, lastUpdated, method, text } = change;
  const isTombstone = text === undefined;
  return {
    _id: documentKey(change),
    type,
    version: versionId,
    lastUpdated,
    method,
    ...(!isTombstone && { live: 1, text }),
    patient: isTombstone && former ? former.patient : homeOf(change),
    writer,
    ...toValueFields(change.index),
  };
}

export function versionFields(document: VersionFields): VersionFields {
  const { version, lastUpdated, method, text, writer } = document;
  return { version, lastUpdated, method, writer, ...(text !== undefined && { text }) };
}

/** The history entry of the version that `document` replaced, where it still carries it. */
export function toHistory(document: ResourceDocument): HistoryDocument | undefined {
  const { _id: key, type, patient, previous, lastUpdated: until } = document;
  if (!previous) return undefined;
  return { ...versionFields(previous), _id: `${key}/${previous.version}`, key, type, patient, until };
}

export function toStoredVersion(key: DocumentKey, fields: VersionFields): StoredVersion {
  const { version, lastUpdated, method, text } = fields;
  return {
    type: typeOf(key),
    id: idOf(key),
    versionId: version,
    lastUpdated: lastUpdated as EpochMs,
    method,
    ...(text !== undefined && { text }),
  };
}

export function toStoredResource(document: ResourceDocument): StoredResource {
  const { text = '' } = document;
  return { ...toStoredVersion(document._id, document), text };
}
