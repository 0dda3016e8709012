import type { Patient } from 'fhir/r4.js';
import { describe, expect, it } from 'vitest';
import { compareRecords } from '../../../../src/registry/matching/compare-records.ts';
import { shippedModel } from '../../../../src/registry/matching/shipped-model.ts';
import { toMatchRecord } from '../../../../src/registry/matching/to-match-record.ts';
import { ada, bare, compare, levelOf } from './people.ts';

const changed = (change: Partial<Patient>): Patient => ({ ...ada, ...change });
const named = (family: string, ...given: string[]) => ({ name: [{ family, given }] });
const moved = [{ line: ['902 Quarry Rd'], city: 'Springfield', state: 'MA', postalCode: '01109' }];

describe('two records of one person', () => {
  it.each<[string, Patient]>([
    ['the same record', ada],
    [
      'an address as the post writes it',
      changed({
        address: [{ line: ['14 HAWTHORN ST'], city: 'Lowell', state: 'MA', postalCode: '01852-3310' }],
      }),
    ],
    ['another phone', changed({ telecom: [{ system: 'phone', value: '978-555-0142' }] })],
    ['a middle initial', changed(named('Okonkwo', 'Adaeze', 'R'))],
    ['accents', changed(named('Okónkwo', 'Adaezé', 'Ruth'))],
    ['no identifiers', { ...ada, identifier: [] }],
    ['the suffix in the name', changed(named('Okonkwo Jr', 'Adaeze', 'Ruth'))],
  ])('are certain: %s', (_what, other) => {
    expect(compare(ada, other).grade).toBe('certain');
  });

  it.each<[string, Patient]>([
    ['name and birth date alone', bare(ada)],
    ['another given name', changed(named('Okonkwo', 'Ngozi', 'Ruth'))],
    ['a birth date with day and month swapped', changed({ birthDate: '2019-07-03' })],
    ['a birth date of the day after', changed({ birthDate: '2019-03-08' })],
    ['names that changed places', { ...bare(ada), ...named('Adaeze', 'Okonkwo') }],
    ['another family name', changed(named('Bellweather', 'Adaeze', 'Ruth'))],
  ])('are for people to look at: %s', (_what, other) => {
    expect(compare(ada, other).outcome).toBe('possible');
  });
});

describe('two people', () => {
  it.each<[string, Patient]>([
    [
      'nothing in common',
      { ...bare(ada), ...named('Lindqvist', 'Per'), gender: 'male', birthDate: '1961-11-30' },
    ],
    ['the birth date alone', { ...bare(ada), ...named('Lindqvist', 'Sara'), address: moved }],
    [
      'the family name and birth date, living elsewhere',
      { ...bare(ada), ...named('Okonkwo', 'Ngozi'), address: moved },
    ],
    ['the whole name, born in another year', { ...bare(ada), birthDate: '1987-10-21', address: moved }],
  ])('are not matched: %s', (_what, other) => {
    expect(compare(ada, other).grade).toBe('certainly-not');
  });
});

it.each([{ gender: 'male' as const }, named('Okonkwo', 'Adaeze', 'Chioma')])(
  'lets a number outweigh a slip in %j',
  (slip) => expect(compare(ada, changed(slip)).grade).toBe('certain'),
);

describe('what no sum of points decides otherwise', () => {
  const single = changed({ multipleBirthInteger: 1 });

  it.each<[string, string, Patient, Patient]>([
    ['another order of birth', 'a differing order of birth', single, changed({ multipleBirthInteger: 2 })],
    ['another given name', 'no given name yet', ada, changed(named('Okonkwo', 'Baby Girl'))],
    ['another birth date', 'no birth date', ada, { ...ada, birthDate: '' }],
    [
      'another suffix',
      'father and son',
      changed({ name: [{ family: 'Okonkwo', given: ['Adaeze', 'Ruth'], suffix: ['Sr'] }] }),
      changed({ name: [{ family: 'Okonkwo', given: ['Adaeze', 'Ruth'], suffix: ['Jr'] }] }),
    ],
    [
      'another sex',
      'twins of one name',
      { ...ada, identifier: [] },
      { ...ada, gender: 'male', identifier: [] },
    ],
    [
      'another middle name',
      'twins of one first name',
      { ...ada, identifier: [] },
      { ...changed(named('Okonkwo', 'Adaeze', 'Chioma')), identifier: [] },
    ],
    [
      'name and birth date alone',
      'nothing else agrees',
      { ...bare(ada), ...named('Okonkwo', 'Adaeze') },
      { ...bare(ada), ...named('Okonkwo', 'Adaeze') },
    ],
  ])('%s: %s is never certain', (_rule, _what, a, b) => {
    expect(compare(a, b).outcome).not.toBe('match');
    expect(compare(a, b).score).toBeLessThan(compare(ada, ada).score);
  });

  it('never joins twins by itself, however much else is the same', () => {
    const other = changed({ ...named('Okonkwo', 'Adanna', 'Ruth') });
    expect(levelOf(compare(ada, other), 'household')).toBe('twin-at-home');
    expect(compare(ada, other).outcome).toBe('possible');
  });

  it('takes the same number of the same owner for the same record when the name and birth date agree', () => {
    const identifier = [{ system: 'urn:clinic:a', value: 'A-77120' }];
    const one = { ...bare(ada), identifier };
    expect(compare(one, { ...one, address: moved }).grade).toBe('certain');
    expect(compare(one, { ...one, ...named('Okonkwo', 'Ngozi') }).grade).not.toBe('certain');
    const elsewhere = { ...bare(ada), identifier: [{ system: 'urn:clinic:b', value: 'A-77120' }] };
    expect(compare(one, elsewhere).grade).not.toBe('certain');
  });
});

describe('a comparison', () => {
  it('is decided by the points and the thresholds alone where no rule holds', () => {
    const other = changed({ identifier: [] });
    const { points } = compare(ada, other);
    const outcomeBy = (possible: number, match: number) =>
      compareRecords(
        { ...shippedModel, thresholds: { possible, match } },
        toMatchRecord(ada),
        toMatchRecord(other),
      );
    expect(outcomeBy(0, points)).toMatchObject({ outcome: 'match', grade: 'certain' });
    expect(outcomeBy(0, points + 1)).toMatchObject({ outcome: 'possible', grade: 'probable' });
    expect(outcomeBy(points, 3 * points)).toMatchObject({ outcome: 'possible', grade: 'possible' });
    expect(outcomeBy(points + 1, 3 * points)).toMatchObject({ outcome: 'none', grade: 'certainly-not' });
  });

  it('shows each field, and its points are their sum', () => {
    const { fields, points } = compare(ada, changed({ address: moved }));
    expect(fields.reduce((sum, field) => sum + field.points, 0)).toBe(points);
    expect(fields.find(({ field }) => field === 'address')).toMatchObject({ level: 'different' });
  });

  it('is the same whichever record comes first', () => {
    const other = changed({ ...named('Okonkwo-Eze', 'Ada'), address: moved });
    expect(compare(ada, other)).toEqual(compare(other, ada));
  });
});
