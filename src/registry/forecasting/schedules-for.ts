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
};

export type ChosenSchedules = {
  readonly knowledgeBases: KnowledgeBases;
  readonly notes: readonly ForecastNote[];
  /** Of the patient's: what the notes say, where it is not the one of the server. */
  readonly because?: string;
};

/** Those that the request names; else the one of the patient, and a note that says why it is that one. */
export async function schedulesFor(
  { record, assessmentDate, choices }: Asked,
  settings: ScheduleSettings,
  ctx: InteractionContext,
): Promise<ChosenSchedules> {
  if (choices.length > 0) {
    return { knowledgeBases: chooseKnowledgeBases(settings.knowledgeBases, choices), notes: [] };
  }
  const { resource, expression } = record.patient;
  const { knowledgeBase, because } = await scheduleOfPatient(resource, settings, { ctx, assessmentDate });
  if (because === undefined) return { knowledgeBases: [knowledgeBase], notes: [] };
  const text = `The schedule ${knowledgeBase.name} is followed, since ${because}`;
  return { knowledgeBases: [knowledgeBase], notes: [note('information', text, expression)], because };
}
