import { expect, it } from 'vitest';
import { rowsOf, tellPerson } from './told-person.ts';

const born = '2020-01-01';

it('says on top how many doses were left out and why, marks the groups, and names each dose', () => {
  const text = tellPerson('2026-03-01', {
    born,
    doses: [
      ['2020-03-01', '10'],
      ['2020', '08'],
      ['2020-05', '08'],
      ['2020-06-01', '998'],
      ['2020-06-01', '10', { vaccineCode: { text: 'the blue one' } }],
      ['2027-01-01', '03'],
      ['2020-03-01', '10'],
    ],
  });
  const [, , , count] = text.split('\n');
  expect(count).toBe(
    '7 doses on record, 1 could be evaluated: 2 have no whole date, 1 has no vaccine code that can be read, ' +
      '1 has a vaccine code that the schedule does not know, 1 has a date after the day of this forecast and ' +
      '1 has the same vaccine and day as another (see "Doses left out")',
  );
  expect(rowsOf(text, 'HepB').join()).toContain('note: 2 doses of it were left out (see "Doses left out")');
  expect(rowsOf(text, 'MMR').join()).toContain('note: 1 dose of it was left out (see "Doses left out")');
  // A dose that is there twice is missed nowhere.
  expect(rowsOf(text, 'Polio').join()).not.toContain('left out');
  expect(text).toContain(`Doses left out
  2020 Hep B, adolescent or pediatric (CVX 08) [Immunization/2]: its date 2020 is not a whole date
  2020-05 Hep B, adolescent or pediatric (CVX 08) [Immunization/3]: its date 2020-05 is not a whole date
  2020-06-01 CVX 998 [Immunization/4]: the schedule does not know its vaccine code
  2020-06-01 the blue one [Immunization/5]: it has no CVX code
  2027-01-01 MMR (CVX 03) [Immunization/6]: its date is after the day of this forecast
  2020-03-01 IPV (CVX 10) [Immunization/7]: the same vaccine of the same day is there already; it counts once
`);
});

it('marks a group that is settled too', () => {
  const text = tellPerson('2026-03-01', { born, doses: [['2020', '116']] });
  expect(rowsOf(text, 'Rotavirus').join()).toContain('too old\n      note: 1 dose of it was left out');
});

it.each([
  [[], 'No doses on record'],
  [[['2020-03-01', '10']], '1 dose on record, evaluated'],
  [
    [
      ['2020-03-01', '10'],
      ['2020-05-01', '10'],
    ],
    '2 doses on record, all evaluated',
  ],
] as const)('says of %j: %s', (doses, said) => {
  expect(tellPerson('2026-03-01', { born, doses }).split('\n')).toContain(said);
});

it('counts no dose that was not given, and says why it was not', () => {
  const refused = { status: 'not-done', statusReason: { text: 'refused' } } as const;
  const doses = [
    ['2020-03-01', '10', refused],
    ['2020-04-01', '10', { status: 'entered-in-error' }],
  ] as const;
  const text = tellPerson('2026-03-01', { born, doses });
  expect(text).toContain('No doses on record');
  expect(text).toContain('  2020-03-01 IPV (CVX 10) is not counted: it was not given (refused)\n');
  expect(text).toContain('  2020-04-01 IPV (CVX 10) is not counted: it was recorded by mistake\n');
});
