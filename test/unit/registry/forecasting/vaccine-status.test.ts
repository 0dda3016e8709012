import { describe, expect, it } from 'vitest';
import type {
  DoseEvaluation,
  ForecastDates,
  VaccineGroupForecast,
} from '../../../../src/forecast/forecast-result.ts';
import { markDose } from '../../../../src/registry/forecasting/record-view/mark-dose.ts';
import { statusCodes, vaccineStatus } from '../../../../src/registry/forecasting/vaccine-status.ts';
import { type EpochDay, toEpochDay } from '../../../../src/values/epoch-day.ts';

const today = toEpochDay(2026, 11, 28);
const inDays = (days: number) => (today + days) as EpochDay;

function dates(earliest: number, recommended: number, pastDue?: number): ForecastDates {
  return {
    earliest: inDays(earliest),
    recommended: inDays(recommended),
    unadjustedRecommended: inDays(recommended),
    ...(pastDue !== undefined && { pastDue: inDays(pastDue) }),
  };
}

const group: VaccineGroupForecast = {
  vaccineGroup: 'MMR',
  seriesGroup: 'Standard',
  seriesType: 'Standard',
  seriesNames: ['MMR 2-dose series'],
  status: 'Not Complete',
  reasons: [],
  seriesDoses: 2,
  isSharedDecision: false,
  permissive: false,
  antigensNeeded: [],
  antigens: ['Measles', 'Mumps', 'Rubella'],
  recommendedVaccines: [],
  otherVaccines: [],
  namedVaccines: ['03' as never],
  contraindicatedVaccines: [],
  supportingDoses: [],
  supportingObservations: [],
};

const codeOf = (more: Partial<VaccineGroupForecast>) => vaccineStatus({ ...group, ...more }, today).code;

describe('the status of a vaccine group', () => {
  it('is later of what CDSi calls due in forty years', () => {
    expect(codeOf({ dates: dates(14_600, 14_700) })).toBe('later');
  });

  it.each([
    ['due', dates(-30, 0)],
    ['due', dates(0, 0, 100)],
    ['can', dates(0, 1)],
    ['later', dates(1, 1)],
  ] as const)('is %s by its dates alone', (code, given) => {
    expect(codeOf({ dates: given })).toBe(code);
  });

  it('is overdue since the day that the engine says, and not before', () => {
    expect(vaccineStatus({ ...group, dates: dates(-90, -60, -31), behindSince: inDays(-30) }, today)).toEqual(
      {
        code: 'overdue',
        since: inDays(-30),
        dates: dates(-90, -60, -31),
      },
    );
    expect(codeOf({ dates: dates(-90, -60, 0) })).toBe('due');
  });

  it('is never "not recommended" because the schedule ends with a season', () => {
    expect(codeOf({ status: 'Not Recommended', reasons: ['past-seasonal-end'] })).toBe('no-advice');
    expect(codeOf({ status: 'Not Recommended', reasons: ['not-recommended-by-authority'] })).toBe(
      'not-needed',
    );
  });

  it('is that of the antigens that are needed where another of the group must not be given', () => {
    const partly = { status: 'Contraindicated', neededDates: dates(-60, -30, -10) } as const;
    expect(vaccineStatus({ ...group, ...partly }, today)).toMatchObject({
      code: 'overdue',
      since: inDays(-9),
    });
    expect(codeOf({ ...partly, namedVaccines: [] })).toBe('do-not-give');
    expect(codeOf({ status: 'Contraindicated' })).toBe('do-not-give');
  });

  it('is a shared decision once its time has come, and can when nobody recommends it at this age', () => {
    expect(codeOf({ isSharedDecision: true, dates: dates(-9, -1, -1) })).toBe('shared-decision');
    expect(codeOf({ isSharedDecision: true, dates: dates(-9, 1) })).toBe('later');
    expect(codeOf({ permissive: true, dates: dates(-9, -1, -1) })).toBe('can');
    expect(codeOf({ permissive: true, dates: dates(-9, -1), namedVaccines: [] })).toBe('not-needed');
    expect(codeOf({ permissive: true, dates: dates(-9, 1), namedVaccines: [] })).toBe('later');
  });

  it.each([
    ['later', dates(5, 40), 40],
    ['later', dates(50, 40), 50],
    ['can', dates(-5, 40), 40],
    ['due', dates(-5, 0), undefined],
  ] as const)('of what is %s tells the day on which it is recommended', (code, of, from) => {
    const { code: told, from: day } = vaccineStatus({ ...group, dates: of }, today);
    expect([told, day]).toEqual([code, from === undefined ? undefined : inDays(from)]);
  });

  it('tells no day of the past of what may be given at an age at which nobody recommends it', () => {
    const permissive = { ...group, permissive: true, dates: dates(-900, -800) };
    expect(vaccineStatus(permissive, today)).toEqual({ code: 'can', dates: permissive.dates });
    const gone = vaccineStatus({ ...permissive, namedVaccines: [] }, today);
    expect(gone).toEqual({ code: 'not-needed' });
  });

  it.each([
    ['Complete', 'complete'],
    ['Immune', 'immune'],
    ['Aged Out', 'past-age'],
  ] as const)('of %s is %s', (status, code) => {
    expect(codeOf({ status })).toBe(code);
  });

  it('is not needed where there is neither a day nor a vaccine, as outside the weeks of a pregnancy', () => {
    expect(codeOf({})).toBe('not-needed');
  });

  it('has one place in the order for each code', () => {
    expect(new Set(statusCodes).size).toBe(statusCodes.length);
  });
});

