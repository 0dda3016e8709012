import type { EhrApp } from './auth/auth-server.ts';
import type { Operation } from './operation/operation.ts';
import { observationCodes } from './registry/forecasting/observation-title.ts';
import type { ScheduleSettings } from './registry/forecasting/patient-schedule.ts';

/** What Jenner's own app works with inside an EHR; names are those of the first schedule. */
export function ehrAppOf(
  operations: readonly Operation[],
  { knowledgeBases: [base], leftOut }: Pick<ScheduleSettings, 'knowledgeBases' | 'leftOut'>,
  fetch: EhrApp['fetch'],
): EhrApp {
  return {
    operations,
    leftOut,
    vaccineName: base.displayOf,
    observationCode: observationCodes(base),
    ...(fetch && { fetch }),
  };
}
