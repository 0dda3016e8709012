import type { AntigenForecast, JudgedSelection } from './antigen-forecast.ts';
import type {
  AntigenExplanation,
  CandidateExplanation,
  DoseExplanation,
  Explanation,
  RuleStep,
  SelectionExplanation,
  SeriesExplanation,
  VaccineGroupExplanation,
} from './explanation.ts';
import type { PatientForecast } from './forecast-patient.ts';
import { isNotYetStarted } from './order-forecasts.ts';
import type { Patient } from './patient.ts';
import { dosesOfSisterSeries } from './patient-dose-number.ts';
import type { ForecastSeries } from './patient-series.ts';
import { matchedIndications, reasonNotRelevant } from './relevant-series.ts';
import { toForecastDates } from './to-result.ts';
import type { BlendedForecast } from './vaccine-group-forecast.ts';

/** Tells what was found, and by which rules, once every rule has noted what it did; one antigen at each step. */
export function* explaining(
  patient: Patient,
  { antigens, vaccineGroups }: PatientForecast,
): Generator<void, Explanation> {
  const explained: AntigenExplanation[] = [];
  for (const each of antigens) {
    explained.push(explainAntigen(patient, each));
    yield;
  }
  return {
    antigens: explained,
    vaccineGroups: vaccineGroups.flat().map((each) => explainVaccineGroup(patient, each)),
  };
}

function explainAntigen(patient: Patient, found: AntigenForecast): AntigenExplanation {
  const { antigen, series, selections } = found;
  return {
    antigen: antigen.name,
    vaccineGroup: antigen.vaccineGroup,
    notRelevant: antigen.series.flatMap((each) => {
      const because = reasonNotRelevant(patient, each);
      return because ? [{ seriesName: each.name, because }] : [];
    }),
    series: series.map((each) => explainSeries(each, selections)),
    selections: selections.map(explainSelection),
  };
}

function explainSeries(each: ForecastSeries, selections: readonly JudgedSelection[]): SeriesExplanation {
  const { patient, series, forecast } = each;
  const selection = selections.find(({ choice }) => choice.prioritized === each);
  return {
    seriesName: series.name,
    seriesType: series.type,
    seriesGroup: series.group,
    indications: matchedIndications(patient, series),
    doses: explainDoses(each),
    status: forecast.status,
    ...(forecast.reason && { reason: forecast.reason }),
    ...(forecast.target && { targetDose: forecast.target.number, doseNumber: forecast.doseNumber }),
    ...(forecast.dates && { dates: toForecastDates(forecast.dates) }),
    forecastSteps: forecast.steps ?? [],
    prioritized: selection !== undefined,
    best: selection?.verdict?.best === true,
  };
}

function explainDoses({ records, judgments }: ForecastSeries): readonly DoseExplanation[] {
  return records.flatMap(({ index, date, given }) => {
    const judgment = judgments[index];
    if (!judgment) return [];
    const { status, reasons, targetDose, steps } = judgment;
    return [
      {
        doseId: given.id,
        date,
        cvx: given.cvx,
        ...(targetDose !== undefined && { targetDose }),
        status,
        reasons,
        steps: steps ?? [],
      },
    ];
  });
}

function explainSelection(selection: JudgedSelection): SelectionExplanation {
  const { seriesGroup, group, choice, verdict } = selection;
  const { table, decision, prioritized } = choice;
  return {
    seriesGroup,
    candidates: group.map((each) => explainCandidate(each, selection)),
    table,
    decision,
    ...(prioritized && { prioritized: prioritized.series.name }),
    best: verdict?.best === true,
    ...(verdict && { bestBecause: verdict.because }),
  };
}

function explainCandidate(each: ForecastSeries, selection: JudgedSelection): CandidateExplanation {
  return {
    seriesName: each.series.name,
    candidate: selection.candidates.includes(each),
    scorable: selection.scorable.includes(each),
    validDoses: each.satisfied.length,
    scores: selection.choice.scores.find(({ series }) => series === each)?.lines ?? [],
  };
}

function explainVaccineGroup(patient: Patient, blended: BlendedForecast): VaccineGroupExplanation {
  return {
    vaccineGroup: blended.vaccineGroup.name,
    seriesGroup: blended.seriesGroup,
    seriesType: blended.contained[0]?.series.series.type ?? 'Standard',
    status: blended.status,
    steps: [...(blended.contained.length > 1 ? blendSteps(blended) : []), ...numberSteps(blended)],
    notYetStarted: isNotYetStarted(patient, blended),
  };
}

/** Which antigen gave which date of a group of several. */
function blendSteps(blended: BlendedForecast): readonly RuleStep[] {
  const { contained, dates, status } = blended;
  const steps: RuleStep[] = contained.map(({ antigen, series }) => ({
    rule: 'Table 9-4',
    subject: `status of ${antigen.antigen.name}: ${series.forecast.status}`,
    outcome: series.forecast.status === status ? 'won' : 'considered',
  }));
  for (const { antigen, series } of contained) {
    const own = series.forecast.dates;
    if (!own || !dates) continue;
    const kinds = [
      ['MULTIANTVG-1', 'earliest', own.earliest, dates.earliest],
      ['FORECASTVG-2', 'recommended', own.recommended, dates.recommended],
      ['FORECASTVG-3', 'past due', own.pastDue, dates.pastDue],
      ['FORECASTVG-4', 'latest', own.latest, dates.latest],
    ] as const;
    for (const [rule, subject, limit, chosen] of kinds) {
      if (limit === undefined) continue;
      const outcome = limit === chosen ? 'won' : 'considered';
      steps.push({ rule, subject: `${subject} of ${antigen.antigen.name}`, limit, outcome });
    }
  }
  return [...steps, ...lastDoseSteps(blended)];
}

/** A priority forecast may be held back by the last dose of the group alone. */
function lastDoseSteps({ contained, dates, lastDose }: BlendedForecast): readonly RuleStep[] {
  const hasPriority = contained.some(({ series }) => series.forecast.isPriority);
  if (!hasPriority || !dates || lastDose !== dates.earliest) return [];
  return [
    { rule: 'MULTIANTVG-1', subject: 'earliest: last dose of the group', limit: lastDose, outcome: 'won' },
  ];
}

/** Doses that count although another series found them valid. */
function numberSteps({ contained, doseNumber }: BlendedForecast): readonly RuleStep[] {
  if (doseNumber === undefined) return [];
  return contained.flatMap(({ antigen, series }) =>
    dosesOfSisterSeries(antigen, series).map(
      ({ date, given }): RuleStep => ({
        rule: 'FORECASTDN-1',
        subject: `dose number counts dose ${given.id}, valid in another series`,
        reference: date,
        outcome: 'passed',
      }),
    ),
  );
}
