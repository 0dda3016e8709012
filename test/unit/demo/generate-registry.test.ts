import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { generatePerson, generateRegistry } from '../../../src/demo/generate-registry.ts';
import { inventedNpi } from '../../../src/demo/institution.ts';
import { createRegistryContext } from '../../../src/demo/registry-context.ts';
import { toEpochDay } from '../../../src/values/epoch-day.ts';
import { writtenDayOf } from '../../../src/values/instant.ts';
import { daysMeantBy, parsePartialDate } from '../../../src/values/partial-date.ts';
import { parseResourceId } from '../../../src/values/resource-id.ts';
import { parseCvxCode } from '../../../src/values/vaccine-code.ts';
import { asOf, immunizationsOf, patientsOf, referencesIn, wholeRegistry } from './registry-sample.ts';

const modes = ['demo', 'bench'] as const;
const anySeed = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });

describe.each(modes)('a generated registry, mode %s', (mode) => {
  it('is the same, byte for byte, for the same seed', () => {
    const once = JSON.stringify(wholeRegistry(mode, 7, 60));
    expect(JSON.stringify(wholeRegistry(mode, 7, 60))).toBe(once);
    expect(JSON.stringify(wholeRegistry(mode, 8, 60))).not.toBe(once);
  });

  it('gives a person alone as it gives the person among others', () => {
    fc.assert(
      fc.property(anySeed, fc.integer({ min: 0, max: 69 }), (seed, index) => {
        const context = createRegistryContext({ mode, seed, asOf });
        const alone = JSON.stringify(generatePerson(context, index));
        const [patient] = generatePerson(context, index);
        const all = wholeRegistry(mode, seed, index + 1);
        const start = all.findIndex(
          ({ resourceType, id }) => resourceType === 'Patient' && id === patient.id,
        );
        const length = generatePerson(context, index).length;
        expect(JSON.stringify(all.slice(start, start + length))).toBe(alone);
      }),
      { numRuns: 15 },
    );
  });

  it('defines each resource once, before the first reference to it', () => {
    fc.assert(
      fc.property(anySeed, (seed) => {
        const defined = new Set<string>();
        for (const resource of wholeRegistry(mode, seed, 70)) {
          const unresolved = referencesIn(resource).filter((reference) => !defined.has(reference));
          expect(unresolved).toEqual([]);
          const own = `${resource.resourceType}/${resource.id}`;
          expect(defined.has(own)).toBe(false);
          defined.add(own);
        }
      }),
      { numRuns: 15 },
    );
  });

  it('dates every dose between birth and the day it is looked at, and not after death', () => {
    fc.assert(
      fc.property(anySeed, fc.integer({ min: -400, max: 4000 }), (seed, shift) => {
        const day = toEpochDay(2026 + Math.floor(shift / 400), 1 + (Math.abs(shift) % 12), 28);
        const resources = [...generateRegistry({ mode, seed, people: 60, asOf: day })];
        const patients = new Map(patientsOf(resources).map((patient) => [`Patient/${patient.id}`, patient]));
        for (const dose of immunizationsOf(resources)) {
          const patient = patients.get(dose.patient.reference ?? '');
          const given = daysOf(dose.occurrenceDateTime);
          expect(given.last).toBeGreaterThanOrEqual(daysOf(patient?.birthDate).first);
          const end = patient?.deceasedDateTime ? daysOf(patient.deceasedDateTime).last : day;
          expect(given.first).toBeLessThanOrEqual(end);
        }
      }),
      { numRuns: 15 },
    );
  });

  it('holds no empty text, list or object, and only ids that FHIR allows', () => {
    for (const resource of wholeRegistry(mode, 3, 100)) {
      expect(emptyPartsOf(resource)).toEqual([]);
      expect(parseResourceId(resource.id ?? '')).toBeDefined();
    }
  });

  it('gives every dose what a registry asks for', () => {
    for (const dose of immunizationsOf(wholeRegistry(mode, 3, 100))) {
      const [cvx, ndc] = dose.vaccineCode.coding ?? [];
      expect(parseCvxCode(cvx?.code ?? '')).toBe(cvx?.code);
      if (ndc) expect(ndc.code).toMatch(/^[0-9]{5}-[0-9]{4}-[0-9]{2}$/);
      expect(dose.primarySource).toBe(dose.reportOrigin === undefined);
      expect(dose.statusReason !== undefined).toBe(dose.status === 'not-done');
      expect(dose.performer !== undefined).toBe(dose.primarySource && dose.status !== 'not-done');
    }
  });
});

