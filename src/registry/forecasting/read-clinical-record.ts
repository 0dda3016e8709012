import type { Immunization, Patient } from 'fhir/r4.js';
import { toLiteralReference } from '../../fhir/reference.ts';
import { readPerson } from '../../interaction/ask-persons.ts';
import type { InteractionContext, StoredResource } from '../../interaction/context.ts';
import { readStoredJson } from '../../interaction/parse-stored.ts';
import { searchAbout } from '../../interaction/search-all.ts';
import type { ResourceId } from '../../values/resource-id.ts';
import type { ClinicalRecord, Sourced } from './clinical-record.ts';
import { readForWholeRecord, requireOfAll, requireWholeRecords } from './read-for-whole-record.ts';
import type { ClinicalResource } from './to-observations.ts';

const clinicalTypes = ['Condition', 'Observation', 'AllergyIntolerance', 'Procedure'] as const;
const recordTypes = ['Immunization', ...clinicalTypes] as const;

/** All that the store holds of a person and the engine can use. */
export async function readClinicalRecord(ctx: InteractionContext, id: ResourceId): Promise<ClinicalRecord> {
  const asked = await readForWholeRecord(ctx, id, recordTypes);
  const patient = await readPerson(ctx.view, asked);
  const found = await searchAbout(ctx, [id], recordTypes);
  const immunizations = await readSourced<Immunization>(ctx, found.get('Immunization'));
  const clinical: Sourced<ClinicalResource>[] = [];
  for (const type of clinicalTypes) {
    clinical.push(...(await readSourced<ClinicalResource>(ctx, found.get(type))));
  }
  return { patient: await readPatient(ctx, patient, id), immunizations, clinical };
}

/**
 * The same of many persons, by the ids that they are asked by: a search for all of them costs little more than one for one.
 * Who is not seen is not among them. Throws 403 `insufficient_scope` as `readForWholeRecord` does.
 */
export async function readClinicalRecords(
  ctx: InteractionContext,
  ids: readonly ResourceId[],
): Promise<ReadonlyMap<ResourceId, ClinicalRecord>> {
  requireWholeRecords(ctx, recordTypes);
  const aliases = await ctx.view.aliasesOf(ids);
  const persons = new Map(
    [...aliases.values()].flatMap((known) => known.map((each) => [each, known[0] ?? each] as const)),
  );
  const personOf = (id: ResourceId): ResourceId => persons.get(id) ?? id;
  const keys = [...new Set([...ids, ...ids.map(personOf)])].map((id) => ({ type: 'Patient', id }) as const);
  const patients = new Map((await ctx.view.readMany(keys)).map((patient) => [patient.id, patient]));
  await requireOfAll(ctx, [...patients.keys()], recordTypes);
  const found = await searchAbout(ctx, ids, recordTypes);
  const doses = await byPerson<Immunization>(ctx, found.get('Immunization'), personOf);
  const clinical = new Map<ResourceId, Sourced<ClinicalResource>[]>();
  for (const type of clinicalTypes) {
    for (const [id, of] of await byPerson<ClinicalResource>(ctx, found.get(type), personOf)) {
      clinical.set(id, [...(clinical.get(id) ?? []), ...of]);
    }
  }
  const records = new Map<ResourceId, ClinicalRecord>();
  for (const id of ids) {
    const [asked, person] = [patients.get(id), personOf(id)];
    if (!asked) continue;
    records.set(id, {
      patient: await readPatient(ctx, patients.get(person) ?? asked, id),
      immunizations: doses.get(person) ?? [],
      clinical: clinical.get(person) ?? [],
    });
  }
  return records;
}

async function readPatient(
  ctx: InteractionContext,
  stored: StoredResource,
  id: ResourceId,
): Promise<Sourced<Patient>> {
  const reference = `Patient/${id}`;
  return { resource: await readStoredJson<Patient>(stored, ctx.pace), reference, expression: reference };
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

/** What was found by a search for these persons, each with whom it is about. */
async function byPerson<Kind extends Immunization | ClinicalResource>(
  ctx: InteractionContext,
  found: readonly StoredResource[] | undefined,
  personOf: (id: ResourceId) => ResourceId,
): Promise<ReadonlyMap<ResourceId, Sourced<Kind>[]>> {
  const people = new Map<ResourceId, Sourced<Kind>[]>();
  for (const sourced of await readSourced<Kind>(ctx, found)) {
    const { resource } = sourced;
    const about =
      'subject' in resource ? resource.subject : 'patient' in resource ? resource.patient : undefined;
    const reference = toLiteralReference(about?.reference ?? '', ctx.baseUrl);
    if (reference.kind !== 'local') continue;
    const person = personOf(reference.id);
    const known = people.get(person);
    if (known) known.push(sourced);
    else people.set(person, [sourced]);
  }
  return people;
}
