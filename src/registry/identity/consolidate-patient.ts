import type { JsonObject, JsonValue } from '../../fhir/fhir-json.ts';
import { listAt, objectAt, objectsAt, textAt } from '../../fhir/json-members.ts';
import type { Resource } from '../../fhir/resource.ts';
import { asPerson, type Join, joinExtension, reportedUrl } from './record-links.ts';
import {
  type SourceRecord,
  type Surviving,
  type SurvivingMember,
  survivingMembers,
} from './surviving-values.ts';
import { type SurvivorshipRule, survivorship } from './survivorship.ts';

/** Which source an element of a person came from. */
export const elementSourceUrl = 'https://jenner-iis.org/fhir/StructureDefinition/element-source';

/**
 * The person of these sources, by the rules of survivorship: each element with the source that it came from. The same sources
 * make the same person, in whatever order they stand; its links keep that order. `replacedIds`: the persons
 * whom it has replaced; `joins`: which of the sources were found to be of one person.
 */
export function consolidatePatient(
  id: string,
  sources: readonly SourceRecord[],
  { replacedIds, joins }: { readonly replacedIds: readonly string[]; readonly joins: readonly Join[] },
  rules: readonly SurvivorshipRule[] = survivorship,
): Resource {
  const newestFirst = [...sources].sort(byReport);
  const members = membersOf(newestFirst, rules);
  const lists = listNames(newestFirst);
  const patient: Record<string, JsonValue> & { resourceType: string } = { resourceType: 'Patient', id };
  for (const { name, values } of members) patient[name] = memberOf(values, lists.has(name));
  const extension = [
    ...listAt(patient, 'extension'),
    ...originsOf(members, lists),
    ...joins.map(joinExtension),
  ];
  const sourceIds = sources.map((source) => source.id);
  const { extension: _, ...rest } = patient;
  const said = extension.length === 0 ? rest : { ...rest, extension };
  return withReports(asPerson(said as Resource, sourceIds, replacedIds), newestFirst);
}

function memberOf(values: readonly Surviving[], isList: boolean): JsonValue {
  const all = values.map(({ value }) => value);
  return isList ? all : (all[0] ?? null);
}

function originsOf(members: readonly SurvivingMember[], lists: ReadonlySet<string>): readonly JsonObject[] {
  const origins: JsonObject[] = [];
  for (const { name, values } of members) {
    if (name === 'extension') continue;
    for (const [place, { source }] of values.entries()) {
      origins.push(originOf(lists.has(name) ? `${name}[${place}]` : name, source));
    }
  }
  return origins;
}

function listNames(sources: readonly SourceRecord[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { resource } of sources) {
    for (const name in resource) if (Array.isArray(resource[name])) names.add(name);
  }
  return names;
}

/** Newest first; of equals the more trusted, then by id, so that the order is the same each time. */
function byReport(a: SourceRecord, b: SourceRecord): number {
  if (a.reported !== b.reported) return a.reported < b.reported ? 1 : -1;
  if (a.trust !== b.trust) return b.trust - a.trust;
  return a.id < b.id ? -1 : 1;
}

/** What every resource has for itself, and what is said of the record alone. */
const notOfPerson: ReadonlySet<string> = new Set([
  'resourceType',
  'id',
  'meta',
  'implicitRules',
  'language',
  'text',
  'contained',
  'link',
  'photo',
]);

function membersOf(
  sources: readonly SourceRecord[],
  rules: readonly SurvivorshipRule[],
): readonly SurvivingMember[] {
  const members: SurvivingMember[] = [];
  for (const rule of rules) members.push(...survivingMembers(rule, sources));
  for (const name of otherNames(sources, rules)) {
    members.push(...survivingMembers({ element: name, rule: 'newest' }, sources));
  }
  return members;
}

function otherNames(
  sources: readonly SourceRecord[],
  rules: readonly SurvivorshipRule[],
): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { resource } of sources) {
    for (const name of Object.keys(resource)) {
      if (notOfPerson.has(name) || name.startsWith('_')) continue;
      if (!rules.some(({ element }) => name === element || isChoiceOf(name, element))) names.add(name);
    }
  }
  return names;
}

function isChoiceOf(name: string, element: string): boolean {
  return name.startsWith(element) && /^[A-Z]/.test(name.slice(element.length));
}

function originOf(element: string, source: string): JsonObject {
  return {
    url: elementSourceUrl,
    extension: [
      { url: 'element', valueString: element },
      { url: 'source', valueReference: { reference: `Patient/${source}` } },
    ],
  };
}

/** When each source was reported is told at its link, since joining it to the person gives it a later version. */
function withReports(person: Resource, sources: readonly SourceRecord[]): Resource {
  const reports = new Map(sources.map(({ id, reported }) => [`Patient/${id}`, reported]));
  const link = objectsAt(person, 'link').map((one) => {
    const reported = reports.get(textAt(objectAt(one, 'other'), 'reference') ?? '');
    if (reported === undefined) return one;
    return { extension: [{ url: reportedUrl, valueInstant: reported }], ...one };
  });
  return { ...person, link } as Resource;
}
