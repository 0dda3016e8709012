import type { EpochDay } from '../../values/epoch-day.ts';
import { chooseKnowledgeBase } from './choose-knowledge-base.ts';
import type { KnowledgeBase } from './knowledge-base.ts';
import type { ScheduleSettings } from './patient-schedule.ts';

/** Those that are followed on the day without being asked for by name or by an organization; the server's own first. */
export function followedSchedules(
  { knowledgeBases, followed = {}, scheduleOfState }: ScheduleSettings,
  day: EpochDay,
): readonly KnowledgeBase[] {
  const choices = [followed, ...(scheduleOfState?.values() ?? [])];
  return [...new Set(choices.map((choice) => chooseKnowledgeBase(knowledgeBases, choice, day)))];
}