describe('the mark of a dose', () => {
  const evaluation = (more: Partial<DoseEvaluation>): DoseEvaluation => ({
    doseId: 'Immunization/1',
    antigen: 'Pneumococcal',
    vaccineGroup: 'Pneumococcal',
    seriesName: 'children',
    seriesType: 'Standard',
    seriesGroup: 'Standard',
    seriesDoses: 4,
    status: 'Valid',
    reasons: [],
    ...more,
  });
  const mark = (evaluations: readonly DoseEvaluation[], shown = ['children']) =>
    markDose({ evaluations, shown, condition: undefined });

  it('is that of the series that is shown, though another says too young', () => {
    const old = evaluation({ seriesName: '50+', status: 'Not Valid', reasons: ['too-young'] });
    expect(mark([old, evaluation({})])).toEqual({ mark: 'counts' });
    expect(mark([old, evaluation({})], ['50+'])).toEqual({ mark: 'not', reason: 'too-young' });
  });

  it('counts where any series counts it and the one that is shown does not judge it', () => {
    const old = evaluation({ seriesName: '50+', status: 'Not Valid', reasons: ['too-young'] });
    expect(mark([old, evaluation({})], ['another'])).toEqual({ mark: 'counts' });
  });

  it('names the antigens that it counts for when they differ', () => {
    const dt = ['Diphtheria', 'Tetanus'].map((antigen) => evaluation({ antigen }));
    const pertussis = evaluation({ antigen: 'Pertussis', status: 'Not Valid', reasons: ['too-old'] });
    expect(mark([...dt, pertussis])).toEqual({
      mark: 'counts',
      countsFor: ['Diphtheria', 'Tetanus'],
      reason: 'too-old',
    });
  });

  it.each([
    ['Extraneous', 'extra', 'series-already-complete'],
    ['Sub-standard', 'weak', 'lot-expired'],
    ['Not Valid', 'not', 'too-soon'],
  ] as const)('of %s is %s, with the reason as a code', (status, expected, reason) => {
    expect(mark([evaluation({ status, reasons: [reason] })])).toEqual({ mark: expected, reason });
  });

  it('says what was wrong with a spoiled dose where that is known', () => {
    const spoiled = [evaluation({ status: 'Sub-standard', reasons: ['dose-condition'] })];
    expect(markDose({ evaluations: spoiled, shown: [], condition: 'partial' }).reason).toBe('partial');
    expect(markDose({ evaluations: spoiled, shown: [], condition: 'other' }).reason).toBe('dose-condition');
  });

  it('is unjudged where no series applies', () => {
    expect(mark([])).toEqual({ mark: 'unjudged', reason: 'no-series' });
  });
});
