import type { Immunization } from 'fhir/r4.js';
import { Problem } from '../../../fhir/problem.ts';
import { cdcAuthority } from '../../../forecast/schedule-data.ts';
import type { InteractionContext } from '../../../interaction/context.ts';
import { type EpochDay, formatEpochDay } from '../../../values/epoch-day.ts';
import type { ResourceId } from '../../../values/resource-id.ts';
import type { ClinicalRecord, Sourced } from '../clinical-record.ts';
import type { ForecastSettings } from '../forecast-operations.ts';
import { type WorkedOut, workOut } from '../group-states.ts';
import type { KnowledgeBase } from '../knowledge-base.ts';
import { immuneConditionsOf } from '../live-vaccines.ts';
import { readClinicalRecord } from '../read-clinical-record.ts';
import type { ClinicalResource } from '../to-observations.ts';
import { withoutRepeated } from '../without-repeated.ts';
import { toObservationView } from './ask-first.ts';
import type { FactView, NotGivenView, RecordView } from './record-view.ts';
import { dateOf, groupsOfDose, nameOfVaccine, toGroupViews } from './to-group-views.ts';

/**
 * The record of a stored person with what is due on a day, through what the caller may see: throws as a read does. Where
 * it cannot be worked out what is due, the history is there without it.
 */
export async function readRecordView(
  ctx: InteractionContext,
  id: ResourceId,
  settings: ForecastSettings,
  day: EpochDay = ctx.clock.today(),
): Promise<RecordView> {
  const { view } = await readWorkedRecord(ctx, id, { settings, day });
  return view;
}

/** The same with what it was made from, for who asks more of it. */
export async function readWorkedRecord(
  ctx: InteractionContext,
  id: ResourceId,
  { settings, day }: { readonly settings: ForecastSettings; readonly day: EpochDay },
): Promise<{ readonly view: RecordView; readonly worked: WorkedOut | undefined }> {
  const whole = await readClinicalRecord(ctx, id);
  const { record } = await withoutRepeated(whole, { ctx, id, leftOut: settings.leftOut });
  const worked = await workedOut(ctx, record, settings, day);
  const [usual] = settings.knowledgeBases;
  return { view: toRecordView({ whole, record, worked, usual, day }), worked };
}

type Read = {
  readonly whole: ClinicalRecord;
  /** Each dose once. */
  readonly record: ClinicalRecord;
  readonly worked: WorkedOut | undefined;
  /** For what is shown where nothing could be worked out. */
  readonly usual: KnowledgeBase;
  readonly day: EpochDay;
};

function toRecordView({ whole, record, worked, usual, day }: Read): RecordView {
  const knowledgeBase = worked?.knowledgeBase ?? usual;
  const counted = new Set(record.immunizations.map(({ resource }) => resource.id));
  const repeated = whole.immunizations.filter(({ resource }) => !counted.has(resource.id));
  return {
    patient: whole.patient.resource,
    day: formatEpochDay(day),
    groups: toGroupViews({
      knowledgeBase,
      day,
      forecast: worked?.shown,
      history: worked?.reading.history,
      immunizations: whole.immunizations,
      repeated: new Set(repeated.map(({ resource }) => resource.id ?? '')),
    }),
    notGiven: whole.immunizations.flatMap((dose) => toNotGiven(dose, knowledgeBase)),
    immuneConditions: worked
      ? immuneConditionsOf(worked.reading.history, day).map((code) => toObservationView(code, knowledgeBase))
      : [],
    facts: record.clinical.flatMap(toFact),
    ...(worked && { schedule: toScheduleView(worked.knowledgeBase) }),
  };
}

/** A birth date that is not whole, or a schedule that is not there, leaves the history to be shown. */
async function workedOut(
  ctx: InteractionContext,
  record: ClinicalRecord,
  settings: ForecastSettings,
  day: EpochDay,
): Promise<WorkedOut | undefined> {
  try {
    return await workOut(ctx, { record, settings, day });
  } catch (thrown) {
    if (thrown instanceof Problem && thrown.status === 422) return undefined;
    throw thrown;
  }
}

/** CDC's own is known by the name of CDC. */
function toScheduleView({ id, version, authorities: [authority] }: KnowledgeBase) {
  return { id, version, authority: authority.code === cdcAuthority.code ? 'CDC' : authority.name };
}

/** Refused, put off, or not to be given; what was entered by mistake is no part of the record. */
function toNotGiven(
  { resource }: Sourced<Immunization>,
  knowledgeBase: KnowledgeBase,
): readonly NotGivenView[] {
  if (resource.status !== 'not-done') return [];
  const date = dateOf(resource);
  const reason = resource.statusReason?.coding?.[0]?.code ?? resource.statusReason?.text;
  return [
    {
      id: resource.id ?? '',
      ...(date !== undefined && { date }),
      groups: groupsOfDose(resource, knowledgeBase),
      vaccine: nameOfVaccine(resource, knowledgeBase),
      ...(reason !== undefined && { reason }),
    },
  ];
}

function toFact({ resource }: Sourced<ClinicalResource>): readonly FactView[] {
  const { code, resourceType: type } = resource;
  const text = code?.text ?? code?.coding?.find(({ display }) => display)?.display;
  if (text === undefined) return [];
  const date = dateOfFact(resource)?.slice(0, 10);
  return [{ type, text, ...(date !== undefined && { date }) }];
}

function dateOfFact(resource: ClinicalResource): string | undefined {
  switch (resource.resourceType) {
    case 'Observation':
      return resource.effectiveDateTime;
    case 'Procedure':
      return resource.performedDateTime;
    case 'Condition':
      return resource.onsetDateTime ?? resource.recordedDate;
    case 'AllergyIntolerance':
      return resource.onsetDateTime ?? resource.recordedDate;
  }
}
