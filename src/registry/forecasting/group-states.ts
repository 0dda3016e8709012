import type { Patient } from 'fhir/r4.js';
import { Problem } from '../../fhir/problem.ts';
import { forecast } from '../../forecast/forecast.ts';
import type { Forecast } from '../../forecast/forecast-result.ts';
import type { InteractionContext } from '../../interaction/context.ts';
import type { EpochDay } from '../../values/epoch-day.ts';
import type { ResourceId } from '../../values/resource-id.ts';
import type { ClinicalRecord } from './clinical-record.ts';
import { withoutDistant } from './distant.ts';
import { forPregnancies } from './for-pregnancy.ts';
import { readHistory } from './forecast-answer.ts';
import type { ForecastSettings } from './forecast-operations.ts';
import type { KnowledgeBase } from './knowledge-base.ts';
import type { ReadOrganizations } from './patient-schedule.ts';
import { readClinicalRecords } from './read-clinical-record.ts';
import { schedulesFor } from './schedules-for.ts';
import type { HistoryReading } from './to-patient-history.ts';
import { forecastStatuses, forecastStatusOf } from './to-recommendation.ts';
import { type StatusCode, vaccineStatus } from './vaccine-status.ts';
import { withoutRepeated } from './without-repeated.ts';

/** What is said of a vaccine group: of several series the one that comes first. */
export type GroupState = {
  /** CDSi's name. */
  readonly group: string;
  /** The code that `$immds-forecast` answers as `forecastStatus`. */
  readonly forecastStatus: string;
  /** What pages say of it. */
  readonly status: StatusCode;
};

export type PersonStates = {
  readonly id: ResourceId;
  readonly patient: Patient;
  readonly groups: readonly GroupState[];
  /** Why nothing could be worked out, as a forecast of this person would say; then there are no groups. */
  readonly problem?: Problem;
};

/** So many are read at once: more make no search cheaper, and a page of the store holds what they have. */
const readAtOnce = 10;

/**
 * What each vaccine group of many persons is on a day, in their order, as `$immds-forecast` says it of one: without an answer in
 * FHIR, and read many at once. Who is not seen is left out.
 */
async function* groupStates(
  ctx: InteractionContext,
  ids: readonly ResourceId[],
  settings: ForecastSettings,
  day: EpochDay,
): AsyncGenerator<PersonStates> {
  const organizations: ReadOrganizations = new Map();
  for (let at = 0; at < ids.length; at += readAtOnce) {
    const records = await readClinicalRecords(ctx, ids.slice(at, at + readAtOnce));
    for (const [id, record] of records) {
      await ctx.pace();
      const states = await statesOf(ctx, { id, record, settings, day, organizations });
      yield { id, patient: record.patient.resource, ...states };
    }
  }
}

/** `groupStates` by the schedules that this server follows, today where no day is named; `known` is what it can say. */
export function groupStatesBy(settings: ForecastSettings) {
  const run = (
    ctx: InteractionContext,
    ids: readonly ResourceId[],
    day?: EpochDay,
  ): AsyncGenerator<PersonStates> => groupStates(ctx, ids, settings, day ?? ctx.clock.today());
  const names = settings.knowledgeBases.flatMap(({ schedule }) => schedule.vaccineGroups);
  const groups = [...new Set(names.map(({ name }) => name))].sort();
  return Object.assign(run, { known: { groups, statuses: [...forecastStatuses, 'due', 'overdue'] } });
}

type Asked = {
  readonly id: ResourceId;
  readonly record: ClinicalRecord;
  readonly settings: ForecastSettings;
  readonly day: EpochDay;
  readonly organizations: ReadOrganizations;
};

async function statesOf(
  ctx: InteractionContext,
  asked: Asked,
): Promise<Omit<PersonStates, 'id' | 'patient'>> {
  const { id, record: whole, settings, day, organizations } = asked;
  const { record } = await withoutRepeated(whole, { ctx, id, leftOut: settings.leftOut });
  try {
    const { shown } = await workOut(ctx, { record, settings, day, organizations });
    return { groups: toStates(shown, day) };
  } catch (thrown) {
    if (thrown instanceof Problem && thrown.status === 422) return { groups: [], problem: thrown };
    throw thrown;
  }
}

type Workable = Omit<Asked, 'id' | 'organizations'> & Partial<Pick<Asked, 'organizations'>>;

/** What is due of a record, by which schedule, and from what. */
export type WorkedOut = {
  readonly knowledgeBase: KnowledgeBase;
  readonly reading: HistoryReading;
  /** For the weeks of a pregnancy. */
  readonly whole: Forecast;
  /** The same without what is due in decades. */
  readonly shown: Forecast;
};

/** Works out what is due by the schedule of the person. Throws a Problem (422) of a birth date or a schedule that is not there. */
export async function workOut(
  ctx: InteractionContext,
  { record, settings, day: assessmentDate, organizations }: Workable,
): Promise<WorkedOut> {
  const asked = { record, assessmentDate, choices: [], isStored: true, organizations } as const;
  const { knowledgeBases } = await schedulesFor(asked, settings, ctx);
  const [knowledgeBase] = knowledgeBases;
  const { countryWhereUnknown } = settings;
  const reading = readHistory({ record, assessmentDate, knowledgeBase, countryWhereUnknown });
  await ctx.pace();
  const result = forecast(knowledgeBase.schedule, reading.history, assessmentDate);
  const whole = forPregnancies(result, reading.pregnancy, knowledgeBase.schedule);
  return { knowledgeBase, reading, whole, shown: withoutDistant(whole).forecast };
}

function toStates({ forecasts }: Forecast, day: EpochDay): readonly GroupState[] {
  const states = new Map<string, GroupState>();
  for (const each of forecasts) {
    const { vaccineGroup: group } = each;
    if (states.has(group)) continue;
    states.set(group, {
      group,
      forecastStatus: forecastStatusOf(each),
      status: vaccineStatus(each, day).code,
    });
  }
  return [...states.values()];
}
