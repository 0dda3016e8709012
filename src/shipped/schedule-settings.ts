import { Problem } from '../fhir/problem.ts';
import {
  chooseKnowledgeBase,
  type KnowledgeBaseChoice,
  type KnowledgeBases,
  parseKnowledgeBase,
} from '../registry/forecasting/choose-knowledge-base.ts';
import type { KnowledgeBase } from '../registry/forecasting/knowledge-base.ts';
import type { ScheduleSettings } from '../registry/forecasting/patient-schedule.ts';
import { OperatorError } from '../values/operator-error.ts';

export type Wanted = {
  /** `ID` or `ID|VERSION`; undefined: CDC's newest. */
  readonly schedule: string | undefined;
  /** By what an address names as state. */
  readonly scheduleStates: ReadonlyMap<string, string>;
};

/** Which schedule is followed for whom. Throws an OperatorError that names the variable of one that is not there. */
export function scheduleSettings(
  bases: KnowledgeBases,
  { schedule, scheduleStates }: Wanted,
): ScheduleSettings {
  const [newest] = bases;
  const followed =
    schedule === undefined ? newest : installed(bases, parseKnowledgeBase(schedule), 'JENNER_SCHEDULE');
  const others = bases.filter((each) => each !== followed);
  const states = [...scheduleStates].map(([state, text]): readonly [string, KnowledgeBaseChoice] => {
    const choice = parseKnowledgeBase(text);
    installed(bases, choice, 'JENNER_SCHEDULE_STATES');
    return [state, choice];
  });
  return { knowledgeBases: [followed, ...others], scheduleOfState: new Map(states) };
}

function installed(bases: KnowledgeBases, choice: KnowledgeBaseChoice, variable: string): KnowledgeBase {
  try {
    return chooseKnowledgeBase(bases, choice);
  } catch (cause) {
    if (!(cause instanceof Problem)) throw cause;
    throw new OperatorError(`${variable}: ${cause.message}`, { cause });
  }
}

/** Those that are followed without being asked for by name or by an organization. */
export function followedSchedules({
  knowledgeBases,
  scheduleOfState,
}: ScheduleSettings): readonly KnowledgeBase[] {
  const ofStates = [...(scheduleOfState?.values() ?? [])].map((choice) =>
    chooseKnowledgeBase(knowledgeBases, choice),
  );
  return [...new Set([knowledgeBases[0], ...ofStates])];
}
