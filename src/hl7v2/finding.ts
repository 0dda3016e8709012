/** Where in a message something was found: ERR-2, an ERL (HL7 v2.5.1 §2.A.28). What is left out is not said. */
export type ErrorLocation = {
  readonly segment: string;
  /** Which one of its name in the message, from 1. */
  readonly occurrence: number;
  readonly field?: number;
  readonly repetition?: number;
  readonly component?: number;
  readonly subcomponent?: number;
};

/** HL70516 without F: E was not processed, W was and may have lost data, I is told only. */
export type Severity = 'E' | 'W' | 'I';

/** HL70357: what kind of error it is. */
export type ErrorCode =
  | '0'
  | '100'
  | '101'
  | '102'
  | '103'
  | '200'
  | '201'
  | '202'
  | '203'
  | '204'
  | '205'
  | '206'
  | '207';

/** HL70533: what the application says of it. */
export type ApplicationCode = '1' | '2' | '3' | '4' | '5' | '6' | '7';

/** One thing that a message is told about: an ERR segment. */
export type Finding = {
  readonly severity: Severity;
  readonly code: ErrorCode;
  readonly application?: ApplicationCode;
  /** A stable code of a detection (MQE0118), the second triplet of ERR-5. */
  readonly detection?: string;
  readonly location?: ErrorLocation;
  /** ERR-8: what a clinic reads and can act on, a sentence; what it quotes was sent in this message. */
  readonly text: string;
};
