import type { Message, Segment } from './er7/message.ts';
import type { Finding } from './finding.ts';
import type { Detected } from './quality/detections.ts';

/** ORC, RXA and what belongs to them: one dose, or one statement under RXA-5 998. */
export type OrderGroup = {
  /** Which order group of the message it is, from 1. */
  readonly number: number;
  readonly orc?: Segment;
  readonly rxa: Segment;
  readonly rxr?: Segment;
  readonly obxs: readonly Observation[];
};

/** An OBX and the NTEs that follow it. */
export type Observation = { readonly obx: Segment; readonly notes: readonly Segment[] };

/**
 * A VXU that the guide's cascade has gone over (CDC IG 1.5, table 3-1): what was unfit in it is empty or gone, and has a
 * finding. `refused`: nothing of it may be kept. `detected`: what else its data can be told, on the day of the check.
 */
export type CheckedVxu =
  | {
      readonly kind: 'refused';
      readonly findings: readonly Finding[];
      readonly detected?: Detected;
    }
  | {
      readonly kind: 'accepted';
      readonly message: Message;
      readonly msh: Segment;
      readonly pid: Segment;
      readonly pd1?: Segment;
      readonly nk1s: readonly Segment[];
      readonly pv1?: Segment;
      readonly orders: readonly OrderGroup[];
      readonly findings: readonly Finding[];
      readonly detected?: Detected;
      /** Segments and fields that were sent and have no place in the mapping: kept with the message, and counted. */
      readonly withoutPlace: readonly string[];
    };
