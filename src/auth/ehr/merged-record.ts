import type { Bundle, CodeableConcept, Immunization, Patient } from 'fhir/r4.js';
import type { InteractionContext } from '../../interaction/context.ts';
import { callOperation } from '../../operation/call-operation.ts';
import type { Operation } from '../../operation/operation.ts';
import { type Asked, askForecast, personOf } from '../../registry/ehr-record/ask-forecast.ts';
import { type EhrRecord, type EhrServer, readFromEhr } from '../../registry/ehr-record/ehr-record.ts';
import { ofOtherPatient } from '../../registry/ehr-record/of-other-patient.ts';
import type { LeftOut } from '../../registry/forecasting/without-repeated.ts';
import type { ResourceId } from '../../values/resource-id.ts';

export type MergePort = {
  readonly ctx: InteractionContext;
  readonly operations: readonly Operation[];
  readonly leftOut: LeftOut | undefined;
  /** Whether the registry may be looked into. */
  readonly isJoined: boolean;
};

export type MergedRow = {
  readonly dose: Immunization;
  readonly in: 'both' | 'registry' | 'ehr';
  /** Of a dose that the registry lacks: which one it is among those of the EHR. */
  readonly place?: number;
  /** Its id there, by which it is chosen: the order of an EHR's doses is another one by the time that somebody presses. */
  readonly ehrId?: string;
};

export type MergedRecord = {
  readonly ehr: EhrRecord;
  readonly patient: Patient;
  /** The person in the registry, where it is certain who that is. */
  readonly known: ResourceId | undefined;
  /** By day; the newest first. */
  readonly rows: readonly MergedRow[];
  readonly forecast: Asked;
};

const paths: readonly (readonly [type: string, path: (patient: string) => string])[] = [
  ['Condition', (patient) => `Condition?patient=${patient}`],
  ['Observation', (patient) => `Observation?patient=${patient}&category=laboratory`],
  ['AllergyIntolerance', (patient) => `AllergyIntolerance?patient=${patient}`],
  ['Procedure', (patient) => `Procedure?patient=${patient}`],
];

/** What the EHR has of the person; undefined where the Patient or the doses cannot be had whole, or others' are among them. */
export async function readWholeEhr(server: EhrServer, patient: string): Promise<EhrRecord | undefined> {
  const id = encodeURIComponent(patient);
  const read = (type: string, path: string) => readFromEhr(server, { type, path });
  const [person, doses, ...others] = await Promise.all([
    read('Patient', `Patient/${id}`),
    read('Immunization', `Immunization?patient=${id}`),
    ...paths.map(([type, path]) => read(type, path(id))),
  ]);
  const resource = person?.resources[0];
  if (!resource || !doses?.isWhole) return undefined;
  const all = [doses, ...others].flatMap((found) => found?.resources ?? []);
  if (resource.id !== patient || ofOtherPatient(all, patient)) return undefined;
  return {
    patient: resource,
    immunizations: doses.resources,
    clinical: others.flatMap((found) => found?.resources ?? []),
    missing: paths.flatMap(([type], i) => (others[i]?.isWhole ? [] : [type])),
  };
}

/** Both records as one, with what either lacks, and the forecast over both. */
export async function mergeRecords(port: MergePort, ehr: EhrRecord): Promise<MergedRecord> {
  const { ctx, operations, isJoined } = port;
  const known = isJoined ? await personOf({ ctx, operations, ehr }) : undefined;
  const here = known === undefined ? [] : await dosesOf(port, known);
  const there = ehr.immunizations as unknown as readonly Immunization[];
  const rows = await rowsOf(port, known, { here, there });
  const asking = { ctx, operations, ehr, orders: [] };
  return {
    ehr,
    patient: ehr.patient as unknown as Patient,
    known,
    rows: rows.toSorted(byDay),
    forecast: await askForecast(asking),
  };
}

/** The newest first; those of a day by their codes. */
function byDay({ dose: a }: MergedRow, { dose: b }: MergedRow): number {
  const [dayA, dayB] = [dayOf(a), dayOf(b)];
  if (dayA !== dayB) return dayA < dayB ? 1 : -1;
  return codesOf(a).join() < codesOf(b).join() ? -1 : 1;
}

async function dosesOf({ ctx, operations }: MergePort, id: ResourceId): Promise<readonly Immunization[]> {
  const code = 'consolidated-record';
  const { entry = [] } = await callOperation<Bundle>(ctx, operations, { code, type: 'Patient', id });
  return entry.flatMap(({ resource }) => (resource?.resourceType === 'Immunization' ? [resource] : []));
}

type Both = { readonly here: readonly Immunization[]; readonly there: readonly Immunization[] };

async function rowsOf(
  { ctx, leftOut }: MergePort,
  known: ResourceId | undefined,
  { here, there }: Both,
): Promise<readonly MergedRow[]> {
  const named = there.map((dose, i) => ({ ...dose, id: `ehr-${i}` }));
  const repeated = known === undefined ? undefined : await leftOut?.(ctx, known, [...here, ...named]);
  const isOne = (a: Immunization, b: Immunization) =>
    repeated?.get(a.id ?? '') === b.id || repeated?.get(b.id ?? '') === a.id || isAlike(a, b);
  const both = here.map((dose) => ({ dose, isThere: named.some((other) => isOne(dose, other)) }));
  const lacking = named.flatMap((dose, place) =>
    here.some((other) => isOne(dose, other))
      ? []
      : [{ dose, in: 'ehr' as const, place, ...idOf(there[place]) }],
  );
  return [
    ...both.map(({ dose, isThere }) => ({ dose, in: isThere ? ('both' as const) : ('registry' as const) })),
    ...lacking,
  ];
}

/** Without an id nobody could tell whether it was reported before. */
function idOf(dose: Immunization | undefined): { readonly ehrId?: string } {
  return typeof dose?.id === 'string' && dose.id !== '' ? { ehrId: dose.id } : {};
}

/** The same vaccine of the same day. */
function isAlike(a: Immunization, b: Immunization): boolean {
  const day = dayOf(a);
  const codes = codesOf(a);
  return (
    day.length === 10 &&
    day === dayOf(b) &&
    a.status === b.status &&
    codesOf(b).some((one) => codes.includes(one))
  );
}

function dayOf({ occurrenceDateTime = '' }: Immunization): string {
  return occurrenceDateTime.slice(0, 10);
}

function codesOf({ vaccineCode }: Immunization): readonly string[] {
  // An EHR may send a dose without it.
  const { coding = [] }: Partial<CodeableConcept> = vaccineCode ?? {};
  return coding.flatMap(({ system, code }) => (code === undefined ? [] : [`${system}|${code}`]));
}
