import { describe, expect, it } from 'vitest';
import { applyOverlay } from '../../../src/forecast/apply-overlay.ts';
import { compileSchedule } from '../../../src/forecast/compile-schedule.ts';
import { forecast } from '../../../src/forecast/forecast.ts';
import type { ChangeData, OverlayData } from '../../../src/forecast/overlay-data.ts';
import { isOverlay, parseOverlay } from '../../../src/forecast/read-overlay.ts';
import type { ScheduleData } from '../../../src/forecast/schedule-data.ts';
import { toDay, toHistory } from '../../cdsi/answer-case.ts';
import { readCases } from '../../cdsi/cdsi-case.ts';
import { shippedBase } from './shipped-schedules.ts';
import { antigenData, day, doseData, history, measles, scheduleData, seriesData } from './small-schedule.ts';

const season = { startDate: '2025-07-01', endDate: '2026-06-30' };
const doses = [
  doseData({ ages: [{ minAge: '2 months', maxAge: '18 years' }] }),
  doseData({ intervals: [{ fromPrevious: true, minInt: '4 weeks' }] }),
  doseData({ intervals: [{ fromTargetDose: 1, minInt: '8 weeks' }] }),
];
const flu = seriesData({ seriesName: 'Flu', doses: [doseData({ seasonalRecommendation: season })] });
const base = scheduleData({
  observations: ['007', '048'].map((code) => ({
    code,
    title: `observation ${code}`,
    codedValues: code === '048' ? [{ system: 'SNOMED', code: '2219088009' }] : [],
  })),
  antigens: [antigenData({ series: [seriesData({ doses }), flu] }), measles()],
});

const polio = { antigen: 'Polio', series: 'Polio standard' };
const because = { source: 'a text', reason: 'as it says' };

function overlayOf(changes: readonly object[], more: object = {}): OverlayData {
  return parseOverlay(
    JSON.stringify({
      id: 'USA-XX',
      version: 'spring edition',
      base: { id: 'USA-CDC-CDSI', from: '1.0', to: '1.0' },
      authorities: [{ code: 'XX', name: 'Department of X' }],
      changes: changes.map((change) => ({ ...because, ...change })),
      ...more,
    }),
  );
}

function changed(...changes: readonly object[]): ScheduleData {
  return applyOverlay(base, overlayOf(changes));
}

function seriesOf(data: ScheduleData, name = 'Polio standard') {
  return data.antigens.flatMap(({ series }) => series).find(({ seriesName }) => seriesName === name);
}

function refusal(act: () => unknown): string {
  try {
    act();
    return 'accepted';
  } catch (error) {
    return (error as Error).message;
  }
}

describe('an overlay', () => {
  it('makes one schedule under its own name', () => {
    const made = applyOverlay(base, overlayOf([], { effective: '2026-01-01', expires: '2026-12-31' }));
    expect([made.id, made.version, made.authorities, made.effective, made.expires]).toEqual([
      'USA-XX',
      'spring edition',
      [{ code: 'XX', name: 'Department of X' }],
      '2026-01-01',
      '2026-12-31',
    ]);
  });

  it('of the id of its base amends it: name and version stay', () => {
    const change = { operation: 'remove-series', target: { antigen: 'Polio', series: 'Flu' } };
    const made = applyOverlay(base, overlayOf([change], { id: 'USA-CDC-CDSI', authorities: [] }));
    expect([made.id, made.version, made.authorities]).toEqual([undefined, '1.0', undefined]);
    expect(made.changes).toEqual([
      { operation: 'remove-series', antigen: 'Polio', series: 'Flu', ...because },
    ]);
  });

  it('is told from a schedule', () => {
    expect(isOverlay(JSON.stringify(base))).toBe(false);
    expect(isOverlay('{"base":{}}')).toBe(true);
  });

  it('without changes answers every CDSi case byte for byte as the base', () => {
    const empty = {
      id: 'USA-XX',
      version: shippedBase.version,
      base: { id: 'USA-CDC-CDSI', from: '4.64' },
      authorities: [],
      changes: [],
    } as const;
    const [own, laid] = [shippedBase, applyOverlay(shippedBase, empty)].map((each) => compileSchedule(each));
    for (const each of readCases()) {
      const [given, on] = [toHistory(each), toDay(each.assessmentDate)];
      const ask = (schedule: typeof own) => JSON.stringify(schedule && forecast(schedule, given, on));
      expect(ask(laid)).toBe(ask(own));
    }
  }, 60_000);
});

