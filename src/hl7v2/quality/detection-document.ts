import type { Severity } from '../finding.ts';

/**
 * A row of hl7v2/detections.json: one thing that can be said of the data of a message, by the code that immunization
 * registries share (AIRA's MQE codes). One without a rule is not judged here: what it asks is not in a message, or nobody
 * tells it.
 */
export type DetectionRow = {
  readonly code: string;
  /** What it speaks of, and what it says of that: "patient birth date", "missing". */
  readonly of: string;
  readonly is: string;
  /** PID-5.2; `OBX[64994-7]-5` is OBX-5 of the observation of that code; `NK1` the segment. */
  readonly at?: string;
  readonly rule?: RuleRow;
  /** Whether a sender is told of it in the acknowledgement, and how; a grade counts it in any case. */
  readonly tell?: Exclude<Severity, 'E'>;
  /** 0 to 3: how much it says against the data. */
  readonly weight: number;
};

/** What is asked of the place. `when` is a state of the dose, or a place that must be filled. */
export type RuleRow =
  | readonly ['present']
  | readonly ['missing', when?: string]
  | readonly ['not in', table: string, alsoTaken?: readonly string[]]
  | readonly ['one of', codes: readonly string[]]
  /** In an address of the country alone. */
  | readonly ['none of', codes: readonly string[], country: string]
  | readonly ['no date']
  /** `than` is a place, `sent` (the day of MSH-7) or `today`. */
  | readonly ['after' | 'before', than: string]
  | readonly ['not like', form: string]
  | readonly ['own', name: string];
