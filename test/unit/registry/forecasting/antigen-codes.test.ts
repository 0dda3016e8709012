import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { antigenConcept, vaccineGroupCvx } from '../../../../src/registry/forecasting/antigen-codes.ts';

const schedule: {
  readonly antigens: readonly { readonly antigen: string }[];
  readonly vaccineGroups: readonly { readonly name: string }[];
} = JSON.parse(readFileSync('schedules/4.64-508.json', 'utf8'));

it.each(schedule.antigens)('names $antigen by a code that the shipped terminology has too', ({ antigen }) => {
  const [coding] = antigenConcept(antigen).coding ?? [];
  expect(coding?.system).toBe('http://snomed.info/sct');
  expect(readFileSync('terminology/concept-map-cvx-to-antigen.json', 'utf8')).toContain(`"${coding?.code}"`);
});

it.each(schedule.vaccineGroups)('has a CVX code for the group $name', ({ name }) => {
  expect(vaccineGroupCvx(name)).toMatch(/^\d{2,3}$/);
});
