import { expect, it } from 'vitest';
import { vaccineFactsOf } from '../../../../src/registry/forecasting/vaccine-facts.ts';
import { loadKnowledgeBases } from '../../../../src/shipped/knowledge-bases.ts';
import { formatEpochDay, toEpochDay } from '../../../../src/values/epoch-day.ts';

const [knowledgeBase] = loadKnowledgeBases('no-such-folder');
const factsOf = vaccineFactsOf(knowledgeBase);
const birth = toEpochDay(2024, 1, 1);

// Ages as CDC's supporting data 4.64 has them, with their four days of grace.
it.each([
  ['MMR: 12 months', '03', 'MMR', '2024-12-28'],
  ['measles for a journey: six months are for a risk', '05', 'MMR', '2024-12-28'],
  ['hepatitis B: at birth', '08', 'HepB', '2024-01-01'],
  ['a combination: its oldest part', '146', 'DTaP/Tdap/Td, Polio, HepB, Hib', '2024-02-08'],
  ['PCV 20: six weeks', '216', 'Pneumococcal', '2024-02-08'],
  ['rabies, which is for a risk alone', '175', 'Rabies', '2024-01-01'],
  ['recombinant zoster: 18 years', '187', 'Zoster', '2041-12-28'],
])('knows from when a vaccine counts: %s', (_what, cvx, groups, first) => {
  const facts = factsOf(cvx);
  expect([...facts.groups].sort()).toEqual(groups.split(', ').sort());
  const day = facts.firstDayFor(birth);
  expect(day === undefined ? undefined : formatEpochDay(day)).toBe(first);
});

it('knows nothing of a vaccine that the schedule has not', () => {
  const { groups, firstDayFor } = factsOf('999');
  expect([groups, firstDayFor(birth)]).toEqual([[], undefined]);
});