describe('a change', () => {
  it.each<[Partial<ChangeData>, (data: ScheduleData) => unknown, unknown]>([
    [
      { operation: 'add-series', target: { antigen: 'Polio' }, value: seriesData({ seriesName: 'New' }) },
      (data) => seriesOf(data, 'New')?.doses.length,
      1,
    ],
    [
      { operation: 'replace-series', target: polio, value: seriesData({ seriesGroupName: 'Other' }) },
      (data) => seriesOf(data)?.seriesGroupName,
      'Other',
    ],
    [{ operation: 'remove-series', target: polio }, (data) => seriesOf(data), undefined],
    [
      {
        operation: 'classify-series',
        target: polio,
        value: { as: 'risk', indications: [{ observation: '007' }] },
      },
      (data) => [seriesOf(data)?.seriesType, seriesOf(data)?.indications],
      ['Risk', [{ observation: '007' }]],
    ],
    [
      { operation: 'classify-series', target: polio, value: { as: 'shared-decision', beginAge: '2 years' } },
      (data) => seriesOf(data)?.classifications,
      [{ as: 'shared-decision', beginAge: '2 years' }],
    ],
    [
      { operation: 'add-indication', target: polio, value: { observation: '007' } },
      (data) => seriesOf(data)?.indications,
      [{ observation: '007' }],
    ],
    [
      { operation: 'replace-dose', target: { ...polio, dose: 2 }, value: doseData({ recurringDose: true }) },
      (data) => seriesOf(data)?.doses.map(({ recurringDose }) => recurringDose),
      [false, true, false],
    ],
    [
      { operation: 'set-ages', target: { ...polio, dose: 2 }, value: [{ minAge: '1 year' }] },
      (data) => seriesOf(data)?.doses[1]?.ages,
      [{ minAge: '1 year' }],
    ],
    [
      { operation: 'set-intervals', target: { ...polio, dose: 2 }, value: [] },
      (data) => seriesOf(data)?.doses[1]?.intervals,
      [],
    ],
    [
      {
        operation: 'set-allowable-intervals',
        target: { ...polio, dose: 2 },
        value: [{ fromPrevious: true, absMinInt: '3 weeks' }],
      },
      (data) => seriesOf(data)?.doses[1]?.allowableIntervals.length,
      1,
    ],
    [
      {
        operation: 'add-preferable-vaccine',
        target: { ...polio, dose: 1 },
        value: { cvx: '89', forecastVaccineType: false },
      },
      (data) => seriesOf(data)?.doses[0]?.preferableVaccines.map(({ cvx }) => cvx),
      ['10', '89'],
    ],
    [
      {
        operation: 'replace-preferable-vaccine',
        target: { ...polio, dose: 1, cvx: '10' },
        value: { cvx: '10', beginAge: '1 year', forecastVaccineType: false },
      },
      (data) => seriesOf(data)?.doses[0]?.preferableVaccines[0]?.beginAge,
      '1 year',
    ],
    [
      { operation: 'remove-preferable-vaccine', target: { ...polio, dose: 1, cvx: '10' } },
      (data) => seriesOf(data)?.doses[0]?.preferableVaccines,
      [],
    ],
    [
      { operation: 'add-allowable-vaccine', target: { ...polio, dose: 1 }, value: { cvx: '02' } },
      (data) => seriesOf(data)?.doses[0]?.allowableVaccines,
      [{ cvx: '02' }],
    ],
    [
      {
        operation: 'set-season',
        target: { antigen: 'Polio', series: ['Flu'] },
        value: { dated: [], repeats: { from: '08-01', to: '03-31' } },
      },
      (data) => data.seasons,
      [{ antigen: 'Polio', series: ['Flu'], dated: [], repeats: { from: '08-01', to: '03-31' } }],
    ],
    [
      {
        operation: 'correct-code',
        target: { system: 'SNOMED', code: '2219088009' },
        value: { code: '219088009' },
      },
      (data) => data.observations[1]?.codedValues.map(({ code }) => code),
      ['219088009', '2219088009'],
    ],
  ])('%o is made', (change, look, expected) => {
    expect(look(changed(change))).toEqual(expected);
  });

  it('that adds or removes a dose lets intervals count from the dose that they meant', () => {
    const references = (data: ScheduleData) =>
      seriesOf(data)?.doses.flatMap(({ intervals }) =>
        intervals.flatMap((each) => each.fromTargetDose ?? []),
      );
    const add = { operation: 'add-dose', target: { ...polio, dose: 1 }, value: doseData() };
    expect(references(changed(add))).toEqual([2]);
    const remove = { operation: 'remove-dose', target: { ...polio, dose: 1 } };
    expect(references(changed(add, remove))).toEqual([1]);
    expect(references(changed({ operation: 'remove-dose', target: { ...polio, dose: 2 } }))).toEqual([1]);
  });

  it('finds what those before have made', () => {
    const added = {
      operation: 'add-series',
      target: { antigen: 'Polio' },
      value: seriesData({ seriesName: 'New' }),
    };
    const made = changed(added, { operation: 'remove-series', target: { antigen: 'Polio', series: 'New' } });
    expect(seriesOf(made, 'New')).toBeUndefined();
  });
});

