import { Problem } from '../fhir/problem.ts';
import { isResourceType, type ResourceType, resourceTypes } from '../fhir/resource-type.ts';
import type { ParameterList } from '../interaction/parse-query.ts';
import { compartmentTypes } from '../search/compartment.ts';
import { anyOf, type DateBound, type Filter, not } from '../search/filter.ts';
import { parseDateValue } from '../search/parse-date.ts';
import type { Inputs } from './inputs.ts';
import type { OperationCall } from './operation.ts';
import { input, type OperationParameter, output } from './operation-parameter.ts';

const defaultCount = 200;
const maxCount = 1000;

/** What of each person `$everything` is to answer, and from which place on. */
export type EverythingRequest = {
  readonly wants: (type: ResourceType) => boolean;
  /** Types of the compartment, beside the Patient. */
  readonly types: readonly ResourceType[];
  readonly filters: (type: ResourceType) => readonly Filter[];
  readonly count: number;
  readonly place: Place;
  /** For the links, without the place. */
  readonly parameters: ParameterList;
};

/**
 * Where a page begins: at which person (as whoever lists them says it; '' = the first), at which step of the person (0 =
 * the Patient, then the types in their order), and behind which cursor of the store.
 */
export type Place = {
  readonly subject: string;
  /** Who it is, where the page goes on within a person. */
  readonly patient?: string;
  readonly step: number;
  readonly after?: string;
};

export const start: Place = { subject: '', step: 0 };

export function writePlace({ subject, patient, step, after }: Place): string {
  return Buffer.from(JSON.stringify([subject, step, patient, after])).toString('base64url');
}

function readPlace(text: string): Place {
  const [subject, step, patient, after] = partsOf(text);
  if (
    typeof subject !== 'string' ||
    !Number.isInteger(step) ||
    Number(step) < 0 ||
    Number(step) > resourceTypes.length
  ) {
    throw unknownCursor();
  }
  return {
    subject,
    step: Number(step),
    ...(typeof patient === 'string' && { patient }),
    ...(typeof after === 'string' && { after }),
  };
}

/** The Problem of a place that no page of ours has named. */
export function unknownCursor(): Problem {
  return new Problem('invalid-parameter', '_cursor is none of $everything; follow its links', {
    expression: 'http._cursor',
  });
}

function partsOf(text: string): readonly unknown[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    return Array.isArray(parts) ? parts : [];
  } catch {
    return [];
  }
}

/** R4 patient-operation-everything.html; the place of a page is a parameter of ours. */
export const everythingParameters: readonly OperationParameter[] = [
  input('start', 'date', 'Care on or after this day; what has no date of care is answered too'),
  input('end', 'date', 'Care on or before this day'),
  input('_since', 'instant', 'Only what was written since then'),
  input('_type', 'code', 'Only resources of these types; several with commas between them too', {
    max: '*',
    accepts: ['Coding', 'CodeableConcept'],
  }),
  input(
    '_count',
    'integer',
    `How many resources a page has, beside what they refer to; ${defaultCount} when absent`,
  ),
  input('_cursor', 'string', 'Where the page begins: follow the links'),
  output('return', 'Bundle', 'A page of type searchset', { min: 1 }),
];

const besidePatient = compartmentTypes.filter((type) => type !== 'Patient');

export function toEverythingRequest({ inputs }: OperationCall): EverythingRequest {
  const asked = inputs.codes('_type');
  const typeOf = (name: string) => requireType(name, inputs.place('_type'));
  const only = asked.flatMap((text) => text.split(',').map(typeOf));
  const wants = (type: ResourceType) => asked.length === 0 || only.includes(type);
  const place = inputs.text('_cursor');
  return {
    wants,
    types: asked.length === 0 ? besidePatient : besidePatient.filter(wants),
    filters: filtersOf(inputs),
    count: countOf(inputs.count('_count'), inputs.place('_count')),
    place: place === undefined ? start : readPlace(place),
    parameters: inputs.list.filter(([name]) => name !== '_cursor'),
  };
}

function requireType(name: string, expression: string): ResourceType {
  if (isResourceType(name)) return name;
  const text = `_type=${name.slice(0, 80)} is not a resource type that this server keeps`;
  throw new Problem('invalid-parameter', text, { expression });
}

function countOf(asked: number | undefined = defaultCount, expression: string): number {
  if (asked === 0) throw new Problem('invalid-parameter', '_count=0 is not a number above 0', { expression });
  return Math.min(asked, maxCount);
}

/** The date of care of each type; a resource without one belongs to every time. */
const careDates: Partial<Record<ResourceType, string>> = {
  AllergyIntolerance: 'date',
  Condition: 'onset-date',
  DocumentReference: 'date',
  Encounter: 'date',
  Immunization: 'date',
  ImmunizationEvaluation: 'date',
  ImmunizationRecommendation: 'date',
  Observation: 'date',
  Procedure: 'date',
};

function filtersOf(inputs: Inputs): (type: ResourceType) => readonly Filter[] {
  const [from, to] = [spanOf(inputs, 'start'), spanOf(inputs, 'end')];
  const bounds: DateBound[] = [];
  if (from) bounds.push({ end: 'last', is: '>=', at: from.first });
  if (to) bounds.push({ end: 'first', is: '<=', at: to.last });
  const written = spanOf(inputs, '_since')?.first;
  return (type) => {
    const filters: Filter[] = [];
    if (written !== undefined) filters.push({ kind: 'lastUpdated', bounds: [{ is: '>=', at: written }] });
    const param = careDates[type];
    if (bounds.length > 0 && param !== undefined) {
      const dated: Filter = { kind: 'value', param, test: { kind: 'date', bounds } };
      filters.push(anyOf([dated, not({ kind: 'present', param, kinds: ['date'] })]));
    }
    return filters;
  };
}

function spanOf(inputs: Inputs, name: string) {
  const text = inputs.text(name);
  if (text === undefined) return undefined;
  const span = parseDateValue(text);
  if (span) return span;
  throw new Problem('invalid-parameter', `${name}=${text.slice(0, 80)} is not a FHIR date or time`, {
    expression: inputs.place(name),
  });
}
