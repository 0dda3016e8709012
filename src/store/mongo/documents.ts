import type { ResourceType } from '../../fhir/resource-type.ts';
import type { EpochMs } from '../../values/instant.ts';
import type { ResourceId } from '../../values/resource-id.ts';
import type { Change, ResourceKey, StoredResource, StoredVersion, WriteMethod } from '../contract/store.ts';
import { homeOf } from './home.ts';
import { type Open, openBy } from './open.ts';
import { type Concerned, type Person, personOf } from './person.ts';
import { toValueFields, type ValueFields } from './value-keys.ts';

/** `Type/id`. */
export type DocumentKey = string;

/** What a version is. `writer` names the write it came of, so that a lost answer can be settled. */
type VersionFields = Concerned & {
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
    /** What it says about where those belong whom it concerns. */
    readonly marks?: readonly string[];
    /** Of a source: the person to whom it says that it belongs. */
    readonly belongs?: Person;
    /** The marks that all bear whom it concerns. */
    readonly bears?: readonly string[];
    /** Which drawing of its `bears` this is: the later one has the higher number. */
    readonly drawn?: number;
    /** Until the marks are drawn that this write may have changed. */
    readonly open?: Open;
    /** The version this one replaced, until it stands in the history. Where an earlier release wrote it, `patient` is that of its successor. */
    readonly previous?: VersionFields & { readonly patient?: string };
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

/** The document of a change that follows `former`. */
export function toDocument(change: Change, writer: string, former?: ResourceDocument): ResourceDocument {
  const { type, versionId, lastUpdated, method, text } = change;
  const place = placeOf(change, former);
  const marks = text === undefined ? [] : change.marks;
  const giving = { ...place, live: text !== undefined, marks, ...belongingOf(change) };
  const open = openBy(writer, giving, former);
  return {
    _id: documentKey(change),
    type,
    version: versionId,
    lastUpdated,
    method,
    ...(text !== undefined && { live: 1, text }),
    ...place,
    ...(marks.length > 0 && { marks }),
    ...belongingOf(change),
    ...(text !== undefined && bearsOf(place, former)),
    ...(open && { open }),
    writer,
    ...toValueFields(change.index),
  };
}

export function belongingOf({ person }: Pick<Change, 'person'>): Pick<ResourceDocument, 'belongs'> {
  return person === undefined ? {} : { belongs: personOf(person) };
}

type Place = Concerned & { readonly patient: string };

/** A tombstone stays where the resource lay, and concerns whom it concerned. */
function placeOf(change: Change, former: ResourceDocument | undefined): Place {
  if (change.text === undefined && former) {
    const { patient, patients } = former;
    return { patient, ...(patients && { patients }) };
  }
  return { patient: homeOf(change), patients: change.patients.map(personOf) };
}

/** Until they are drawn anew, those of the version before: else it would be found by nobody for a moment. */
function bearsOf(
  place: Place,
  former: ResourceDocument | undefined,
): Pick<ResourceDocument, 'bears' | 'drawn'> {
  if (!former || !isSamePlace(place, former)) return {};
  const { bears, drawn } = former;
  return { ...(bears && { bears }), ...(drawn !== undefined && { drawn }) };
}

export function isSamePlace(a: Place, b: Place): boolean {
  return a.patient === b.patient && isSameList(a.patients, b.patients);
}

function isSameList(a: readonly Person[] | undefined, b: readonly Person[] | undefined): boolean {
  return a?.length === b?.length && (a ?? []).every((person, i) => person === b?.[i]);
}

/** What stays of a version in the document of its successor. */
export function previousOf(document: ResourceDocument): NonNullable<ResourceDocument['previous']> {
  return { ...versionFields(document), patient: document.patient };
}

function versionFields(fields: VersionFields): VersionFields {
  const { version, lastUpdated, method, text, writer, patients } = fields;
  return {
    version,
    lastUpdated,
    method,
    writer,
    ...(text !== undefined && { text }),
    ...(patients && { patients }),
  };
}

/** The history entry of the version that `document` replaced, where it still carries it. */
export function toHistory(document: ResourceDocument): HistoryDocument | undefined {
  const { _id: key, type, previous, lastUpdated: until } = document;
  if (!previous) return undefined;
  const { patient = document.patient } = previous;
  return { ...versionFields(previous), _id: `${key}/${previous.version}`, key, type, patient, until };
}

type Served = Omit<VersionFields, 'writer' | 'patients'>;

export function toStoredVersion(key: DocumentKey, fields: Served): StoredVersion {
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