describe('how far a series is recommended', () => {
  const ask = (value: object, observations: readonly [string][] = []) => {
    const schedule = compileSchedule(changed({ operation: 'classify-series', target: polio, value }));
    const given = history({ born: '2020-01-01', observations });
    const found = forecast(schedule, given, day('2025-01-01')).forecasts.find(
      ({ seriesNames }) => seriesNames[0] === 'Polio standard',
    );
    return [found?.status, found?.isSharedDecision, found?.reasons];
  };
  it.each([
    [{ as: 'shared-decision' }, ['Not Complete', true, []]],
    [{ as: 'shared-decision', beginAge: '6 years' }, ['Not Complete', false, []]],
    [{ as: 'shared-decision', endAge: '5 years' }, ['Not Complete', false, []]],
    [{ as: 'not-recommended' }, ['Not Recommended', false, ['not-recommended-by-authority']]],
    [{ as: 'not-recommended', observations: ['007'] }, ['Not Complete', false, []]],
  ])('%o', (value, expected) => {
    expect(ask(value)).toEqual(expected);
  });
  it('may depend on what is known of the person', () => {
    expect(ask({ as: 'shared-decision', observations: ['007'] }, [['007']])).toEqual([
      'Not Complete',
      true,
      [],
    ]);
  });
});

it('may leave a first dose without a minimum age that has none in the base', () => {
  const target = { antigen: 'Measles', series: 'Measles standard', dose: 1 };
  const made = changed({ operation: 'set-ages', target, value: [{ maxAge: '60 years' }] });
  const measles = made.antigens.find(({ antigen }) => antigen === 'Measles');
  expect(measles?.series[0]?.doses[0]?.ages).toEqual([{ maxAge: '60 years' }]);
});

it('may change a series in which the release itself contradicts', () => {
  const target = {
    antigen: 'Pneumococcal',
    series: 'Pneumococcal risk 6-18 years 2-dose PCV-PPSV series',
    dose: 2,
  };
  const change = { operation: 'set-intervals', target, value: [{ fromPrevious: true, minInt: '9 weeks' }] };
  const made = applyOverlay(shippedBase, overlayOf([change], { base: { id: 'USA-CDC-CDSI', from: '4.64' } }));
  expect(made.changes?.at(-1)?.operation).toBe('set-intervals');
});

