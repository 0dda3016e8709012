import type { ParsedJson } from './fhir-json.ts';

/** A text that is parsed piece by piece, so that others may come first in between. */
export type StepwiseParse = {
  /** Reads some thousand characters on; the outcome, once there is one. */
  readonly step: () => ParsedJson | undefined;
};

/** Reads the whole at a stretch. */
export function parseAtOnce({ step }: StepwiseParse): ParsedJson {
  for (;;) {
    const parsed = step();
    if (parsed) return parsed;
  }
}

/** Reads it with a pause after each step. */
export async function parseWithPauses(
  { step }: StepwiseParse,
  pause: () => Promise<void> | undefined,
): Promise<ParsedJson> {
  for (;;) {
    const parsed = step();
    if (parsed) return parsed;
    await pause();
  }
}
