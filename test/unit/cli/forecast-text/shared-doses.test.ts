import { expect, it } from 'vitest';
import type { Row } from '../../../../src/cli/forecast-text/sections.ts';
import { renderCombinations, sharedWith } from '../../../../src/cli/forecast-text/shared-doses.ts';
import type { VaccineGroupForecast } from '../../../../src/forecast/forecast-result.ts';
import { toKnowledgeBase } from '../../../../src/registry/forecasting/knowledge-base.ts';
import { parseCvxCode } from '../../../../src/values/vaccine-code.ts';
import { compile, day, scheduleData } from '../../forecast/small-schedule.ts';

// CVX 10 holds Polio, CVX 03 Measles.
const data = scheduleData();
const knowledgeBase = toKnowledgeBase(data, compile(data));
const on = { assessmentDate: day('2026-03-01'), pregnancy: undefined };

type Given = Partial<VaccineGroupForecast> & { readonly earliest?: string; readonly recommended?: string };

function row(section: Row['section'], vaccineGroup: string, cvx: readonly string[], more: Given = {}): Row {
  const { earliest = '2026-01-01', recommended = '2026-02-01', ...rest } = more;
  const dates = {
    earliest: day(earliest),
    recommended: day(recommended),
    unadjustedRecommended: day(recommended),
  };
  const each: VaccineGroupForecast = {
    vaccineGroup,
    seriesGroup: '1',
    seriesType: 'Standard',
    seriesNames: [],
    status: 'Not Complete',
    reasons: [],
    dates,
    seriesDoses: 1,
    isSharedDecision: false,
    permissive: false,
    antigensNeeded: [],
    antigens: [],
    recommendedVaccines: [],
    otherVaccines: [],
    namedVaccines: cvx.flatMap((code) => parseCvxCode(code) ?? []),
    contraindicatedVaccines: [],
    supportingDoses: [],
    supportingObservations: [],
    ...rest,
  };
  return { each, section, dates: section === 'Must not be given' ? undefined : dates };
}

it.each([
  ['Due now', '2026-01-01', '2026-02-01', true],
  // It may be given today though it is recommended later.
  ['Later', '2026-02-01', '2026-06-01', true],
  ['Later', '2026-03-02', '2026-06-01', false],
] as const)(
  'says of a row %s, possible from %s, whether today’s dose serves it: %s',
  (section, earliest, recommended, isSaid) => {
    const first = row('Due now', 'Polio', ['10']);
    const second = row(section, 'Polio', ['02', '10'], { earliest, recommended });
    const said = sharedWith(second, [first, second], on, knowledgeBase);
    expect(said !== undefined).toBe(isSaid);
    expect(sharedWith(first, [first, second], on, knowledgeBase)).toBeUndefined();
  },
);

it('shares no dose between rows that name no vaccine in common, or are of two groups', () => {
  const first = row('Due now', 'Polio', ['10']);
  for (const second of [row('Due now', 'Polio', ['02']), row('Due now', 'MMR', ['10'])]) {
    expect(sharedWith(second, [first, second], on, knowledgeBase)).toBeUndefined();
  }
});

it('tells a combination of several groups, unless a part of it must not be given', () => {
  const due = [row('Due now', 'Polio', ['10']), row('Overdue', 'MMR', ['10'])];
  const told = (...rows: readonly Row[]) => renderCombinations([...due, ...rows], on, knowledgeBase);
  expect(told()).toEqual(['  one dose of vaccine 10 (CVX 10) serves Polio and MMR']);
  const contraindicated = { status: 'Contraindicated', antigens: ['Polio', 'Measles'] } as const;
  expect(told(row('Must not be given', 'Other', [], contraindicated))).toEqual([]);
  const needed = { ...contraindicated, antigensNeeded: ['Polio'] };
  expect(told(row('Due now', 'Other', [], needed))).toHaveLength(1);
  const [forbidden] = due[0]?.each.namedVaccines ?? [];
  expect(
    told(row('Due now', 'Other', [], { contraindicatedVaccines: forbidden ? [forbidden] : [] })),
  ).toEqual([]);
  // What comes later is not given today.
  expect(
    renderCombinations([row('Due now', 'Polio', ['10']), row('Later', 'MMR', ['10'])], on, knowledgeBase),
  ).toEqual([]);
});