describe('an overlay is refused, naming the change', () => {
  const inRange = 'expected USA-CDC-CDSI 4.65 or later, found USA-CDC-CDSI 1.0';
  it.each([
    [
      'a base out of range',
      () => applyOverlay(base, overlayOf([], { base: { id: 'USA-CDC-CDSI', from: '4.65' } })),
      `base: ${inRange}`,
    ],
    [
      'an unknown operation',
      () => changed({ operation: 'double-doses', target: polio }),
      'changes[0]: unknown operation "double-doses", expected one of add-series, ',
    ],
    ['no operation', () => changed({ target: polio }), 'changes[0]: unknown operation without an operation'],
    [
      'an antigen that is not there',
      () => changed({ operation: 'remove-series', target: { antigen: 'Mars', series: 'x' } }),
      'changes[0] (remove-series of Mars, x): the base has no antigen "Mars"',
    ],
    [
      'a series that is not there',
      () => changed({ operation: 'remove-series', target: { antigen: 'Polio', series: 'x' } }),
      'changes[0] (remove-series of Polio, x): the base has no series "x" of Polio',
    ],
    [
      'a dose that is not there',
      () => changed({ operation: 'set-ages', target: { ...polio, dose: 4 }, value: [{}] }),
      'changes[0] (set-ages of Polio, Polio standard, dose 4): "Polio standard" has 3 doses, no dose 4',
    ],
    [
      'a vaccine that holds nothing of it',
      () =>
        changed({
          operation: 'add-preferable-vaccine',
          target: { ...polio, dose: 1 },
          value: { cvx: '03', forecastVaccineType: true },
        }),
      'does not hold Polio',
    ],
    [
      'a vaccine twice',
      () =>
        changed({
          operation: 'add-preferable-vaccine',
          target: { ...polio, dose: 1 },
          value: { cvx: '10', forecastVaccineType: true },
        }),
      'is there already',
    ],
    [
      'no ages at all',
      () => changed({ operation: 'set-ages', target: { ...polio, dose: 1 }, value: [] }),
      'changes[0].value: ',
    ],
    [
      'a first dose without a minimum age',
      () => changed({ operation: 'set-ages', target: { ...polio, dose: 1 }, value: [{}] }),
      'value: a first dose that has a minimum age in the base needs minAge or absMinAge',
    ],
    [
      'a first dose without a minimum age, of several entries',
      () =>
        changed({
          operation: 'set-ages',
          target: { ...polio, dose: 1 },
          value: [{ minAge: '2 months', cessationDate: '2030-01-01' }, { maxAge: '18 years' }],
        }),
      'value: a first dose that has a minimum age in the base needs minAge or absMinAge',
    ],
    [
      'ages that nobody can meet',
      () =>
        changed({
          operation: 'set-ages',
          target: { ...polio, dose: 2 },
          value: [{ minAge: '12 years', maxAge: '11 years' }],
        }),
      'dose 2 of "Polio standard": maxAge 11 years is before minAge 12 years',
    ],
    [
      'intervals that nobody can meet',
      () =>
        changed({
          operation: 'set-intervals',
          target: { ...polio, dose: 2 },
          value: [{ fromPrevious: true, absMinInt: '5 weeks', minInt: '4 weeks' }],
        }),
      'dose 2 of "Polio standard": minInt 4 weeks is before absMinInt 5 weeks',
    ],
    [
      'a vaccine for no age',
      () =>
        changed({
          operation: 'add-allowable-vaccine',
          target: { ...polio, dose: 1 },
          value: { cvx: '10', beginAge: '2 years', endAge: '2 years' },
        }),
      'dose 1 of "Polio standard": endAge 2 years is not after beginAge 2 years',
    ],
    [
      'a classification for no age',
      () =>
        changed({
          operation: 'classify-series',
          target: polio,
          value: { as: 'shared-decision', beginAge: '9 years', endAge: '8 years' },
        }),
      '"Polio standard": endAge 8 years is not after beginAge 9 years',
    ],
    [
      'a vaccine that is not there',
      () => changed({ operation: 'remove-allowable-vaccine', target: { ...polio, dose: 1, cvx: '03' } }),
      'changes[0] (remove-allowable-vaccine of Polio, Polio standard, dose 1, cvx 03): the base has no allowable vaccine 03 there',
    ],
    [
      'an indication that is not there',
      () => changed({ operation: 'remove-indication', target: { ...polio, observation: '007' } }),
      'changes[0] (remove-indication of Polio, Polio standard, observation 007): "Polio standard" has no indication 007',
    ],
    [
      'a code that is not there',
      () =>
        changed({
          operation: 'correct-code',
          target: { system: 'SNOMED', code: '1' },
          value: { code: '371112003' },
        }),
      'changes[0] (correct-code of system SNOMED, code 1): the base knows neither 1 nor 371112003',
    ],
    [
      'a right code that is none',
      () =>
        changed({
          operation: 'correct-code',
          target: { system: 'SNOMED', code: '2219088009' },
          value: { code: '219088008' },
        }),
      'changes[0] (correct-code of system SNOMED, code 2219088009): 219088008 is no code of SNOMED either',
    ],
    [
      'a series twice',
      () => changed({ operation: 'add-series', target: { antigen: 'Polio' }, value: seriesData() }),
      'changes[0] (add-series of Polio): there is a series "Polio standard" already',
    ],
    [
      'a dose from which an interval counts',
      () => changed({ operation: 'remove-dose', target: { ...polio, dose: 1 } }),
      'changes[0] (remove-dose of Polio, Polio standard, dose 1): an interval of "Polio standard" is counted from dose 1',
    ],
    [
      'an observation that is not there',
      () => changed({ operation: 'add-indication', target: polio, value: { observation: '999' } }),
      'changes[0] (add-indication of Polio, Polio standard): antigens[0].series[0].indications[0].observation: "999" is no observation',
    ],
    [
      'a value of another form',
      () => changed({ operation: 'set-ages', target: { ...polio, dose: 1 }, value: [{ minAge: 'old' }] }),
      'changes[0].value[0].minAge: expected an age or interval',
    ],
    [
      'a change without its source',
      () => changed({ operation: 'remove-series', target: polio, source: '' }),
      'changes[0].source: expected a text',
    ],
    [
      'a classification that is none',
      () => changed({ operation: 'classify-series', target: polio, value: { as: 'optional' } }),
      'changes[0].value.as: expected one of routine, risk, shared-decision, not-recommended',
    ],
    [
      'an overlay over another',
      () => overlayOf([], { base: { id: 'USA-AAP', from: '1' } }),
      'base.id: expected one of USA-CDC-CDSI',
    ],
  ])('%s', (_, act, message) => {
    expect(refusal(act)).toContain(message);
  });

  const seasonOf = (dated: readonly object[], series?: readonly string[]) => ({
    operation: 'set-season',
    target: { antigen: 'Polio', ...(series && { series }) },
    value: { dated, repeats: { from: '07-01' } },
  });
  it.each([
    [
      'with the coded one',
      [seasonOf([{ startDate: '2026-06-30' }])],
      'changes[0] (set-season of Polio): seasons[0].dated[0].startDate: the season before has not ended',
    ],
    [
      'with each other',
      [seasonOf([{ startDate: '2026-07-01', endDate: '2027-06-30' }, { startDate: '2027-01-01' }])],
      'dated[1].startDate: the season before has not ended',
    ],
    [
      'in two changes',
      [seasonOf([], ['Flu']), seasonOf([], ['Flu', 'Flu'])],
      'changes[1] (set-season of Polio, Flu,Flu): seasons[1].series: another rule is for the same series',
    ],
    [
      'turned round',
      [seasonOf([{ startDate: '2026-07-01', endDate: '2026-06-30' }])],
      'dated[0].endDate: lies before its startDate',
    ],
  ])('seasons that overlap %s', (_, changes, message) => {
    expect(refusal(() => changed(...changes))).toContain(message);
  });
});
