import type {
  Bundle,
  Condition,
  Immunization,
  Observation,
  Parameters,
  Patient,
  RelatedPerson,
} from 'fhir/r4.js';
import { type InteractionContext, type StoredResource, withCaller } from '../../interaction/context.ts';
import { readStoredJson } from '../../interaction/parse-stored.ts';
import { searchAbout } from '../../interaction/search-all.ts';
import { callOperation } from '../../operation/call-operation.ts';
import type { Operation } from '../../operation/operation.ts';
import type { ResourceId } from '../../values/resource-id.ts';
import { hasCode } from '../mapping/coded.ts';
import type { MappingTables } from '../mapping/mapping-tables.ts';
import type { Fact } from '../mapping/to-facts.ts';
import { kinNameKey } from '../mapping/to-related-person.ts';
import type { PersonHistory } from '../mapping/to-vxu.ts';

/** Who was looked up is open to the caller from then on: the same caller with what is open now. */
export async function withOpened(ctx: InteractionContext): Promise<InteractionContext> {
  if (!ctx.openings) return ctx;
  const caller = await ctx.openings.of(ctx.caller);
  return caller === ctx.caller ? ctx : withCaller(ctx, caller);
}

export type PersonDoses = Pick<PersonHistory, 'patient' | 'doses'>;

/** A person and each dose once, as the caller may see them; without what was an error. */
export async function readDoses(
  ctx: InteractionContext,
  operations: readonly Operation[],
  id: ResourceId,
): Promise<PersonDoses> {
  const record = await callOperation<Bundle>(ctx, operations, {
    code: 'consolidated-record',
    type: 'Patient',
    id,
  });
  const resources = (record.entry ?? []).map(({ resource }) => resource);
  const patient = resources.find((one) => one?.resourceType === 'Patient') as Patient | undefined;
  if (!patient) throw new Error(`the record of Patient/${id} has no Patient`);
  const doses = resources.filter((one): one is Immunization => one?.resourceType === 'Immunization');
  return { patient, doses: told(doses) };
}

/** Without what was an error, day by day. */
function told(doses: readonly Immunization[]): readonly Immunization[] {
  return doses
    .filter(({ status }) => status !== 'entered-in-error')
    .toSorted(byDay)
    .map(cvxFirst);
}

const cvx = 'http://hl7.org/fhir/sid/cvx';

/** A response names the vaccine by CVX, and what else was sent, an NDC, beside it (profiles Z32 and Z42, RXA-5). */
function cvxFirst(dose: Immunization): Immunization {
  const { coding = [] } = dose.vaccineCode;
  const first = coding.find(({ system }) => system === cvx);
  if (!first || first === coding[0]) return dose;
  const others = coding.filter((one) => one !== first);
  return { ...dose, vaccineCode: { ...dose.vaccineCode, coding: [first, ...others] } };
}

/** A person, each dose once, and what `$immds-forecast` answers of them, as the caller may see it. */
export type ReadEvaluated = (
  ctx: InteractionContext,
  id: ResourceId,
) => Promise<PersonDoses & { readonly forecast: Parameters }>;

/** The same as `readDoses`, and how the doses were evaluated. */
export async function readEvaluatedDoses(
  ctx: InteractionContext,
  readEvaluated: ReadEvaluated,
  id: ResourceId,
): ReturnType<ReadEvaluated> {
  const record = await readEvaluated(ctx, id);
  return { ...record, doses: told(record.doses) };
}

/** What is known of the person beside doses. */
export async function readBeside(
  ctx: InteractionContext,
  tables: MappingTables,
  id: ResourceId,
): Promise<Pick<PersonHistory, 'kin' | 'facts'>> {
  const found = await searchAbout(ctx, [id], ['RelatedPerson', 'Observation', 'Condition']);
  const kin = await readAll<RelatedPerson>(ctx, found.get('RelatedPerson'));
  const observations = await readAll<Observation>(ctx, found.get('Observation'));
  const conditions = await readAll<Condition>(ctx, found.get('Condition'));
  return { kin: distinctKin(kin), facts: factsAmong(tables, observations, conditions) };
}

function byDay(a: Immunization, b: Immunization): number {
  const days = [a, b].map(({ occurrenceDateTime = '' }) => occurrenceDateTime);
  return (days[0] ?? '') < (days[1] ?? '') ? -1 : 1;
}

/** Several sources tell of the same mother. */
function distinctKin(kin: readonly RelatedPerson[]): readonly RelatedPerson[] {
  return [...new Map(kin.map((one) => [kinNameKey(one), one])).values()];
}

function factsAmong(
  tables: MappingTables,
  observations: readonly Observation[],
  conditions: readonly Condition[],
): readonly Fact[] {
  const diseases = tables.observations.find((row) => row.is === 'disease')?.values ?? [];
  return [
    ...conditions.filter(({ code }) => diseases.some((disease) => hasCode(code, disease))),
    ...observations.filter(({ code }) =>
      isTold(tables, code.coding?.map((coding) => coding.code ?? '') ?? []),
    ),
  ];
}

/** What a person has beside, such as other laboratory results, is no part of an immunization history. */
function isTold(tables: MappingTables, codes: readonly string[]): boolean {
  const told: ReadonlySet<string> = new Set(['reaction', 'immunity', 'contraindication', 'indication']);
  return codes.some((code) => told.has(tables.observation(code)?.is ?? ''));
}

async function readAll<Kind>(
  ctx: InteractionContext,
  found: readonly StoredResource[] = [],
): Promise<readonly Kind[]> {
  const read: Kind[] = [];
  for (const one of found) read.push(await readStoredJson<Kind>(one, ctx.pace));
  return read;
}
