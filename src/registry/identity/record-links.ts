import type { JsonObject, JsonValue } from '../../fhir/fhir-json.ts';
import { isObject, listAt, objectAt, objectsAt, textAt } from '../../fhir/json-members.ts';
import type { Resource } from '../../fhir/resource.ts';
import { personOf, type RecordCode, recordCodes, recordSystem } from '../../search/person-link.ts';
import type { ResourceId } from '../../values/resource-id.ts';
import { parseTrust, trustSystem, usualTrust } from '../../values/trust.ts';

/** What a Patient is among the records of one person; alone it is its own person. */
export type RecordKind = RecordCode | 'alone';

export function kindOf(patient: Resource): RecordKind {
  return recordKinds.find((kind) => recordCodes(patient).includes(kind)) ?? 'alone';
}

const recordKinds = ['source', 'person', 'replaced'] as const satisfies readonly RecordCode[];

/** The person to whom a source belongs, or by whom a person was replaced. */
export function personIdOf(patient: Resource): string | undefined {
  return personOf('Patient', patient.id as ResourceId, patient);
}

/** The sources that a person was computed from, as they joined it; of a replaced person, those that it had then. */
export function sourceIdsOf(person: Resource): readonly string[] {
  return linked(person, 'seealso');
}

/** The persons whom this one has replaced. */
export function replacedIdsOf(person: Resource): readonly string[] {
  return linked(person, 'replaces');
}

/** The record as its reporter wrote it, as one of the person's. */
export function asSource(patient: Resource, personId: string): Resource {
  return withLinks(tagged(patient, 'source'), [linkTo(personId, 'refer'), ...ownLinks(patient)]);
}

/** The record as its reporter wrote it, as its own person. */
export function asAlone(patient: Resource): Resource {
  return withLinks(tagged(patient, undefined), ownLinks(patient));
}

/** How far the reporter of a record is trusted. */
export function trustOf(patient: Resource): number {
  const tag = objectsAt(patient.meta, 'tag').find(({ system }) => system === trustSystem);
  return parseTrust(textAt(tag, 'code') ?? '') ?? usualTrust;
}

/** When the source that a link leads to was last reported. */
export const reportedUrl = 'https://jenner-iis.org/fhir/StructureDefinition/reported';

/** That two records were found to be of one person; all that is one person hangs together by such pairs. */
export type Join = { readonly record: string; readonly with: string /** Instant. */; readonly at: string };

const joinUrl = 'https://jenner-iis.org/fhir/StructureDefinition/joined';

/** A person whose records are another's: it is read on, inactive, and tells which sources it had (R4 patient.html). */
export function asReplaced(person: Resource, survivorId: string, join: Join | undefined): Resource {
  const had = objectsAt(person, 'link').filter(({ type }) => type === 'seealso' || type === 'replaces');
  const survivor = linkTo(survivorId, 'replaced-by');
  const first = join ? { extension: [joinExtension(join)], ...survivor } : survivor;
  return withLinks(tagged({ ...person, active: false }, 'replaced'), [first, ...had]);
}

/** By which pair of records a person was found to be another. */
export function replacingJoin(replaced: Resource): Join | undefined {
  const link = objectsAt(replaced, 'link').find(({ type }) => type === 'replaced-by');
  return joinsIn(link)[0];
}

/** Which records of a person were found to be of one, in the order in which that was found. */
export function joinsOf(person: Resource): readonly Join[] {
  return joinsIn(person);
}

function joinsIn(object: JsonObject | undefined): readonly Join[] {
  const joins: Join[] = [];
  for (const { url, ...extension } of objectsAt(object, 'extension')) {
    if (url !== joinUrl) continue;
    const parts = objectsAt(extension, 'extension');
    const [record, other] = parts.map((part) => idIn(objectAt(part, 'valueReference')));
    if (record === undefined || other === undefined) continue;
    joins.push({ record, with: other, at: textAt(parts[2], 'valueInstant') ?? '' });
  }
  return joins;
}

export function joinExtension({ record, with: other, at }: Join): JsonObject {
  const part = (name: string, id: string) => ({ url: name, valueReference: { reference: `Patient/${id}` } });
  return {
    url: joinUrl,
    extension: [part('record', record), part('with', other), { url: 'at', valueInstant: at }],
  };
}

/** When the person says that the source was last reported. */
export function reportedIn(person: Resource, sourceId: string): string | undefined {
  const link = objectsAt(person, 'link').find(
    (one) => one['type'] === 'seealso' && idIn(objectAt(one, 'other')) === sourceId,
  );
  const extension = objectsAt(link, 'extension').find(({ url }) => url === reportedUrl);
  return textAt(extension, 'valueInstant');
}

/** A person with all that it was computed from and has replaced. */
export function asPerson(
  patient: Resource,
  sourceIds: readonly string[],
  replacedIds: readonly string[],
): Resource {
  const sources = sourceIds.map((id) => linkTo(id, 'seealso'));
  const replaced = replacedIds.map((id) => linkTo(id, 'replaces'));
  return withLinks(tagged(patient, 'person'), [...sources, ...replaced]);
}

type LinkType = 'refer' | 'seealso' | 'replaced-by' | 'replaces';

function linkTo(id: string, type: LinkType): JsonObject {
  return { other: { reference: `Patient/${id}` }, type };
}

function linked(patient: Resource, type: LinkType): readonly string[] {
  const ids: string[] = [];
  for (const link of objectsAt(patient, 'link')) {
    const id = link['type'] === type ? idIn(objectAt(link, 'other')) : undefined;
    if (id !== undefined) ids.push(id);
  }
  return ids;
}

function idIn(reference: JsonObject | undefined): string | undefined {
  return /^Patient\/([^/]+)$/.exec(textAt(reference, 'reference') ?? '')?.[1];
}

/** The links that the reporter gave: all but the one by which the record belongs to a person. */
function ownLinks(patient: Resource): readonly JsonValue[] {
  const links = listAt(patient, 'link');
  if (kindOf(patient) !== 'source') return links;
  const isOurs = (link: JsonValue) => isObject(link) && link['type'] === 'refer';
  const ours = links.findIndex(isOurs);
  return links.filter((_, place) => place !== ours);
}

function withLinks({ link: _, ...bare }: Resource, links: readonly JsonValue[]): Resource {
  return (links.length === 0 ? bare : { ...bare, link: links }) as Resource;
}

function tagged(patient: Resource, code: RecordCode | undefined): Resource {
  const others = listAt(patient.meta, 'tag').filter(
    (tag) => !isObject(tag) || tag['system'] !== recordSystem,
  );
  const tag = code === undefined ? others : [...others, { system: recordSystem, code }];
  const { tag: _, ...meta } = patient.meta ?? {};
  return { ...patient, meta: tag.length === 0 ? meta : { ...meta, tag } } as Resource;
}
