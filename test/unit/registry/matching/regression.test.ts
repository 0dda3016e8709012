import type { Patient } from 'fhir/r4.js';
import { describe, expect, it } from 'vitest';
import { ada, bare, compare } from './people.ts';

/**
 * The pairs that a change of the points, the thresholds or the rules is held to (MIROW: new weights run on a fixed set
 * before they go live). All people are made up.
 */

const named = (family: string, ...given: string[]) => ({ name: [{ family, given }] });
const suffixed = (suffix: string) => ({ name: [{ family: 'Okonkwo', given: ['Emeka'], suffix: [suffix] }] });
const moved = {
  address: [{ line: ['902 Quarry Rd'], city: 'Springfield', state: 'MA', postalCode: '01109' }],
};
const address = ada.address ?? [];
const telecom = ada.telecom ?? [];
const [ssn, recordNumber] = ada.identifier ?? [];
const only = bare(ada);
const home: Patient = { ...only, address };
const phone: Patient = { ...only, telecom };
const unnumbered: Patient = { ...ada, identifier: [] };
const other: Patient = { ...only, ...named('Lindqvist', 'Per'), gender: 'male', birthDate: '1961-11-30' };
const withNumber = (patient: Patient, identifier = ssn): Patient => ({
  ...patient,
  identifier: identifier ? [identifier] : [],
});
const whole = { family: 'Okonkwo', given: ['Emeka', 'Paul'] };
const short: Patient = { ...only, ...named('Okonkwo', 'Adaeze') };
const father: Patient = { ...home, ...named('Okonkwo', 'Emeka'), birthDate: '1988-02-01', telecom };
const son: Patient = { ...father, birthDate: '2012-06-14' };

type Row = readonly [what: string, a: Patient, b: Patient];

describe('one person beyond doubt', () => {
  it.each<Row>([
    ['name, birth date and house', home, home],
    ['name, birth date and phone', phone, phone],
    ['name, birth date and social security number', withNumber(only), withNumber(only)],
    [
      'name, birth date and the maiden name of the mother',
      { ...only, extension: ada.extension ?? [] },
      { ...only, extension: ada.extension ?? [] },
    ],
    [
      'name, birth date and guardian',
      { ...only, contact: ada.contact ?? [] },
      { ...only, contact: ada.contact ?? [] },
    ],
    ['much against little', ada, home],
    ['moved, with the same numbers', ada, { ...ada, ...moved }],
    ['a slip in the social security number', ada, withNumber(ada, { ...ssn, value: '401-22-7194' })],
    [
      'another social security number, all else the same',
      ada,
      withNumber(ada, { ...ssn, value: '512-33-8104' }),
    ],
    [
      'a nickname, all else the same',
      { ...ada, ...named('Okonkwo', 'William') },
      { ...ada, ...named('Okonkwo', 'Bill') },
    ],
    ['a second family name, all else the same', ada, { ...ada, ...named('Okonkwo-Eze', 'Adaeze', 'Ruth') }],
    [
      'married, with the old name known',
      ada,
      {
        ...ada,
        name: [
          { family: 'Bell', given: ['Adaeze'] },
          { use: 'maiden', family: 'Okonkwo' },
        ],
      },
    ],
    [
      'the same number of the same clinic, moved',
      withNumber(only, recordNumber),
      { ...withNumber(only, recordNumber), ...moved },
    ],
    [
      'the same number of the same clinic, with a second family name, moved',
      { ...withNumber(home, recordNumber), ...named('Okonkwo', 'Adaeze') },
      { ...withNumber(home, recordNumber), ...moved, ...named('Okonkwo-Eze', 'Adaeze', 'Ola') },
    ],
    [
      'a suffix that one of them lacks',
      { ...home, ...suffixed('Sr') },
      { ...home, ...named('Okonkwo', 'Emeka') },
    ],
  ])('%s', (_what, a, b) => {
    expect(compare(a, b)).toMatchObject({ outcome: 'match', grade: 'certain' });
  });
});

