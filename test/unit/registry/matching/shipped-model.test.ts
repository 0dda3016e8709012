import { expect, it } from 'vitest';
import trained from '../../../../src/registry/matching/match-model.json' with { type: 'json' };
import { requireModel } from '../../../../src/registry/matching/match-model.ts';
import { shippedModel } from '../../../../src/registry/matching/shipped-model.ts';

it('ships with figures of its training that meet the aims', () => {
  const { threeClass, falseMerges, matchesCalledNot } = trained.training.crossValidated['AIRA-C'];
  expect(threeClass).toBeGreaterThanOrEqual(0.94);
  expect(falseMerges).toBeLessThanOrEqual(1);
  expect(matchesCalledNot).toBe(0);
});

it('counts nothing that agrees against a match, and nothing that differs for it', () => {
  const told = ['same', 'same-owner', 'same-default', 'same-order'];
  const elements = Object.entries(shippedModel.points).filter(
    ([field]) => !['pattern', 'support', 'household', 'differences'].includes(field),
  );
  for (const [field, levels] of elements) {
    for (const [level, points] of Object.entries(levels)) {
      if (told.includes(level)) expect(points, `${field} ${level}`).toBeGreaterThanOrEqual(0);
      if (level === 'different') expect(points, `${field} ${level}`).toBeLessThanOrEqual(0);
    }
  }
});

it('is refused where it decides nothing', () => {
  const { thresholds, points } = shippedModel;
  expect(() =>
    requireModel({ ...shippedModel, thresholds: { possible: thresholds.match, match: 1 } }),
  ).toThrow('order');
  const { given: _given, ...rest } = points;
  expect(() => requireModel({ ...shippedModel, points: rest as typeof points })).toThrow('given');
});
