import type { DetectedIssue, Immunization, Linkage } from 'fhir/r4.js';
import { Problem } from '../../fhir/problem.ts';
import { readPerson } from '../../interaction/ask-persons.ts';
import { type InteractionContext, requireAccess } from '../../interaction/context.ts';
import { parseStored, parseStoredInTurns } from '../../interaction/parse-stored.ts';
import { searchAll } from '../../interaction/search-all.ts';
import { storedResource } from '../../interaction/write-result.ts';
import type { Operation, OperationCall } from '../../operation/operation.ts';
import { keptAnswer, type OperationAnswer } from '../../operation/operation-answer.ts';
import { output } from '../../operation/operation-parameter.ts';
import type { ResourceId } from '../../values/resource-id.ts';
import type { Vaccines } from './dose-event.ts';
import { deduplicateStored } from './dose-reviews.ts';
import { fillFrom } from './fill-from.ts';
import type { DoseGroup, DosePair, Grouping } from './group-doses.ts';

/** The record of a person with each dose once. */
export function consolidatedRecordOperation(vaccines: Vaccines): Operation {
  return {
    code: 'consolidated-record',
    definition: 'https://jenner-iis.org/fhir/OperationDefinition/Patient-consolidated-record',
    description:
      'Answers the person and each dose once: what was told twice is one Immunization, joined with the others by a Linkage; of what may be one a DetectedIssue tells.',
    levels: ['instance'],
    types: ['Patient'],
    affectsState: false,
    parameters: [
      output('return', 'Bundle', 'A collection: the person, the doses, Linkages, DetectedIssues', { min: 1 }),
    ],
    run: (ctx, call) => consolidate(ctx, call, vaccines),
  };
}

async function consolidate(
  ctx: InteractionContext,
  { id }: OperationCall,
  vaccines: Vaccines,
): Promise<OperationAnswer> {
  requireAccess(ctx, 'read', 'Patient');
  const asked = id && (await ctx.view.read({ type: 'Patient', id }));
  if (!id || asked?.text === undefined) throw new Problem('not-found', `There is no Patient/${id}`);
  const stored = await searchAll(ctx, 'Immunization', [['patient', `Patient/${id}`]]);
  const doses: Immunization[] = [];
  for (const dose of stored) {
    const { resource } = await parseStoredInTurns(dose, ctx.pace);
    doses.push(resource as unknown as Immunization);
  }
  const { survivors, groups, unsure } = await consolidateDoses(ctx, id, doses, vaccines);
  await ctx.pace();
  const patient = parseStored(await readPerson(ctx.view, storedResource(asked))).resource;
  const entryOf = (resource: object & { resourceType: string; id?: string | undefined }) => ({
    fullUrl:
      resource.id === undefined
        ? `urn:uuid:${ctx.newId()}`
        : `${ctx.baseUrl}/${resource.resourceType}/${resource.id}`,
    resource,
  });
  return keptAnswer({
    resourceType: 'Bundle',
    type: 'collection',
    entry: [
      entryOf(patient),
      ...survivors.map(entryOf),
      ...groups.map((group) => entryOf(toLinkage(group))),
      ...unsure.map((pair) => entryOf(toDetectedIssue(pair, `Patient/${patient.id}`))),
    ],
  });
}

export type ConsolidatedDoses = Grouping & { readonly survivors: readonly Immunization[] };

/** The doses that the caller sees of a stored record, each once. */
export async function consolidateDoses(
  ctx: InteractionContext,
  id: ResourceId,
  doses: readonly Immunization[],
  vaccines: Vaccines,
): Promise<ConsolidatedDoses> {
  const grouping = await deduplicateStored(ctx, id, doses, vaccines);
  return { survivors: survivorsOf(doses, grouping.groups), ...grouping };
}

/** Every dose but those that are another's; a survivor is filled from those that it stands for. */
function survivorsOf(doses: readonly Immunization[], groups: readonly DoseGroup[]): readonly Immunization[] {
  const byId = new Map(doses.map((dose) => [dose.id ?? '', dose]));
  const alternates = new Set(groups.flatMap((group) => group.alternates));
  const groupOf = new Map(groups.map((group) => [group.survivors[0], group]));
  return doses
    .filter(({ id }) => !alternates.has(id ?? ''))
    .map((dose) => {
      const others = groupOf.get(dose.id ?? '')?.alternates ?? [];
      return fillFrom(
        dose,
        others.flatMap((id) => byId.get(id) ?? []),
      );
    });
}

function toLinkage({ survivors, alternates }: DoseGroup): Linkage {
  const item = (type: Linkage['item'][number]['type']) => (id: string) => ({
    type,
    resource: { reference: `Immunization/${id}` },
  });
  return {
    resourceType: 'Linkage',
    active: true,
    item: [...survivors.map(item('source')), ...alternates.map(item('alternate'))],
  };
}

function toDetectedIssue({ a, b, evaluation }: DosePair, patient: string): DetectedIssue {
  const { rule, score } = evaluation;
  const why = rule === undefined ? `score ${score.toFixed(2)}` : rule;
  return {
    resourceType: 'DetectedIssue',
    status: 'preliminary',
    code: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'DUPTHPY' }] },
    patient: { reference: patient },
    implicated: [a, b].map((id) => ({ reference: `Immunization/${id}` })),
    detail: `May be one dose told twice (${why}); both count until somebody says so`,
  };
}
