import type { Bundle, Patient } from 'fhir/r4.js';
import type { Resource } from '../../fhir/resource.ts';
import type { InteractionContext } from '../../interaction/context.ts';
import { readStoredJson } from '../../interaction/parse-stored.ts';
import { searchResources } from '../../interaction/search-resources.ts';
import { callOperation } from '../../operation/call-operation.ts';
import type { Operation } from '../../operation/operation.ts';
import { findOwnPatients, ownerOf, recordNumbers } from '../mapping/own-records.ts';

/** Who may be the person that is asked for. */
export type Found =
  | { readonly kind: 'one'; readonly patient: Patient }
  | { readonly kind: 'several'; readonly patients: readonly Patient[] }
  | { readonly kind: 'none' };

/**
 * By a number, where the person with it does not contradict what else is said; else as `Patient/$match` decides, asked as the
 * caller: who it may not look up is not found, and too little said is its Problem.
 */
export async function findPerson(
  ctx: InteractionContext,
  operations: readonly Operation[],
  asked: Patient,
): Promise<Found> {
  const numbered = await findNumbered(ctx, asked);
  const [only, ...others] = numbered;
  if (only && others.length === 0) return { kind: 'one', patient: only };
  const graded = await match(ctx, operations, asked);
  const certain = graded.filter(({ grade }) => grade === 'certain');
  const [sure, ...more] = certain;
  if (sure && more.length === 0) return { kind: 'one', patient: sure.patient };
  // Of several who are certain it is not known which.
  const patients = graded.map(({ patient }) => patient);
  return patients.length === 0 ? { kind: 'none' } : { kind: 'several', patients };
}

/** Those with one of the numbers whom nothing else that is said contradicts. */
async function findNumbered(ctx: InteractionContext, asked: Patient): Promise<readonly Patient[]> {
  const persons = await findByNumber(ctx, asked);
  const meant = persons.filter((one) => agrees(one, asked));
  if (meant.length > 0) return meant;
  const own = (await findOwn(ctx, asked)).filter((one) => agrees(one, asked));
  // Of one who is known by several records another one's birth date or name may count.
  const theirs = persons.filter((person) => own.some((record) => isOf(person, record)));
  return theirs.length > 0 ? theirs : own;
}

const isOf = (person: Patient, record: Patient): boolean =>
  person.id === record.id ||
  person.link?.some(({ other }) => other.reference === `Patient/${record.id}`) === true;

async function findByNumber(
  ctx: InteractionContext,
  { identifier = [] }: Patient,
): Promise<readonly Patient[]> {
  const found = new Map<string, Patient>();
  for (const { system, value } of recordNumbers(identifier)) {
    if (system === undefined || value === undefined) continue;
    const criteria = `${escaped(system)}|${escaped(value)}`;
    const { matches } = await searchResources(ctx, ['Patient'], [['identifier', criteria]], 'strict');
    for (const one of matches) found.set(one.id, await readStoredJson<Patient>(one, ctx.pace));
  }
  return [...found.values()];
}

/**
 * The asker's own records with one of the numbers. Searches answer persons: who is protected by one of the clinics that keep
 * a record is found by none of them that way, and what each has brought stays its own.
 */
async function findOwn(ctx: InteractionContext, { identifier = [] }: Patient): Promise<readonly Patient[]> {
  const owner = ownerOf(ctx, undefined);
  if (owner === undefined) return [];
  const own = await findOwnPatients(ctx, recordNumbers(identifier), owner);
  return own as unknown as readonly Patient[];
}

const escaped = (text: string): string => text.replace(/[\\,|$]/g, '\\$&');

/** A number may have been given twice, or be mistyped: birth date and a name must not say otherwise. */
function agrees(kept: Patient, asked: Patient): boolean {
  const isSameDay =
    kept.birthDate === undefined || asked.birthDate === undefined || kept.birthDate === asked.birthDate;
  const names = namesOf(asked);
  return isSameDay && (names.length === 0 || namesOf(kept).some((name) => names.includes(name)));
}

const namesOf = ({ name = [] }: Patient): readonly string[] =>
  name.flatMap(({ family, given }) =>
    [family, given?.[0]].flatMap((part) => (part === undefined ? [] : [part.trim().toUpperCase()])),
  );

type Graded = { readonly patient: Patient; readonly grade: string };

const gradeUrl = 'http://hl7.org/fhir/StructureDefinition/match-grade';

async function match(
  ctx: InteractionContext,
  operations: readonly Operation[],
  asked: Patient,
): Promise<readonly Graded[]> {
  const parameters = { resourceType: 'Parameters', parameter: [{ name: 'resource', resource: asked }] };
  const bundle = await callOperation<Bundle>(ctx, operations, {
    code: 'match',
    type: 'Patient',
    body: parameters as unknown as Resource,
  });
  return (bundle.entry ?? []).flatMap(({ resource, search }) => {
    if (resource?.resourceType !== 'Patient') return [];
    const grade = search?.extension?.find(({ url }) => url === gradeUrl)?.valueCode ?? '';
    return [{ patient: resource, grade }];
  });
}
