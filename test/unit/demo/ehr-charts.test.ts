import type { Immunization } from 'fhir/r4.js';
import { describe, expect, it } from 'vitest';
import { ehrCharts } from '../../../src/demo/ehr-charts.ts';
import { toEpochDay } from '../../../src/values/epoch-day.ts';

const options = { mode: 'demo', seed: 1, asOf: toEpochDay(2026, 11, 30) } as const;

describe('the charts of an EHR of its own', () => {
  const charts = ehrCharts({ ...options, people: 100 });

  it('are of people of the registry, under other ids', () => {
    expect(charts.map(({ shows }) => shows)).toEqual(['unreported', 'moved', 'no-live']);
    expect(JSON.stringify(charts)).not.toContain('demo-');
    expect(charts.map(({ patient }) => patient.name?.[0]?.family)).toContain('Kowalski');
  });

  it('hold doses that the registry lacks, with who gave them, and less than the registry of who moved', () => {
    const dosesOf = (nth: number) =>
      (charts[nth]?.resources ?? []).filter(
        (one): one is Immunization => one.resourceType === 'Immunization',
      );
    const unreported = dosesOf(0).filter(({ id = '' }) => id.includes('.new.'));
    expect(unreported.map(({ primarySource }) => primarySource)).toEqual([
      true,
      true,
      true,
      true,
      true,
      false,
    ]);
    expect(unreported.every(({ performer = [] }) => performer.length > 0)).toBe(true);
    expect(dosesOf(1).length).toBeGreaterThan(0);
    expect(charts[2]?.resources.at(-1)?.resourceType).toBe('Condition');
  });

  it('are there as far as their people are', () => {
    expect(ehrCharts({ ...options, people: 6 }).map(({ shows }) => shows)).toEqual(['unreported']);
    expect(ehrCharts({ ...options, people: 0 })).toEqual([]);
  });
});
