import type { CdsiCase, CdsiDose, ExpectedForecast } from './cdsi-case.ts';

/** What an engine, or a server, answered for a case. */
export type Answer = {
  /** The forecast that comes first for the vaccine group of the case; dates as in ISO 8601. */
  readonly forecast: ExpectedForecast | undefined;
  /** By place of the dose in the case: every judgment of it. */
  readonly doses: readonly (readonly DoseJudgment[])[];
};

export type DoseJudgment = {
  readonly vaccineGroup: string;
  readonly status: string;
  readonly reasons?: readonly string[];
  /** Given when judgments in series that are not the best are among them. */
  readonly seriesType?: string;
};

/** Where the answer differs from what the case expects; empty when it passes. */
export function differences(expected: CdsiCase, answer: Answer): readonly string[] {
  const doses = (expected.doses ?? []).flatMap((dose, i) => {
    const found = judgedStatus(expected, dose, answer.doses[i] ?? []);
    return found === dose.status ? [] : [`dose ${i + 1}: expected ${dose.status}, found ${found}`];
  });
  return [...forecastDifferences(expected.expected, answer.forecast), ...doses];
}

/** Which reasons that the case names were not among those found. */
export function missedReasons(expected: CdsiCase, answer: Answer): readonly string[] {
  return (expected.doses ?? []).flatMap(({ reason }, i) => {
    const found = (answer.doses[i] ?? []).flatMap(({ reasons }) => reasons ?? []);
    return reason === undefined || found.includes(reason) ? [] : [`dose ${i + 1}: ${reason}, found ${found}`];
  });
}

const comparedWhenNeeded = ['doseNumber', 'earliest', 'recommended', 'pastDue'] as const;

function forecastDifferences(
  expected: ExpectedForecast,
  found: ExpectedForecast | undefined,
): readonly string[] {
  if (expected.status !== found?.status)
    return [`status: expected ${expected.status}, found ${found?.status}`];
  if (expected.status !== 'Not Complete') return [];
  return comparedWhenNeeded.flatMap((field) =>
    expected[field] === found[field] ? [] : [`${field}: expected ${expected[field]}, found ${found[field]}`],
  );
}

/**
 * One status for the dose: Valid if it is for any antigen of the group, else Not Valid, else what is left. A dose
 * of another vaccine group is judged in its own; one that names a type of series, in series of that type where any
 * applies to the patient.
 */
function judgedStatus(expected: CdsiCase, dose: CdsiDose, judgments: readonly DoseJudgment[]): string {
  const ofGroup = orAll(judgments, ({ vaccineGroup }) => vaccineGroup === expected.vaccineGroup);
  const ofType = orAll(ofGroup, ({ seriesType }) => seriesType === dose.seriesType);
  const statuses = ofType.map(({ status }) => status);
  return ['Valid', 'Not Valid'].find((status) => statuses.includes(status)) ?? statuses[0] ?? 'nothing';
}

/** Those that fit, or all when none does. */
function orAll<T>(items: readonly T[], fits: (item: T) => boolean): readonly T[] {
  const fitting = items.filter(fits);
  return fitting.length > 0 ? fitting : items;
}