describe('a registry for measurements', () => {
  it('has exactly the doses asked for, in both forms of date', () => {
    for (const dosesPerPerson of [0, 1, 7, 12]) {
      const doses = immunizationsOf([
        ...generateRegistry({ mode: 'bench', seed: 1, people: 100, asOf, dosesPerPerson }),
      ]);
      expect(doses).toHaveLength(100 * dosesPerPerson);
      if (dosesPerPerson < 7) continue;
      expect(doses.some((dose) => /T.*-0[45]:00$/.test(dose.occurrenceDateTime ?? ''))).toBe(true);
      expect(doses.some((dose) => /^[0-9-]{10}$/.test(dose.occurrenceDateTime ?? ''))).toBe(true);
    }
  });

  it('is skewed as real data are: influenza leads, few surnames are common, clinics differ in size', () => {
    const resources = wholeRegistry('bench', 1, 3000);
    const cvx = commonness(immunizationsOf(resources).map((dose) => dose.vaccineCode.coding?.[0]?.code));
    expect(['150', '140', '309', '312', '135']).toContain(cvx[0]?.[0]);
    expect(cvx.length).toBeGreaterThan(40);
    const surnames = commonness(patientsOf(resources).map((patient) => patient.name?.[0]?.family));
    expect(surnames[0]?.[1]).toBeGreaterThan(60);
    expect(surnames.length).toBeGreaterThan(500);
    const clinics = commonness(
      patientsOf(resources).map((patient) => patient.managingOrganization?.reference),
    );
    expect(clinics[0]?.[1]).toBeGreaterThan(100);
  });

  it('numbers its clinics as asked', () => {
    const options = { mode: 'bench', seed: 1, asOf, people: 20, clinics: 3 } as const;
    const organizations = [...generateRegistry(options)].filter(
      (each) => each.resourceType === 'Organization',
    );
    expect(organizations.map(({ id }) => id)).toEqual(['bench-o-0001', 'bench-o-0002', 'bench-o-0003']);
  });
});

describe('an invented provider number', () => {
  // The example of the NPI check digit: 123456789 is completed by 3. Ours begin with 2.
  it('has a right check digit', () => {
    for (let index = 0; index < 200; index++) expect(luhnSum(`80840${inventedNpi(index)}`) % 10).toBe(0);
    expect(luhnSum('808401234567893') % 10).toBe(0);
  });
});

function luhnSum(digits: string): number {
  return [...digits].reverse().reduce((sum, digit, place) => {
    const value = Number(digit) * (place % 2 === 1 ? 2 : 1);
    return sum + (value > 9 ? value - 9 : value);
  }, 0);
}

function daysOf(text = '') {
  const day = writtenDayOf(text);
  if (day !== undefined) return { first: day, last: day };
  const date = parsePartialDate(text);
  if (!date) throw new Error(`${text} is not a date`);
  return daysMeantBy(date);
}

function commonness(values: readonly (string | undefined)[]): [string | undefined, number][] {
  const counts = new Map<string | undefined, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]);
}

function emptyPartsOf(value: unknown, path = ''): string[] {
  if (value === '' || value === null || value === undefined || Number.isNaN(value)) return [path];
  if (typeof value !== 'object') return [];
  const parts = Object.entries(value);
  return parts.length === 0 ? [path] : parts.flatMap(([key, part]) => emptyPartsOf(part, `${path}.${key}`));
}
