import type { ValueSet } from 'fhir/r4.js';

/**
 * Members that one question may look at, those of what is included or excluded again and again counted each time: four
 * times as many as the largest value set has.
 */
export const maxLookedAt = 200_000;

/** A test of a concept costs so little beside taking it over. */
const testsPerMember = 10;

const stepsPerPause = 5_000;

/** What has been looked at for one question, and which value sets are being worked out for it. */
export type ExpansionWork = {
  readonly open: Set<ValueSet>;
  /** Both throw TooMuchWorkError past the bound; true when it is time to let others come first. */
  readonly lookAtMember: () => boolean;
  readonly test: (count: number) => boolean;
};

/** Stands for a fault; it does not leave the expansion. */
export class TooMuchWorkError extends Error {
  override readonly name = 'TooMuchWorkError';
}

/** Work that can be left between two steps. */
export type Steps<Result> = Generator<void, Result>;

export function openExpansionWork(): ExpansionWork {
  let done = 0;
  const count = (steps: number): boolean => {
    const before = done;
    done += steps;
    if (done > maxLookedAt * testsPerMember) throw new TooMuchWorkError();
    return Math.floor(before / stepsPerPause) !== Math.floor(done / stepsPerPause);
  };
  return { open: new Set(), lookAtMember: () => count(testsPerMember), test: count };
}

export function runAtOnce<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

export async function runWithPauses<Result>(
  steps: Steps<Result>,
  pause: () => Promise<void> | undefined,
): Promise<Result> {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    await pause();
  }
}
