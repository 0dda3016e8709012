import type { Asked } from '../registry/ehr-record/ask-forecast.ts';
import type { EhrRecord } from '../registry/ehr-record/ehr-record.ts';
import type { HookCall } from './parse-call.ts';

/** What cards are made of. */
export type Told = {
  readonly call: HookCall;
  readonly ehr: EhrRecord;
  readonly asked: Asked;
  readonly newId: () => string;
  readonly publicUrl: string;
  /** Where the EHR opens the app; absent where it knows none. */
  readonly launchUrl: string | undefined;
};
