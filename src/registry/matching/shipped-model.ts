import model from './match-model.json' with { type: 'json' };
import { type MatchModel, requireModel } from './match-model.ts';

/** The points that this release was trained to. */
export const shippedModel: MatchModel = requireModel(model);
