/** A text that is parsed piece by piece, so that others may come first in between. */
export type StepwiseParse<Parsed> = {
  /** Reads some thousand characters on; the outcome, once there is one. */
  readonly step: () => Parsed | undefined;
};

/** Reads the whole at a stretch. */
export function parseAtOnce<Parsed>({ step }: StepwiseParse<Parsed>): Parsed {
  for (;;) {
    const parsed = step();
    if (parsed) return parsed;
  }
}

/** Reads it with a pause after each step. */
export async function parseWithPauses<Parsed>(
  { step }: StepwiseParse<Parsed>,
  pause: () => Promise<void> | undefined,
): Promise<Parsed> {
  for (;;) {
    const parsed = step();
    if (parsed) return parsed;
    await pause();
  }
}
