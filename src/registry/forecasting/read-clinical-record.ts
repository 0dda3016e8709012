import type { Immunization, Patient } from 'fhir/r4.js';
import { readPerson } from '../../interaction/ask-persons.ts';
import type { InteractionContext, StoredResource } from '../../interaction/context.ts';
import { readStoredJson } from '../../interaction/parse-stored.ts';
import { searchAbout } from '../../interaction/search-all.ts';
import type { ResourceId } from '../../values/resource-id.ts';
import type { ClinicalRecord, Sourced } from './clinical-record.ts';
import { readForWholeRecord } from './read-for-whole-record.ts';
import type { ClinicalResource } from './to-observations.ts';

const clinicalTypes = ['Condition', 'Observation', 'AllergyIntolerance', 'Procedure'] as const;

/** All that the store holds of a person and the engine can use. */
export async function readClinicalRecord(ctx: InteractionContext, id: ResourceId): Promise<ClinicalRecord> {
  const asked = await readForWholeRecord(ctx, id, ['Immunization', ...clinicalTypes]);
  const patient = await readPerson(ctx.view, asked);
  const found = await searchAbout(ctx, id, ['Immunization', ...clinicalTypes]);
  const immunizations = await readSourced<Immunization>(ctx, found.get('Immunization'));
  const clinical: Sourced<ClinicalResource>[] = [];
  for (const type of clinicalTypes) {
    clinical.push(...(await readSourced<ClinicalResource>(ctx, found.get(type))));
  }
  const reference = `Patient/${id}`;
  return {
    patient: {
      resource: await readStoredJson<Patient>(patient, ctx.pace),
      reference,
      expression: reference,
    },
    immunizations,
    clinical,
  };
}

async function readSourced<Kind>(
  ctx: InteractionContext,
  found: readonly StoredResource[] = [],
): Promise<readonly Sourced<Kind>[]> {
  const read: Sourced<Kind>[] = [];
  for (const stored of found) {
    const reference = `${stored.type}/${stored.id}`;
    const resource = await readStoredJson<Kind>(stored, ctx.pace);
    read.push({ resource, reference, expression: reference });
  }
  return read;
}
