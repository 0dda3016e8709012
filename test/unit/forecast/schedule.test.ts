import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compileSchedule } from '../../../src/forecast/compile-schedule.ts';
import { parseScheduleData, readScheduleData } from '../../../src/forecast/read-schedule-data.ts';
import { codedValueKey } from '../../../src/forecast/schedule.ts';
import type { ScheduleData } from '../../../src/forecast/schedule-data.ts';
import { ScheduleError } from '../../../src/forecast/schedule-error.ts';
import {
  compareReleases,
  compareScheduleVersions,
  versionsMeant,
} from '../../../src/forecast/schedule-version.ts';
import { antigenData, doseData, measles, scheduleData, seriesData } from './small-schedule.ts';

const text = readFileSync('schedules/4.64-508.json', 'utf8');
const data: ScheduleData = JSON.parse(text);

describe('the schedule that ships', () => {
  it('holds what the release holds', () => {
    const series = data.antigens.flatMap((antigen) => antigen.series);
    const doses = series.flatMap((each) => each.doses);
    const ofType = (type: string) => series.filter(({ seriesType }) => seriesType === type).length;
    expect({
      antigens: data.antigens.length,
      series: [series.length, ofType('Standard'), ofType('Risk'), ofType('Evaluation Only')],
      doses: [doses.length, doses.filter(({ recurringDose }) => recurringDose).length],
      vaccines: data.vaccines.length,
      vaccineConflicts: data.vaccineConflicts.length,
      vaccineGroups: data.vaccineGroups.length,
      observations: data.observations.length,
      forecastVaccines: doses
        .flatMap((dose) => dose.preferableVaccines)
        .filter((each) => each.forecastVaccineType).length,
    }).toEqual({
      antigens: 30,
      series: [143, 59, 83, 1],
      doses: [484, 29],
      vaccines: 218,
      vaccineConflicts: 625,
      vaccineGroups: 26,
      observations: 277,
      forecastVaccines: 347,
    });
  });

  it('is named as its version, like every schedule that ships', () => {
    for (const file of readdirSync('schedules')) {
      const schedule = compileSchedule(parseScheduleData(readFileSync(`schedules/${file}`, 'utf8')));
      expect(`${schedule.version}.json`).toBe(file);
    }
  });

  it('maps codes of observations, with CVX numbers, SNOMED CT and PHIN VS', () => {
    const { codedValues, observationTitles, vaccineNames } = compileSchedule(parseScheduleData(text));
    expect(codedValues.get(codedValueKey('SNOMED', '77386006'))).toContain('007');
    expect([...observationTitles.values()]).toHaveLength(277);
    expect([...vaccineNames].find(([cvx]) => cvx === '03')).toEqual(['03', 'MMR']);
  });
});

