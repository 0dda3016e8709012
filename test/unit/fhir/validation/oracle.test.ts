import { describe, expect, it } from 'vitest';
import { errorsOf, readData, readOracleCases, readVerdicts } from './test-validator.ts';

const cases = readOracleCases();
const verdicts = readVerdicts();
/** Case -> why we see it otherwise. Each is tried again: one that agrees by now must go. */
const known = readData('known-disagreements.json') as Record<string, string>;

const disagreements = cases
  .filter(({ id, resource }) => errorsOf(resource).length > 0 !== (verdicts.get(id) !== null))
  .map(({ id }) => id);
const agreed = cases.length - disagreements.length;

describe("HL7's Java validator", () => {
  it('has a verdict on every case', () => {
    expect(cases.filter(({ id }) => !verdicts.has(id))).toEqual([]);
    expect(cases.length).toBeGreaterThan(2000);
  });

  it(`agrees in ${agreed} of ${cases.length} cases, and each other one has its reason`, () => {
    expect(disagreements.toSorted()).toEqual(Object.keys(known).toSorted());
    expect(agreed / cases.length).toBeGreaterThan(0.985);
  });

  it('finds the errors in the same places', () => {
    const both = cases.filter(({ id }) => verdicts.get(id) && !(id in known));
    const elsewhere = both.filter(({ id, resource }) => {
      const places = (verdicts.get(id) ?? '').split(' ').map(toPlace);
      return !errorsOf(resource).some(({ expression = '' }) =>
        places.some((place) => meet(place, expression)),
      );
    });
    expect(elsewhere.map(({ id }) => id).length / both.length).toBeLessThan(0.02);
  });
});

/** `Bundle.entry[0].resource/*Patient/p1*\/.value.ofType(string)` is `Bundle.entry[0].resource.value`. */
function toPlace(location: string): string {
  return location.replaceAll(/\/\*.*?\*\/|\.ofType\(\w+\)|\[x\]|\[url='[^']*'\]/g, '');
}

/** One lies in the other: a missing element is reported at its parent or by its own name. */
function meet(one: string, other: string): boolean {
  return one !== '' && (other.startsWith(one) || one.startsWith(other));
}
