import { type MatchField, matchFields } from './match-fields.ts';

/** Points by field and level, and from how many points on it is which outcome; trained by tools/train-matching.mjs. */
export type MatchModel = {
  readonly name: string;
  readonly points: Readonly<Record<MatchField, Readonly<Record<string, number>>>>;
  readonly thresholds: { readonly possible: number; readonly match: number };
  /** So many points make the odds e times as high. */
  readonly pointsPerLogit: number;
};

/** Throws where a field lacks points or the thresholds are in no order: such a model decides nothing. */
export function requireModel(model: MatchModel): MatchModel {
  for (const field of matchFields) {
    if (model.points[field] === undefined) throw new Error(`The matching model has no points for ${field}`);
  }
  const { possible, match } = model.thresholds;
  if (!(possible < match) || !(model.pointsPerLogit > 0))
    throw new Error('The matching model has thresholds in no order');
  return model;
}
