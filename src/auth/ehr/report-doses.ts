import type { Immunization, Patient } from 'fhir/r4.js';
import { Problem } from '../../fhir/problem.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { InteractionContext } from '../../interaction/context.ts';
import { createResource } from '../../interaction/create-resource.ts';
import type { Ehr } from './ehr-records.ts';
import type { MergedRecord } from './merged-record.ts';

/** How many doses were reported, and why others were not. */
export type Reported = { readonly count: number; readonly refused: readonly string[] };

const patientElements = [
  'name',
  'birthDate',
  'gender',
  'identifier',
  'telecom',
  'address',
  'multipleBirthInteger',
  'multipleBirthBoolean',
] as const;
const doseElements = [
  'status',
  'statusReason',
  'vaccineCode',
  'occurrenceDateTime',
  'lotNumber',
  'expirationDate',
  'site',
  'route',
  'doseQuantity',
  'primarySource',
  'isSubpotent',
] as const;

/**
 * Writes the doses that the registry lacks as FHIR creates, each once: who presses twice reports once. A person whom the
 * registry does not know is reported first.
 */
export async function reportDoses(
  ctx: InteractionContext,
  {
    ehr,
    record,
    places,
  }: { readonly ehr: Ehr; readonly record: MergedRecord; readonly places: ReadonlySet<number> },
): Promise<Reported> {
  const chosen = record.rows.flatMap(({ dose, place }) =>
    place !== undefined && places.has(place) ? [{ dose, place }] : [],
  );
  if (chosen.length === 0) return { count: 0, refused: [] };
  const patient = record.known ?? (await reportPatient(ctx, ehr, record.patient));
  const refused: string[] = [];
  for (const { dose, place } of chosen) {
    const sent = record.ehr.immunizations[place];
    const failure = await refusalOf(() => create(ctx, toDose(dose, { ehr, patient, id: sent?.id })));
    if (failure !== undefined) refused.push(failure);
  }
  return { count: chosen.length - refused.length, refused };
}

async function reportPatient(ctx: InteractionContext, ehr: Ehr, patient: Patient): Promise<string> {
  const identifier = [
    ...(patient.identifier ?? []),
    { system: systemOf(ehr, 'Patient'), value: patient.id ?? '' },
  ];
  const resource = {
    resourceType: 'Patient',
    ...pick(patient, patientElements),
    identifier,
    managingOrganization: { reference: `Organization/${ehr.organization}` },
  };
  return create(ctx, resource);
}

type Of = { readonly ehr: Ehr; readonly patient: string; readonly id: string | undefined };

function toDose(dose: Immunization, { ehr, patient, id }: Of): object {
  return {
    resourceType: 'Immunization',
    ...pick(dose, doseElements),
    ...(id !== undefined && { identifier: [{ system: systemOf(ehr, 'Immunization'), value: id }] }),
    patient: { reference: `Patient/${patient}` },
  };
}

/** Ids of an EHR are its own. */
function systemOf({ iss }: Ehr, type: string): string {
  return `${iss}/${type}`;
}

function pick(resource: object, elements: readonly string[]): object {
  return Object.fromEntries(Object.entries(resource).filter(([name]) => elements.includes(name)));
}

type Identified = { readonly identifier?: readonly { readonly system?: string; readonly value?: string }[] };

/** What came by this identifier before is answered, and not written again. */
async function create(ctx: InteractionContext, resource: object): Promise<string> {
  const own = (resource as Identified).identifier?.at(-1);
  const ifNoneExist = own && ([['identifier', `${own.system}|${own.value}`]] as const);
  const parsed = { resource: resource as Resource, exactNumbers: false };
  const { version } = await createResource(ctx, parsed, ifNoneExist ? { ifNoneExist } : {});
  return version.id;
}

async function refusalOf(work: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (thrown) {
    if (thrown instanceof Problem && thrown.status < 500) return thrown.message;
    throw thrown;
  }
}