describe('a schedule that cannot be used is refused', () => {
  const refusal = (json: unknown) => {
    try {
      readScheduleData(json);
    } catch (error) {
      if (error instanceof ScheduleError) return error.message;
      throw error;
    }
    return 'accepted';
  };
  const withDose = (dose: object) =>
    scheduleData({
      antigens: [antigenData({ series: [seriesData({ doses: [{ ...doseData(), ...dose }] })] }), measles()],
    });
  const dose = 'antigens[0].series[0].doses[0]';

  it('accepts a whole one', () => {
    expect(refusal(scheduleData())).toBe('accepted');
  });

  it.each([
    ['no object', [], 'schedule: expected an object, found []'],
    ['nothing in it', {}, 'schedule: "version" is missing'],
    [
      'a version that is none',
      scheduleData({ version: 'latest' }),
      'version: expected a version such as "4.64-508", found "latest"',
    ],
    ['an unknown property', { ...scheduleData(), extra: 1 }, 'schedule: unknown property "extra"'],
    [
      'an age that is none',
      withDose({ ages: [{ minAge: '6 moons' }] }),
      `${dose}.ages[0].minAge: expected an age or interval such as "12 months - 4 days", found "6 moons"`,
    ],
    [
      'an unknown property of an age',
      withDose({ ages: [{ minimumAge: '6 weeks' }] }),
      `${dose}.ages[0]: unknown property "minimumAge"`,
    ],
    [
      'a date that does not exist',
      withDose({ ages: [{ effectiveDate: '2025-02-30' }] }),
      `${dose}.ages[0].effectiveDate: expected a date such as "2025-08-27", found "2025-02-30"`,
    ],
    [
      'an interval from nothing',
      withDose({ intervals: [{ minInt: '1 day' }] }),
      `${dose}.intervals[0]: expected exactly one of fromPrevious, fromTargetDose, fromMostRecent, fromRelevantObs`,
    ],
    [
      'an interval from a later dose',
      withDose({ intervals: [{ fromTargetDose: 1 }] }),
      `${dose}.intervals: target dose 1 does not come before`,
    ],
    [
      'a condition of an unknown type',
      withDose({
        conditionalSkips: [
          { context: 'Both', sets: [{ conditionLogic: 'AND', conditions: [{ type: 'Weather' }] }] },
        ],
      }),
      `${dose}.conditionalSkips[0].sets[0].conditions[0].type: expected one of Age, Completed Series, Interval, Vaccine Count, found "Weather"`,
    ],
    [
      'sets without logic',
      withDose({
        conditionalSkips: [
          {
            context: 'Both',
            sets: [1, 2].map(() => ({ conditionLogic: 'AND', conditions: [{ type: 'Age' }] })),
          },
        ],
      }),
      `${dose}.conditionalSkips[0]: several sets need a "setLogic"`,
    ],
    [
      'an unknown observation',
      scheduleData({ antigens: [antigenData({ contraindications: [{ observation: '999' }] }), measles()] }),
      'antigens[0].contraindications[0].observation: "999" is no observation of this schedule',
    ],
    [
      'an unknown antigen',
      scheduleData({ antigens: [antigenData()] }),
      'vaccines[3].associations[0].antigen: "Measles" is no antigen of this schedule',
    ],
    [
      'an antigen twice',
      scheduleData({ antigens: [antigenData(), antigenData(), measles()] }),
      'antigens[1].antigen: "Polio" occurs twice',
    ],
    [
      'a series without doses',
      scheduleData({ antigens: [antigenData({ series: [seriesData({ doses: [] })] }), measles()] }),
      'antigens[0].series[0].doses: expected at least 1 entries',
    ],
    [
      'a series of another vaccine group',
      scheduleData({ antigens: [antigenData({ series: [seriesData({ vaccineGroup: 'MMR' })] }), measles()] }),
      'antigens[0].series[0].vaccineGroup: "MMR" is not "Polio"',
    ],
  ])('%s', (_, json, message) => {
    expect(refusal(json)).toBe(message);
  });

  it('no JSON', () => {
    expect(() => compileSchedule(parseScheduleData('{'))).toThrow(/^schedule: is no JSON/);
  });
});

describe('versions', () => {
  it('are ordered by their numbers', () => {
    const versions = ['4.10', '4.64-508', '4.9', '10.0', '4.64', '4.64-507'];
    expect([...versions].sort(compareScheduleVersions)).toEqual([
      '4.9',
      '4.10',
      '4.64',
      '4.64-507',
      '4.64-508',
      '10.0',
    ]);
  });

  it.each([
    ['4.64', '4.64-508'],
    ['4.64-508', '4.64-508'],
    ['4', '4.9 4.64-508 4.10'],
    ['4.9', '4.9'],
    ['4.6', ''],
    ['4.64-509', ''],
    ['', ''],
    ['newest', ''],
  ])('asked for %s: %s', (asked, meant) => {
    expect(versionsMeant(['4.9', '4.64-508', '4.10'], asked).join(' ')).toBe(meant);
  });

  it('none installed', () => {
    expect(versionsMeant([], '4.64')).toEqual([]);
  });

  it('go by the day from which they are in effect first', () => {
    const releases = [
      { version: 'spring', effective: '2026-03-01' },
      { version: 'fall', effective: '2026-09-01' },
      { version: 'z' },
      { version: 'fall 2', effective: '2026-09-01' },
    ];
    expect(releases.sort(compareReleases).map(({ version }) => version)).toEqual([
      'z',
      'spring',
      'fall',
      'fall 2',
    ]);
  });
});
