import type { ResourceType } from '../fhir/resource-type.ts';
import type { EpochDay } from '../values/epoch-day.ts';
import type { IndexValue, IndexValues } from './index-values.ts';
import { stretchesOf, stretchesWith } from './objection-days.ts';

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

/** What a person bears for whom such a Consent is active and has no period. */
export const objectionMark = markOf('objects', 'data-sharing');

/**
 * By which marks somebody objects on the day. A Consent with a period marks the stretches of the calendar that fill it, and
 * who asks does so by those in which the day lies: so nobody has to draw marks anew when a period begins or ends.
 */
export function objectionMarksOn(day: EpochDay): readonly string[] {
  return [objectionMark, ...stretchesWith(day).map((stretch) => markOf('objects', stretch))];
}

/** Whether what bears the marks `after` objects on all days on which what bears `before` does. */
export function objectsAsLong(after: readonly string[], before: readonly string[]): boolean {
  // A stretch of the calendar begins as all do that lie in it.
  const covers = (mark: string) => (other: string) =>
    other === objectionMark || (isBorneByOne(other) && mark.startsWith(other));
  return before.filter(isBorneByOne).every((mark) => after.some(covers(mark)));
}

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

type Source = (index: IndexValues, resource: object) => readonly string[];

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

const objection: Source = (index, consent) => {
  const { system, code } = dataSharingObjection;
  const isActive = index['status']?.some((value) => value.kind === 'token' && value.code === 'active');
  const objects = index['category']?.some(
    (value) => value.kind === 'token' && value.system === system && value.code === code,
  );
  if (!isActive || !objects) return [];
  return stretchesOf(consent)?.map((stretch) => markOf('objects', stretch)) ?? [objectionMark];
};

/** A dose that was not given, or reported in error, brings nobody to a person. */
const dose: Source = (index, resource) => {
  const isGiven = index['status']?.some((value) => value.kind === 'token' && value.code === 'completed');
  return isGiven ? each('dose', 'performer', organization)(index, resource) : [];
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
export function marksOf(type: ResourceType, index: IndexValues, resource: object): readonly string[] {
  return [...new Set((sources[type] ?? []).flatMap((source) => source(index, resource)))];
}
