import type { InteractionContext } from '../../interaction/context.ts';
import type { EpochDay } from '../../values/epoch-day.ts';
import {
  chooseKnowledgeBases,
  type KnowledgeBaseChoice,
  type KnowledgeBases,
} from './choose-knowledge-base.ts';
import type { ClinicalRecord } from './clinical-record.ts';
import { type ForecastNote, note } from './forecast-note.ts';
import { type ScheduleSettings, scheduleOfPatient } from './patient-schedule.ts';

type Asked = {
  readonly record: ClinicalRecord;
  readonly assessmentDate: EpochDay;
  readonly choices: readonly KnowledgeBaseChoice[];
  /** The record is kept here, so that its organization should be. */
  readonly isStored?: true;
};

/** Those that the request names; else the one of the patient, and a note that says why it is that one. */
export async function schedulesFor(
  { record, assessmentDate, choices, isStored }: Asked,
  settings: ScheduleSettings,
  ctx: InteractionContext,
): Promise<{ readonly knowledgeBases: KnowledgeBases; readonly notes: readonly ForecastNote[] }> {
  if (choices.length > 0) {
    return {
      knowledgeBases: chooseKnowledgeBases(settings.knowledgeBases, choices, assessmentDate),
      notes: [],
    };
  }
  const { resource, expression } = record.patient;
  const found = await scheduleOfPatient(resource, settings, { ctx, assessmentDate });
  const { knowledgeBase, because, unknown } = found;
  const texts = [
    ...(because === undefined ? [] : [`The schedule ${knowledgeBase.name} is followed, since ${because}`]),
    ...(unknown === undefined || !isStored ? [] : [`${unknown} is not kept here: its schedule is not known`]),
  ];
  return {
    knowledgeBases: [knowledgeBase],
    notes: texts.map((text) => note('information', text, expression)),
  };
}
