import type { Patient } from 'fhir/r4.js';
import { describe, expect, it } from 'vitest';
import { compareRecordNumbers } from '../../../../src/registry/matching/compare-identifiers.ts';
import { compareRecords } from '../../../../src/registry/matching/compare-records.ts';
import { rankCandidates } from '../../../../src/registry/matching/find-candidates.ts';
import { hardRuleFor } from '../../../../src/registry/matching/hard-rules.ts';
import type { MatchLevels } from '../../../../src/registry/matching/match-fields.ts';
import type { MatchOutcome } from '../../../../src/registry/matching/match-outcome.ts';
import { shippedModel } from '../../../../src/registry/matching/shipped-model.ts';
import { toMatchRecord } from '../../../../src/registry/matching/to-match-record.ts';
import { ada, bare, compare } from './people.ts';

/** Name, sex and birth date agree, and nothing else is known. */
const alone: MatchLevels = {
  given: 'same',
  family: 'same',
  middle: 'missing',
  suffix: 'missing',
  birthDate: 'same',
  sex: 'same',
  birthOrder: 'missing',
  address: 'missing',
  phone: 'missing',
  email: 'missing',
  ssn: 'missing',
  medicaid: 'missing',
  recordNumber: 'missing',
  mother: 'missing',
  guardianGiven: 'missing',
  guardianFamily: 'missing',
  pattern: 'all',
  support: 'none',
  household: 'none',
  differences: 'none',
};
type Change = Partial<MatchLevels>;
const byPhone: Change = { phone: 'same' };
const byOwner: Change = { recordNumber: 'same-owner' };
const ruled = (change: Change, byPoints: MatchOutcome) => hardRuleFor({ ...alone, ...change }, byPoints);

describe('what no points outweigh', () => {
  it.each<[string, MatchOutcome, MatchOutcome, Change]>([
    ['the name alone', 'possible', 'none', { birthDate: 'different' }],
    ['the name alone', 'possible', 'none', { birthDate: 'missing' }],
    ['a generation apart', 'possible', 'none', { ...byPhone, birthDate: 'generation' }],
    ['another order of birth', 'match', 'possible', { ...byOwner, birthOrder: 'other-order' }],
    ['another given name', 'match', 'possible', { ...byOwner, given: 'close' }],
    ['another given name', 'match', 'possible', { ...byOwner, given: 'missing' }],
    ['another family name', 'match', 'possible', { ...byOwner, family: 'close' }],
    ['another family name', 'match', 'possible', { ...byOwner, family: 'kin' }],
    ['another birth date', 'match', 'possible', { ...byOwner, birthDate: 'next-day' }],
    ['another suffix', 'match', 'possible', { ...byOwner, suffix: 'different' }],
    ['another middle name', 'match', 'possible', { ...byPhone, middle: 'different' }],
    ['another sex', 'match', 'possible', { ...byPhone, sex: 'different' }],
    ['name and birth date alone', 'match', 'possible', {}],
    ['the same number of the same owner', 'possible', 'match', byOwner],
    ['the whole name, and nearly the birth date', 'none', 'possible', { birthDate: 'swapped' }],
  ])('%s: of a %s it makes %s', (rule, byPoints, outcome, change) => {
    expect(ruled(change, byPoints)).toEqual({ outcome, rule });
  });

  it.each<[string, MatchOutcome, Change]>([
    [
      'a default date that is the same is no other birth date',
      'match',
      { ...byPhone, birthDate: 'same-default' },
    ],
    ['an address is more than the name', 'match', { address: 'similar' }],
    ['a number of another owner is no number of the same', 'possible', { recordNumber: 'same' }],
    ['a given name but for a slip is not the same', 'possible', { ...byOwner, given: 'slip' }],
    ['a birth date but for a slip is not the same', 'possible', { ...byOwner, birthDate: 'slip' }],
    ['the number of a relative', 'possible', { ...byOwner, family: 'kin' }],
    ['the number of a twin of another sex', 'possible', { ...byOwner, sex: 'different' }],
    [
      'the number of somebody with another social security number',
      'possible',
      { ...byOwner, ssn: 'different' },
    ],
    ['nearly the birth date, and something differs', 'none', { birthDate: 'slip', differences: 'one' }],
    ['nearly the birth date, and another suffix', 'none', { birthDate: 'slip', suffix: 'different' }],
    ['nearly the birth date, and another order', 'none', { birthDate: 'slip', birthOrder: 'other-order' }],
    ['nearly the birth date, and nearly the name', 'none', { birthDate: 'slip', family: 'slip' }],
  ])('does not hold of: %s', (_what, byPoints, change) => {
    expect(ruled(change, byPoints)).toBeUndefined();
  });

  it.each<[string, Change]>([
    ['a social security number', { ssn: 'same' }],
    ['a Medicaid number', { medicaid: 'same' }],
    ['a number of the same owner', byOwner],
  ])('is outweighed by %s, where it says so', (_what, number) => {
    expect(ruled({ ...number, birthDate: 'generation' }, 'possible')).toBeUndefined();
    expect(ruled({ ...number, middle: 'different' }, 'match')).toBeUndefined();
    expect(ruled({ ...number, sex: 'different' }, 'match')).toBeUndefined();
  });
});

