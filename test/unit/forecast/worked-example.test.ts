import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { applyOverlay } from '../../../src/forecast/apply-overlay.ts';
import { compileSchedule } from '../../../src/forecast/compile-schedule.ts';
import { forecast } from '../../../src/forecast/forecast.ts';
import type { Gender } from '../../../src/forecast/patient-history.ts';
import { parseOverlay } from '../../../src/forecast/read-overlay.ts';
import { scheduleWarnings } from '../../../src/forecast/shelf-life.ts';
import { formatEpochDay } from '../../../src/values/epoch-day.ts';
import { shippedBase } from './shipped-schedules.ts';
import { day } from './small-schedule.ts';

// The overlay that docs/forecasting.md shows a health department.

const [, example = ''] = /```json overlay\n(.*?)```/s.exec(readFileSync('docs/forecasting.md', 'utf8')) ?? [];
const data = applyOverlay(shippedBase, parseOverlay(example));
const [cdc, ours] = [shippedBase, data].map((each) => compileSchedule(each));

function due(schedule: typeof cdc, group: string, born: string, gender: Gender = 'Female') {
  if (!schedule) throw new Error('no schedule');
  const history = { dateOfBirth: day(born), gender, doses: [], observations: [] };
  const found = forecast(schedule, history, day('2026-11-28')).forecasts.find(
    ({ vaccineGroup }) => vaccineGroup === group,
  );
  const from = found?.dates ? formatEpochDay(found.dates.recommended) : '';
  return `${from}${found?.season?.assumed ? ', assumed' : ''}${found?.isSharedDecision ? ', to be decided' : ''}`;
}

it.each<[string, string, Gender, string, string]>([
  ['Influenza', '1990-01-01', 'Male', '2026-07-01, assumed', '2026-08-15'],
  ['HPV', '2017-11-28', 'Female', '2028-11-28', '2026-11-28'],
  ['HPV', '2017-11-28', 'Male', '2028-11-28', '2026-11-28'],
  ['Zoster', '1946-11-28', 'Female', '1996-11-28', '1996-11-28, to be decided'],
  ['Zoster', '1946-11-29', 'Female', '1996-11-29', '1996-11-29'],
  ['MMR', '2025-08-01', 'Female', '2026-08-01', '2026-08-01'],
])(
  '%s of who was born on %s (%s): by CDC from %s, by the example from %s',
  (group, born, gender, before, after) => {
    expect(due(cdc, group, born, gender)).toBe(before);
    expect(due(ours, group, born, gender)).toBe(after);
  },
);

it('says by when it is to be replaced', () => {
  const influenza = (on: string) =>
    scheduleWarnings(data, day(on)).filter((text) => text.includes('Influenza'));
  expect(influenza('2027-06-30')).toEqual([]);
  expect(scheduleWarnings(data, day('2027-08-01'))[0]).toBe(
    'Schedule USA-XX-DPH fall 2026 expired on 2027-07-31; whether its advice has changed since is not known',
  );
});
