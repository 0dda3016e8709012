import type { ResourceType } from '../fhir/resource-type.ts';
import type { IndexValue, IndexValues } from './index-values.ts';

/**
 * How a person comes to belong somewhere: `care` = managing organization or general practitioner, `dose` = an
 * organization reported a dose that was given, `roster` = who manages a Group that has the person as a member, `town` = where the person
 * lives. `objects` is no belonging: the person objects to the sharing of data.
 */
export type MarkKind = 'care' | 'dose' | 'roster' | 'town' | 'objects';

/** `target` is `Type/id`, of a town its folded name (`foldText`). */
export function markOf(kind: MarkKind, target: string): string {
  return `${kind}|${target}`;
}

/** The code of a Consent by which a person objects to the sharing of data. */
export const dataSharingObjection = {
  system: 'https://jenner-iis.org/fhir/CodeSystem/consent-category',
  code: 'data-sharing-objection',
} as const;

/** The second category of an objection that a clinic reported as PD1-12 of HL7 v2: it ends what it so reported. */
export const protectionIndicator = {
  system: dataSharingObjection.system,
  code: 'protection-indicator',
} as const;

/** What a person bears for whom such a Consent is active. */
export const objectionMark = markOf('objects', 'data-sharing');

/**
 * What is about several persons bears the marks that all of them bear; an objection it bears already where one of them
 * does, since nobody objects for another.
 */
export function isBorneByOne(mark: string): boolean {
  return mark.startsWith('objects|');
}

/** Whether what is about these persons bears the mark. */
export function bearsMark<Person>(
  mark: string,
  persons: readonly Person[],
  has: (person: Person) => boolean,
): boolean {
  return isBorneByOne(mark) ? persons.some(has) : persons.length > 0 && persons.every(has);
}

type Source = (index: IndexValues) => readonly string[];

const each =
  (kind: MarkKind, param: string, target: (value: IndexValue) => string): Source =>
  (index) =>
    (index[param] ?? []).flatMap((value) => {
      const named = target(value);
      return named === '' ? [] : [markOf(kind, named)];
    });

const referred = (value: IndexValue) => (value.kind === 'reference' ? `${value.type}/${value.id}` : '');
const organization = (value: IndexValue) =>
  value.kind === 'reference' && value.type === 'Organization' ? `Organization/${value.id}` : '';
const folded = (value: IndexValue) => (value.kind === 'string' ? value.folded : '');

const objection: Source = (index) => {
  const { system, code } = dataSharingObjection;
  const isActive = index['status']?.some((value) => value.kind === 'token' && value.code === 'active');
  const objects = index['category']?.some(
    (value) => value.kind === 'token' && value.system === system && value.code === code,
  );
  return isActive && objects ? [objectionMark] : [];
};

/** A dose that was not given, or reported in error, brings nobody to a person. */
const dose: Source = (index) => {
  const isGiven = index['status']?.some((value) => value.kind === 'token' && value.code === 'completed');
  return isGiven ? each('dose', 'performer', organization)(index) : [];
};

const sources: Partial<Record<ResourceType, readonly Source[]>> = {
  Patient: [
    each('care', 'organization', referred),
    each('care', 'general-practitioner', referred),
    each('town', 'address-city', folded),
  ],
  Consent: [objection],
  Immunization: [dose],
  Group: [each('roster', 'managing-entity', organization)],
};

/** The types of which some resources say where Patients belong, or that they object. */
export const markingTypes = Object.keys(sources) as readonly ResourceType[];

/** What a resource says about where the Patients belong whom it concerns; each mark once. */
export function marksOf(type: ResourceType, index: IndexValues): readonly string[] {
  return [...new Set((sources[type] ?? []).flatMap((source) => source(index)))];
}