describe('the score', () => {
  const by = (possible: number, match: number, a: Patient, b: Patient) =>
    compareRecords({ ...shippedModel, thresholds: { possible, match } }, toMatchRecord(a), toMatchRecord(b));
  const other = { ...ada, identifier: [] };
  const { points } = compare(ada, other);

  it('is probable from the middle of the band on', () => {
    expect(by(points - 10, points + 10, ada, other).grade).toBe('probable');
    expect(by(points - 10, points + 11, ada, other).grade).toBe('possible');
  });

  it('of who is only possible by a rule is below that of whoever is certain', () => {
    const called = (suffix: string) => ({
      ...other,
      name: [{ family: 'Okonkwo', given: ['Adaeze', 'Ruth'], suffix: [suffix] }],
    });
    const sonAndFather = by(0, points - 60, called('Jr'), called('Sr'));
    expect(sonAndFather).toMatchObject({ outcome: 'possible', rule: 'another suffix' });
    // Just certain: as many points as it takes, and no more.
    expect(sonAndFather.score).toBeLessThan(by(60, points, ada, other).score);
  });

  it('of who is certain by a rule alone is that of whoever is just certain', () => {
    const numbered = compare(ada, ada);
    const certain = by(60, numbered.points + 40, ada, ada);
    expect(certain).toMatchObject({ outcome: 'match', rule: 'the same number of the same owner' });
    expect(certain.score).toBeGreaterThan(0.7);
  });

  it('of who is nobody by a rule alone is below that of whoever is possible', () => {
    const mother = { ...other, birthDate: '1990-01-30' };
    const apart = compare(mother, other);
    expect(apart).toMatchObject({ outcome: 'none', rule: 'a generation apart' });
    const justPossible = by(points, points + 74, ada, other);
    expect([justPossible.outcome, apart.score < justPossible.score]).toEqual(['possible', true]);
  });
});

it('takes a short number of nobody for one that others have too', () => {
  const numbered = (value: string) => toMatchRecord({ ...bare(ada), identifier: [{ value }] });
  expect(compareRecordNumbers(numbered('4711'), numbered('4711'))).toBe('same-short');
  expect(compareRecordNumbers(numbered('471100'), numbered('471100'))).toBe('same');
});

it('ranks nobody who is certainly another', () => {
  const record = toMatchRecord(ada);
  const candidateOf = (id: string, patient: typeof ada) => ({
    stored: { id } as never,
    patient,
    record: toMatchRecord(patient),
  });
  const stranger = {
    ...ada,
    ...bare({ ...ada, name: [{ family: 'Bell', given: ['Per'] }], birthDate: '1971-02-03' }),
  };
  const { identifier: _, ...unnumbered } = stranger;
  const ranked = rankCandidates(shippedModel, record, [
    candidateOf('stranger', { ...unnumbered, address: [], contact: [] }),
    candidateOf('same', ada),
  ]);
  expect(ranked.map(({ stored }) => stored.id)).toEqual(['same']);
});
