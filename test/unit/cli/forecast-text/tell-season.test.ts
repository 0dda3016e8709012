import { expect, it } from 'vitest';
import { tellSeason } from '../../../../src/cli/forecast-text/tell-season.ts';
import type { VaccineGroupForecast } from '../../../../src/forecast/forecast-result.ts';
import { toKnowledgeBase } from '../../../../src/registry/forecasting/knowledge-base.ts';
import {
  antigenData,
  compile,
  day,
  doseData,
  measles,
  scheduleData,
  seriesData,
} from '../../forecast/small-schedule.ts';

const inSeason = (startDate: string, endDate: string) =>
  doseData({ seasonalRecommendation: { startDate, endDate } });
const series = [
  seriesData({ seriesName: 'early', doses: [inSeason('2022-10-01', '2023-03-31')] }),
  seriesData({ seriesName: 'late', seriesGroup: '2', doses: [inSeason('2024-01-01', '2024-05-31')] }),
];
const authorities = [{ code: 'AAP', name: 'AAP' }];
const seasons = [
  {
    antigen: 'Polio',
    series: ['early'],
    dated: [{ startDate: '2023-10-01', endDate: '2024-03-31' }],
    repeats: { from: '10-01', to: '03-31' },
  },
];
const data = scheduleData({ authorities, seasons, antigens: [antigenData({ series }), measles()] });
const knowledgeBase = toKnowledgeBase(data, compile(scheduleData()));
const season = { start: day('2026-10-01'), end: day('2027-03-31'), assumed: true };
const forecast = { antigens: ['Polio'], season } as unknown as VaccineGroupForecast;

it.each([
  [['early'], '2023-24'],
  // A season within a year has the name of the year.
  [['late'], '2024'],
  // Of a series that has none the last of the antigen.
  [['another'], '2024'],
])('repeats the last dated season of the series %j: %s', (seriesNames, last) => {
  expect(tellSeason({ ...forecast, seriesNames }, knowledgeBase)).toBe(
    `the season 2026-27 is not in this schedule yet; the dates (2026-10-01 to 2027-03-31) repeat those of ${last}`,
  );
});