describe('for people to look at', () => {
  it.each<Row>([
    ['name and birth date alone', only, only],
    ['house against phone', home, phone],
    ['moved, and nothing else is known', home, { ...home, ...moved }],
    [
      'all but name and birth date differs',
      ada,
      {
        ...only,
        ...moved,
        identifier: [{ ...ssn, value: '512-33-8104' }],
        telecom: [{ system: 'phone', value: '413-581-2204' }],
      },
    ],
    ['a slip in the given name, at one house', home, { ...home, ...named('Okonkwo', 'Adaezi', 'Ruth') }],
    ['name, suffix and birth date alone', { ...only, ...suffixed('Jr') }, { ...only, ...suffixed('Jr') }],
    [
      'whole name with suffix, and birth date alone',
      { ...only, name: [{ ...whole, suffix: ['Jr'] }] },
      { ...only, name: [{ ...whole, suffix: ['Jr'] }] },
    ],
    ['short name, birth date and social security number', withNumber(short), withNumber(short)],
    [
      'a birth date of the next day, and a suffix that one of them lacks',
      { ...only, ...suffixed('Jr') },
      { ...only, ...named('Okonkwo', 'Emeka'), birthDate: '2019-03-08' },
    ],
    ['names that changed places, nothing else known', only, { ...only, ...named('Adaeze', 'Okonkwo') }],
    ['twins at one house', home, { ...home, ...named('Okonkwo', 'Ngozi') }],
    ['twins of whom much is known', unnumbered, { ...unnumbered, ...named('Okonkwo', 'Ngozi', 'Mary') }],
    ['twins with names alike', unnumbered, { ...unnumbered, ...named('Okonkwo', 'Adaora', 'Ruth') }],
    [
      'twins who are told to be',
      { ...unnumbered, multipleBirthInteger: 1 },
      { ...unnumbered, ...named('Okonkwo', 'Adanna'), multipleBirthInteger: 2 },
    ],
    ['a newborn, and the child with a name', { ...home, ...named('Okonkwo', 'Baby Girl') }, home],
    [
      'a birth date of the next day, nothing else known',
      { ...only, ...named('Okonkwo', 'Adaeze') },
      { ...only, ...named('Okonkwo', 'Adaeze'), birthDate: '2019-03-08' },
    ],
    ['day and month swapped', home, { ...home, birthDate: '2019-07-03' }],
    ['another year', home, { ...home, birthDate: '2018-03-07' }],
    ['no birth date', home, { ...home, birthDate: '' }],
    [
      'married, with the same phone',
      { ...phone, address },
      { ...phone, ...moved, ...named('Bell', 'Adaeze', 'Ruth') },
    ],
    ['father and son on one day, by a slip', { ...home, ...suffixed('Sr') }, { ...home, ...suffixed('Jr') }],
    ['another sex, at one house', home, { ...home, gender: 'male' }],
  ])('%s', (_what, a, b) => {
    expect(compare(a, b).outcome).toBe('possible');
  });
});

describe('two people', () => {
  it.each<Row>([
    ['nothing in common', home, { ...other, ...moved }],
    ['a social security number that was typed into the wrong record', ada, withNumber(other)],
    [
      'a number of a clinic that was given twice',
      withNumber(only, recordNumber),
      withNumber(other, recordNumber),
    ],
    ['the name alone, born on another day', only, { ...only, birthDate: '2016-11-21' }],
    ['father and son at one house, with one phone', father, son],
    [
      'father and son of one household, of whom much is known',
      { ...unnumbered, ...named('Okonkwo', 'Emeka'), birthDate: '1988-02-01' },
      { ...unnumbered, ...named('Okonkwo', 'Emeka'), birthDate: '2012-06-14' },
    ],
    ['father and son who are told apart', { ...father, ...suffixed('Sr') }, { ...son, ...suffixed('Jr') }],
    ['siblings at one house', home, { ...home, ...named('Okonkwo', 'Ngozi'), birthDate: '2021-06-10' }],
    [
      'siblings of whom much is known',
      unnumbered,
      { ...unnumbered, ...named('Okonkwo', 'Ngozi'), birthDate: '2021-06-10' },
    ],
    ['cousins of one age', home, { ...home, ...moved, ...named('Okonkwo', 'Ngozi') }],
    ['given name and birth date alone', only, { ...only, ...named('Bellweather', 'Adaeze') }],
  ])('%s', (_what, a, b) => {
    expect(compare(a, b)).toMatchObject({ outcome: 'none', grade: 'certainly-not' });
  });
});
