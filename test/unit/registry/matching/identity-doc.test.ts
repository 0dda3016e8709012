import { readFileSync } from 'node:fs';
import type { Patient } from 'fhir/r4.js';
import { expect, it } from 'vitest';
import { shippedModel } from '../../../../src/registry/matching/shipped-model.ts';
import { compare } from './people.ts';

const text = readFileSync(new URL('../../../../docs/identity.md', import.meta.url), 'utf8');

const girl = (family: string, given: string[], kin: string, line: string, city: string): Patient => ({
  resourceType: 'Patient',
  name: [{ family, given }],
  gender: 'female',
  birthDate: '2019-03-07',
  telecom: [{ system: 'phone', value: '617-482-9931' }],
  address: [{ line: [line], city }],
  contact: [{ name: { family: kin, given: ['Chidi'] } }],
});

it('shows a decision of docs/identity.md as it is made', () => {
  const { fields, points, outcome, score } = compare(
    girl('Okonkwo', ['Adaeze', 'Ruth'], 'Okonkwo', '14 Hawthorn Street', 'Lowell'),
    girl('Okonkwo-Eze', ['Adaeze'], 'Eze', '902 Quarry Rd', 'Springfield'),
  );
  for (const each of fields.filter(({ level }) => level !== 'missing')) {
    const row = new RegExp(`^\\| ${each.field} \\|.*\\| ${each.level} \\| ${each.points} \\|$`, 'm');
    expect(text, each.field).toMatch(row);
  }
  expect(outcome).toBe('possible');
  expect(text).toContain(`| **sum** | **${points}** |`);
  expect(text).toContain(`with the score ${score.toFixed(4)}`);
});

it('names the thresholds in docs/identity.md', () => {
  const { possible, match } = shippedModel.thresholds;
  expect(text).toContain(
    `From ${possible} points on two records are a possible match, from ${match} on a match`,
  );
});
