import type { InteractionContext } from '../../interaction/context.ts';
import type { EpochDay } from '../../values/epoch-day.ts';
import {
  chooseKnowledgeBases,
  type KnowledgeBaseChoice,
  type KnowledgeBases,
} from './choose-knowledge-base.ts';
import type { ClinicalRecord } from './clinical-record.ts';
import { type ForecastNote, note } from './forecast-note.ts';
import { type ReadOrganizations, type ScheduleSettings, scheduleOfPatient } from './patient-schedule.ts';

type Asked = {
  readonly record: ClinicalRecord;
  readonly assessmentDate: EpochDay;
  readonly choices: readonly KnowledgeBaseChoice[];
  /** The record is kept here, so that its organization should be. */
  readonly isStored?: true;
  readonly organizations?: ReadOrganizations | undefined;
};

export type ChosenSchedules = {
  readonly knowledgeBases: KnowledgeBases;
  readonly notes: readonly ForecastNote[];
  /** Of the notes those that do not say which schedule is followed. */
  readonly besides: readonly ForecastNote[];
  /** Of the patient's: what the notes say, where it is not the one of the server. */
  readonly because?: string;
};

/** Those that the request names; else the one of the patient, and a note that says why it is that one. */
export async function schedulesFor(
  { record, assessmentDate, choices, isStored, organizations }: Asked,
  settings: ScheduleSettings,
  ctx: InteractionContext,
): Promise<ChosenSchedules> {
  if (choices.length > 0) {
    return {
      knowledgeBases: chooseKnowledgeBases(settings.knowledgeBases, choices, assessmentDate),
      notes: [],
      besides: [],
    };
  }
  const { resource, expression } = record.patient;
  const found = await scheduleOfPatient(resource, settings, { ctx, assessmentDate, organizations });
  const { knowledgeBase, because, unknown } = found;
  const told = (text: string) => note('information', text, expression);
  const followed =
    because === undefined ? [] : [told(`The schedule ${knowledgeBase.name} is followed, since ${because}`)];
  const besides =
    unknown === undefined || !isStored
      ? []
      : [told(`${unknown} is not kept here: its schedule is not known`)];
  return {
    knowledgeBases: [knowledgeBase],
    notes: [...followed, ...besides],
    besides,
    ...(because !== undefined && { because }),
  };
}
