import type { Immunization } from 'fhir/r4.js';
import { describe, expect, it } from 'vitest';
import type { DoseEvent } from '../../../../src/registry/deduplication/dose-event.ts';
import { evaluatePair } from '../../../../src/registry/deduplication/evaluate-pair.ts';
import { toDoseEvent } from '../../../../src/registry/deduplication/to-dose-event.ts';
import { vaccines } from './vaccines.ts';

type Told = {
  readonly on: string;
  readonly cvx?: string;
  readonly lot?: string;
  readonly by?: string;
  readonly given?: boolean;
  readonly ndc?: string;
};

function event(id: string, { on, cvx, lot, by, given, ndc }: Told): DoseEvent {
  const coding = [
    ...(cvx === undefined ? [] : [{ system: 'http://hl7.org/fhir/sid/cvx', code: cvx }]),
    ...(ndc === undefined ? [] : [{ system: 'http://hl7.org/fhir/sid/ndc', code: ndc }]),
  ];
  const dose: Immunization = {
    resourceType: 'Immunization',
    id,
    status: 'completed',
    vaccineCode: { coding },
    patient: { reference: 'Patient/p' },
    occurrenceDateTime: on,
    ...(lot !== undefined && { lotNumber: lot }),
    ...(by !== undefined && { performer: [{ actor: { reference: `Organization/${by}` } }] }),
    ...(given !== undefined && { primarySource: given }),
  };
  return toDoseEvent(dose, vaccines) as DoseEvent;
}

const compare = (a: Told, b: Told) => evaluatePair(event('a', a), event('b', b));

/** The scenarios of MIROW's guide, as facts: verdict and score of the reference weights where both have codes. */
describe('the scenarios of the guide', () => {
  it.each<[string, Told, Told, string, number]>([
    [
      'other lots, two weeks apart',
      { on: '2005-08-26', cvx: '20', lot: 'C2221AA', by: 'o' },
      { on: '2005-09-09', cvx: '20', lot: 'C2253AA', by: 'o' },
      'different',
      0.364,
    ],
    [
      'the same from other clinics',
      { on: '2005-08-26', cvx: '20', lot: 'C2221AA', by: 'o' },
      { on: '2005-09-09', cvx: '20', lot: 'C2253AA', by: 'b' },
      'different',
      0.313,
    ],
    [
      'one lot, ten days apart',
      { on: '2006-01-06', cvx: '110', lot: 'AC21A011CA', by: 'o', ndc: '58160-0811-52' },
      { on: '2006-01-16', cvx: '110', lot: 'AC21A011CA', by: 'o', ndc: '58160-0811-52' },
      'same',
      0.653,
    ],
    [
      'a combination and a part of it, of other lots',
      { on: '2006-06-08', cvx: '110', lot: 'C2221AA', by: 'k', ndc: '58160-0811-52' },
      { on: '2006-06-08', cvx: '10', lot: 'C2253AA', by: 'k', ndc: '49281-0860-10' },
      'different',
      0.32,
    ],
    [
      'given by two clinics on one day',
      { on: '2006-02-02', cvx: '49', lot: '2345mm', by: '332', given: true },
      { on: '2006-02-02', cvx: '49', by: '354', given: true },
      'same',
      0.602,
    ],
    [
      'told, a day later, by an unspecified code',
      { on: '2004-09-09', cvx: '17', by: '89', given: false },
      { on: '2004-09-10', cvx: '48', by: '90' },
      'unsure',
      0.473,
    ],
  ])('%s', (_, a, b, verdict, score) => {
    const found = compare(a, b);
    expect(found?.verdict).toBe(verdict);
    expect(found?.score).toBeCloseTo(score, 2);
    expect(compare(b, a)).toEqual(found);
  });
});

describe('what is compared at all', () => {
  it.each<[string, Told, Told]>([
    ['vaccines against other diseases', { on: '2020-01-01', cvx: '03' }, { on: '2020-01-01', cvx: '83' }],
    ['more than 23 days apart', { on: '2020-01-01', cvx: '20' }, { on: '2020-01-25', cvx: '20' }],
    ['a date known to the month', { on: '2020-01', cvx: '20' }, { on: '2020-01-01', cvx: '20' }],
    ['a code that nobody knows', { on: '2020-01-01', cvx: '999' }, { on: '2020-01-01', cvx: '999' }],
  ])('not %s', (_, a, b) => {
    expect(compare(a, b)).toBeUndefined();
  });

  it('up to 23 days, and an exchanged day and month', () => {
    expect(compare({ on: '2020-01-01', cvx: '20' }, { on: '2020-01-24', cvx: '20' })).toBeDefined();
    const swapped = compare(
      { on: '2020-03-05', cvx: '20', given: true },
      { on: '2020-05-03', cvx: '20', given: false },
    );
    expect(swapped).toMatchObject({ verdict: 'unsure', rule: 'as far apart as doses of a series may be' });
    expect(compare({ on: '2020-03-25', cvx: '20' }, { on: '2020-05-03', cvx: '20' })).toBeUndefined();
  });
});

describe('what the weights may not decide', () => {
  const given = (on: string, cvx: string, more: Partial<Told> = {}): Told => ({
    on,
    cvx,
    by: 'o',
    given: true,
    ...more,
  });
  const told = (on: string, cvx: string): Told => ({ on, cvx, by: 'x', given: false });

  it.each<[string, Told, Told, string]>([
    [
      'rabies doses three days apart, both given',
      given('2020-01-01', '90'),
      given('2020-01-04', '90'),
      'different',
    ],
    [
      'rabies doses three days apart, one told',
      given('2020-01-01', '90'),
      told('2020-01-04', '90'),
      'unsure',
    ],
    [
      'COVID-19 doses 21 days apart, one told',
      given('2021-03-01', '208'),
      told('2021-03-22', '208'),
      'unsure',
    ],
    ['Hep A-Hep B a week apart, one told', given('2020-01-01', '104'), told('2020-01-08', '104'), 'unsure'],
    [
      'given on one day of other lots',
      given('2020-01-01', '20', { lot: 'AAAAA1', ndc: '49281-0286-10' }),
      given('2020-01-01', '20', { lot: 'BBBBB2', ndc: '49281-0286-10' }),
      'unsure',
    ],
    ['PCV13 beside PPSV23, one told', given('2020-01-01', '133'), told('2020-01-01', '33'), 'unsure'],
    [
      'two combinations that each hold something more',
      given('2020-01-01', '110'),
      told('2020-01-01', '120'),
      'unsure',
    ],
  ])('%s: %s', (_, a, b, verdict) => {
    expect(compare(a, b)?.verdict).toBe(verdict);
  });

  it('but what was given and what is told of it are one: the same, unspecified, or a part', () => {
    for (const cvx of ['110', '107', '20', '45']) {
      expect(compare(given('2020-01-01', '110'), told('2020-01-01', cvx))?.verdict).toBe('same');
    }
    expect(compare(given('2020-01-15', '10'), told('2020-01-01', '10'))?.verdict).toBe('same');
  });
});

it('calls two that were given of different lots never one, though all else agrees', () => {
  const one = { on: '2020-03-04', cvx: '20', ndc: '58160-0810-52', by: 'o', given: true };
  const verdict = compare({ ...one, lot: 'AC21A011' }, { ...one, lot: 'ZZ99B022' })?.verdict;
  expect(verdict).toBe('unsure');
});
