import type { DoseEvaluation, EvaluationStatus } from '../../../forecast/forecast-result.ts';
import type { AdministeredDose } from '../../../forecast/patient-history.ts';
import type { DoseMark, DoseReason, DoseView } from './record-view.ts';

export type MarkedDose = Pick<DoseView, 'mark' | 'reason' | 'countsFor'>;

type Judged = {
  /** Of this dose, in this vaccine group. */
  readonly evaluations: readonly DoseEvaluation[];
  /** Names of the series that is shown for the group. */
  readonly shown: readonly string[];
  readonly condition: AdministeredDose['condition'];
};

/**
 * One mark for a dose that several series have judged, which often contradict each other: that of the series that is
 * shown; of an antigen that it does not judge, valid in any series counts.
 */
export function markDose({ evaluations, shown, condition }: Judged): MarkedDose {
  const deciding = antigensOf(evaluations).map((antigen) => decidingOf(antigen, evaluations, shown));
  const counted = deciding.filter(({ status }) => status === 'Valid').map(({ antigen }) => antigen);
  const [against] = deciding.filter(({ status }) => status !== 'Valid');
  if (deciding.length === 0) return { mark: 'unjudged', reason: 'no-series' };
  if (!against) return { mark: 'counts' };
  const reason = reasonOf(against, condition);
  if (counted.length > 0) return { mark: 'counts', countsFor: counted, ...reason };
  return { mark: marks[against.status], ...reason };
}

const marks: Readonly<Record<EvaluationStatus, DoseMark>> = {
  Valid: 'counts',
  'Not Valid': 'not',
  Extraneous: 'extra',
  'Sub-standard': 'weak',
};

function antigensOf(evaluations: readonly DoseEvaluation[]): readonly string[] {
  return [...new Set(evaluations.map(({ antigen }) => antigen))];
}

function decidingOf(
  antigen: string,
  evaluations: readonly DoseEvaluation[],
  shown: readonly string[],
): DoseEvaluation {
  const own = evaluations.filter((each) => each.antigen === antigen);
  const inShown = own.filter(({ seriesName }) => shown.includes(seriesName));
  const asked = inShown.length > 0 ? inShown : own;
  return asked.find(({ status }) => status === 'Valid') ?? (asked[0] as DoseEvaluation);
}

function reasonOf(
  { reasons: [reason] }: DoseEvaluation,
  condition: AdministeredDose['condition'],
): { readonly reason?: DoseReason } {
  if (reason === undefined) return {};
  const isNamed = reason === 'dose-condition' && condition !== undefined && condition !== 'other';
  return { reason: isNamed ? condition : reason };
}
