import type { Immunization } from 'fhir/r4.js';
import { Problem } from '../../fhir/problem.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { InteractionContext } from '../../interaction/context.ts';
import { createResource } from '../../interaction/create-resource.ts';
import { type Carrying, carryOver } from './carry-over.ts';
import type { Ehr } from './ehr-records.ts';
import type { MergedRecord } from './merged-record.ts';

/** How many doses were reported, and which were not, and why. */
export type Reported = {
  readonly count: number;
  readonly refused: readonly { readonly dose: Immunization; readonly why: string }[];
};

export type Reporting = {
  readonly ehr: Ehr;
  readonly record: MergedRecord;
  /** The ids that the chosen doses have in the EHR. */
  readonly chosen: ReadonlySet<string>;
  readonly names: Carrying['names'];
};

/** The doses that are chosen of those that the registry lacks, as the EHR sent them. */
export function chosenOf({ record, chosen }: Pick<Reporting, 'record' | 'chosen'>): readonly Resource[] {
  return record.rows.flatMap(({ ehrId, place }) => {
    const sent = place === undefined ? undefined : record.ehr.immunizations[place];
    return sent && ehrId !== undefined && chosen.has(ehrId) ? [sent] : [];
  });
}

/**
 * Writes the doses that the registry lacks as FHIR creates, each once: who presses twice reports once. A person whom the
 * registry does not know is reported first.
 */
export async function reportDoses(ctx: InteractionContext, reporting: Reporting): Promise<Reported> {
  const doses = chosenOf(reporting);
  if (doses.length === 0) return { count: 0, refused: [] };
  const { ehr, record, names } = reporting;
  const carrying = { base: ehr.iss, names };
  let patient: string | undefined = record.known;
  const refused: Reported['refused'][number][] = [];
  for (const dose of doses) {
    const why = await refusalOf(async () => {
      patient ??= await create(ctx, toPatient(record.ehr.patient, ehr, carrying));
      await create(ctx, toDose(dose, patient, carrying));
    });
    if (why !== undefined) refused.push({ dose: dose as unknown as Immunization, why });
  }
  return { count: doses.length - refused.length, refused };
}

/** Of a picture, and of other records that the EHR has of the person, the registry makes nothing. */
const patientLeftOut = ['photo', 'link', 'managingOrganization'];

function toPatient(patient: Resource, { organization }: Ehr, carrying: Carrying): Identified {
  return {
    ...carryOver(patient, carrying, patientLeftOut),
    identifier: identifiersOf(patient, carrying),
    managingOrganization: { reference: `Organization/${organization}` },
  };
}

function toDose(dose: Resource, patient: string, carrying: Carrying): Identified {
  // Who has it from somebody else's record has not seen it given.
  const isHistory = dose['primarySource'] === undefined && dose['reportOrigin'] !== undefined;
  return {
    ...carryOver(dose, carrying, ['patient']),
    ...(isHistory && { primarySource: false }),
    identifier: identifiersOf(dose, carrying),
    patient: { reference: `Patient/${patient}` },
  };
}

type Identifier = { readonly system?: string; readonly value?: string };
type Identified = { readonly identifier: readonly Identifier[]; readonly [element: string]: unknown };

/** Ids of an EHR are its own. */
function identifiersOf(resource: Resource, carrying: Carrying): readonly Identifier[] {
  const { base } = carrying;
  const { identifier = [] } = carryOver(resource, carrying) as {
    readonly identifier?: readonly Identifier[];
  };
  return [...identifier, { system: `${base}/${resource.resourceType}`, value: String(resource.id) }];
}

/** What came by this identifier before is answered, and not written again. */
async function create(ctx: InteractionContext, resource: Identified): Promise<string> {
  const own = resource.identifier.at(-1);
  const ifNoneExist = [['identifier', `${own?.system}|${own?.value}`]] as const;
  const parsed = { resource: resource as unknown as Resource, exactNumbers: true };
  const { version } = await createResource(ctx, parsed, { ifNoneExist });
  return version.id;
}

const mostTold = 3;

/** What a refusal says, and of which element; undefined for what is a fault of the registry. */
export function refusalIn(thrown: unknown): string | undefined {
  if (!(thrown instanceof Problem) || thrown.status >= 500) return undefined;
  const told = thrown.issues.filter(({ severity }) => severity === 'error').slice(0, mostTold);
  return told
    .map(({ expression, text }) => (expression === undefined ? text : `${expression}: ${text}`))
    .join('; ');
}

async function refusalOf(work: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (thrown) {
    const why = refusalIn(thrown);
    if (why === undefined) throw thrown;
    return why;
  }
}
