import { expect, it } from 'vitest';
import { followedSchedules } from '../../../src/registry/forecasting/followed-schedules.ts';
import { loadKnowledgeBases } from '../../../src/shipped/knowledge-bases.ts';
import { scheduleSettings } from '../../../src/shipped/schedule-settings.ts';
import { toEpochDay } from '../../../src/values/epoch-day.ts';

const bases = loadKnowledgeBases('none');

it.each([
  [undefined, {}, ['USA-CDC-CDSI|4.64-508']],
  ['USA-AAP', {}, ['USA-AAP|2026-01']],
  ['USA-CDC-CDSI|4.64', {}, ['USA-CDC-CDSI|4.64-508']],
  [undefined, { MA: 'USA-MA-DPH', VT: 'USA-MA-DPH' }, ['USA-CDC-CDSI|4.64-508', 'USA-MA-DPH|2026-01']],
])('of the settings %s and %o these are followed, and warned of', (schedule, states, names) => {
  const wanted = { schedule, scheduleStates: new Map(Object.entries(states)) };
  const settings = scheduleSettings(bases, wanted);
  expect(followedSchedules(settings, toEpochDay(2026, 11, 29)).map(({ name }) => name)).toEqual(names);
  expect(settings.knowledgeBases).toHaveLength(bases.length);
});
