import { hardRuleFor } from './hard-rules.ts';
import { compareLevels, type MatchField, matchFields } from './match-fields.ts';
import type { MatchModel } from './match-model.ts';
import type { MatchGrade, MatchOutcome } from './match-outcome.ts';
import type { MatchRecord } from './match-record.ts';

export type FieldPoints = { readonly field: MatchField; readonly level: string; readonly points: number };

export type Comparison = {
  readonly outcome: MatchOutcome;
  readonly grade: MatchGrade;
  /** 0 to 1, by the points alone; below `certain` where a rule forbids it. */
  readonly score: number;
  readonly points: number;
  /** What each field said, `missing` ones too. */
  readonly fields: readonly FieldPoints[];
  /** The rule that decided in place of the points. */
  readonly rule?: string;
};

/** Whether two records are of one person. The order of the two changes nothing. */
export function compareRecords(model: MatchModel, a: MatchRecord, b: MatchRecord): Comparison {
  const levels = compareLevels(a, b);
  const fields: FieldPoints[] = [];
  let points = 0;
  for (const field of matchFields) {
    const level = levels[field];
    const worth = model.points[field][level] ?? 0;
    points += worth;
    fields.push({ field, level, points: worth });
  }
  const byPoints = outcomeOf(model, points);
  const ruled = hardRuleFor(levels, byPoints);
  const outcome = ruled?.outcome ?? byPoints;
  return {
    outcome,
    grade: gradeOf(model, outcome, points),
    score: scoreOf(model, outcome, points),
    points,
    fields,
    ...(ruled && { rule: ruled.rule }),
  };
}

function outcomeOf({ thresholds }: MatchModel, points: number): MatchOutcome {
  if (points >= thresholds.match) return 'match';
  return points >= thresholds.possible ? 'possible' : 'none';
}

/** Of those to be looked at by people, the upper half of the band is probable. */
function gradeOf({ thresholds }: MatchModel, outcome: MatchOutcome, points: number): MatchGrade {
  switch (outcome) {
    case 'match':
      return 'certain';
    case 'possible':
      return points >= (thresholds.possible + thresholds.match) / 2 ? 'probable' : 'possible';
    case 'none':
      return 'certainly-not';
  }
}

/** The mean of both odds, within what the outcome allows: so the order by score is never against the grades. */
function scoreOf({ thresholds, pointsPerLogit }: MatchModel, outcome: MatchOutcome, points: number): number {
  const chance = (threshold: number, at: number) => 1 / (1 + Math.exp((threshold - at) / pointsPerLogit));
  const scoreAt = (at: number) => (chance(thresholds.possible, at) + chance(thresholds.match, at)) / 2;
  const { possible, match } = thresholds;
  switch (outcome) {
    case 'match':
      return scoreAt(Math.max(points, match));
    case 'possible':
      return scoreAt(Math.min(Math.max(points, possible), match - 1));
    case 'none':
      return scoreAt(Math.min(points, possible - 1));
  }
}
