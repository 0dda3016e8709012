import { describe, expect, it } from 'vitest';
import { errorsOf, readData, readOracleCases, readVerdicts } from './test-validator.ts';

const sets = [
  { name: 'the first set', folder: '', least: 2000, share: 0.985 },
  { name: 'the held-out set', folder: 'held-out/', least: 800, share: 0.955 },
].map((set) => ({ ...set, ...compare(set.folder) }));

describe.each(sets)("HL7's Java validator on $name", (set) => {
  const { cases, verdicts, known, disagreements, agreed } = set;

  it('has a verdict on every case', () => {
    expect(cases.filter(({ id }) => !verdicts.has(id))).toEqual([]);
    expect(cases.length).toBeGreaterThan(set.least);
  });

  it(`agrees in ${agreed} of ${cases.length} cases, and each other one has its reason`, () => {
    expect(disagreements.toSorted()).toEqual(Object.keys(known).toSorted());
    expect(agreed / cases.length).toBeGreaterThan(set.share);
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

function compare(folder: string) {
  const cases = readOracleCases(folder);
  const verdicts = readVerdicts(folder);
  /** Case -> why we see it otherwise. Each is tried again: one that agrees by now must go. */
  const known = readData(`${folder}known-disagreements.json`) as Record<string, string>;
  const disagreements = cases
    .filter(({ id, resource }) => errorsOf(resource).length > 0 !== (verdicts.get(id) !== null))
    .map(({ id }) => id);
  return { cases, verdicts, known, disagreements, agreed: cases.length - disagreements.length };
}

/** `Bundle.entry[0].resource/*Patient/p1*\/.value.ofType(string)` is `Bundle.entry[0].resource.value`. */
function toPlace(location: string): string {
  return location.replaceAll(/\/\*.*?\*\/|\.ofType\(\w+\)|\[x\]|\[url='[^']*'\]/g, '');
}

/** One lies in the other: a missing element is reported at its parent or by its own name. */
function meet(one: string, other: string): boolean {
  return one !== '' && (other.startsWith(one) || one.startsWith(other));
}
