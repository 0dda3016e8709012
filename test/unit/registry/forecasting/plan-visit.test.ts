import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { compileSchedule } from '../../../../src/forecast/compile-schedule.ts';
import { readScheduleData } from '../../../../src/forecast/read-schedule-data.ts';
import { toKnowledgeBase } from '../../../../src/registry/forecasting/knowledge-base.ts';
import { planVisit } from '../../../../src/registry/forecasting/plan-visit.ts';
import { toPatientHistory } from '../../../../src/registry/forecasting/to-patient-history.ts';
import { day } from './asking.ts';

/** CDC's schedule, but that MMR may not be given on the day of varicella vaccine either. */
function withConflictOnOneDay() {
  const text = readFileSync('schedules/4.64-508.json', 'utf8');
  const json = JSON.parse(text);
  for (const conflict of json.vaccineConflicts) conflict.conflictBeginInterval = '0 days';
  const data = readScheduleData(json);
  return toKnowledgeBase(data, compileSchedule(data));
}

it('proposes no vaccines together that would not count together', async () => {
  const knowledgeBase = withConflictOnOneDay();
  const on = day('2026-11-28');
  const patient = {
    resource: { resourceType: 'Patient', birthDate: '2025-11-01' },
    reference: 'Patient/p',
    expression: 'Patient/p',
  } as const;
  const reading = toPatientHistory({ patient, immunizations: [], clinical: [] }, knowledgeBase, on);
  const available = new Set(['03', '21', '83']);
  const { injections, uncovered } = await planVisit(
    { reading, knowledgeBase, day: on, available, withheld: new Set() },
    () => undefined,
  );
  const given = injections.map(({ cvx }) => cvx);
  expect(given).toContain('83');
  expect(given.filter((cvx) => cvx !== '83').length).toBeLessThan(2);
  const open = uncovered.map(({ vaccineGroup }) => vaccineGroup);
  expect(open.includes('MMR') || open.includes('Varicella')).toBe(true);
});

it('proposes another vaccine than a live one where there is one', async () => {
  const data = readScheduleData(JSON.parse(readFileSync('schedules/4.64-508.json', 'utf8')));
  const knowledgeBase = toKnowledgeBase(data, compileSchedule(data));
  const on = day('2025-11-28');
  const patient = {
    resource: { resourceType: 'Patient', birthDate: '2022-11-01' },
    reference: 'Patient/p',
    expression: 'Patient/p',
  } as const;
  const reading = toPatientHistory({ patient, immunizations: [], clinical: [] }, knowledgeBase, on);
  const proposedOf = async (available?: ReadonlySet<string>) => {
    const question = { reading, knowledgeBase, day: on, available, withheld: new Set<string>() };
    const { injections } = await planVisit(question, () => undefined);
    return injections.flatMap(({ cvx, covers }) =>
      covers.some(({ vaccineGroup }) => vaccineGroup === 'Influenza') ? [cvx] : [],
    );
  };
  // CVX 111 and 149: live attenuated influenza vaccine by the nose.
  const live = ['111', '149'];
  const [usual = ''] = await proposedOf();
  expect(usual).not.toBe('');
  expect(live).not.toContain(usual);
  expect(live).toContain((await proposedOf(new Set(live)))[0]);
});
