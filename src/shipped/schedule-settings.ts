import { Problem } from '../fhir/problem.ts';
import {
  chooseKnowledgeBase,
  type KnowledgeBaseChoice,
  type KnowledgeBases,
  parseKnowledgeBase,
} from '../registry/forecasting/choose-knowledge-base.ts';
import type { KnowledgeBase } from '../registry/forecasting/knowledge-base.ts';
import type { ScheduleSettings } from '../registry/forecasting/patient-schedule.ts';
import { stateCode } from '../registry/forecasting/state-codes.ts';
import { toEpochDay } from '../values/epoch-day.ts';
import { OperatorError } from '../values/operator-error.ts';
import { leftOutBy } from './vaccines.ts';

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
  const [cdc] = bases;
  const choice = schedule === undefined ? { base: cdc.id } : parseKnowledgeBase(schedule);
  const followed = installed(bases, choice, 'JENNER_SCHEDULE');
  const others = bases.filter((each) => each !== followed);
  const states = [...scheduleStates].map(([state, text]): readonly [string, KnowledgeBaseChoice] => {
    const ofState = parseKnowledgeBase(text);
    installed(bases, ofState, 'JENNER_SCHEDULE_STATES');
    return [stateCode(state), ofState];
  });
  return {
    knowledgeBases: [followed, ...others],
    followed: choice,
    scheduleOfState: new Map(states),
    leftOut: leftOutBy(followed),
  };
}

/** Which version it is matters only later: it must be there. */
const lastDay = toEpochDay(9999, 12, 31);

function installed(bases: KnowledgeBases, choice: KnowledgeBaseChoice, variable: string): KnowledgeBase {
  try {
    return chooseKnowledgeBase(bases, choice, lastDay);
  } catch (cause) {
    if (!(cause instanceof Problem)) throw cause;
    throw new OperatorError(`${variable}: ${cause.message}`, { cause });
  }
}
