import { describe, expect, it } from 'vitest';
import { type Answer, ask, dateOf, type Person, r4StatusOf } from './asking.ts';
import { condition, own, procedure, snomed } from './clinical-facts.ts';

// Serological tests by LOINC: what proves immunity, and what only seems to.

const test = (loinc: string, result: object, more: object = {}) => ({
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: loinc }] },
  effectiveDateTime: '2026-01-10',
  ...result,
  ...more,
});
const on = (effectiveDateTime: string | undefined) => ({ effectiveDateTime });
const coded = (code: string) => ({ valueCodeableConcept: { coding: [{ code }] } });
const quantity = (value: number, code = 'm[IU]/mL', comparator?: string) => ({
  valueQuantity: { value, code, ...(comparator && { comparator }) },
});
const positive = coded('10828004');
const negative = coded('260385009');
const [antiHbs, antiHbc, hbsAg, measles, varicella] = ['16935-9', '13952-7', '5196-1', '35275-7', '19162-7'];
const because = (answer: Answer) => {
  const texts = answer.notes.filter((text) => text.includes('not used as evidence of immunity: '));
  return texts.map((text) => text.replace(/^.*immunity: /, ''));
};
const statusOf = (answer: Answer, group: string) => answer.of(group).forecastStatus.text;

describe('a serological test', () => {
  it.each([
    ['varicella IgG', '19162-7', positive, 'Varicella'],
    ['hepatitis A, in words', '40724-7', { valueString: 'Reactive' }, 'HepA'],
  ])('%s proves immunity', (_, loinc, result, group) => {
    const answer = ask({ born: '2010-01-01', clinical: [test(loinc, result)] });
    expect(answer.of(group).forecastStatus.text).toBe('Immune');
    expect(answer.of(group).supportingPatientInformation).toMatchObject([{ reference: 'Observation/c0' }]);
  });

  it('all three of measles, mumps and rubella prove it for MMR', () => {
    const three = ['35275-7', '6476-6', '40667-8'].map((loinc) => test(loinc, positive));
    const status = (clinical: readonly object[]) =>
      ask({ born: '2010-01-01', clinical }).of('MMR').forecastStatus.text;
    expect([status(three), status(three.slice(1))]).toEqual(['Immune', 'Not Complete']);
  });

  it.each([
    ['a negative result', test('16935-9', coded('260385009')), 'its result is negative'],
    ['9 mIU/ml', test('16935-9', quantity(9)), 'its result is negative'],
    ['a number in an unknown unit', test('16935-9', quantity(100, 'g')), 'does not say that it is positive'],
    [
      'more than 5 mIU/ml is not enough to know',
      test('16935-9', quantity(5, 'm[IU]/mL', '<')),
      'its result is negative',
    ],
    ['no result', test('16935-9', {}), 'does not say that it is positive'],
    ['a preliminary one', test('16935-9', positive, { status: 'preliminary' }), 'its status is preliminary'],
    [
      'one of tomorrow',
      test('16935-9', positive, { effectiveDateTime: '2026-11-29' }),
      'after the assessment date',
    ],
  ])('%s is said not to be used', (_, clinical, because) => {
    const answer = ask({ born: '2010-01-01', clinical: [clinical] });
    expect(answer.of('HepB').forecastStatus.text).toBe('Not Complete');
    const told = answer.notes.filter((text) => text.includes('not used as evidence of immunity'));
    expect(told).toHaveLength(1);
    expect(told[0]).toContain(because);
  });

  it('of something else says nothing', () => {
    expect(ask({ born: '2010-01-01', clinical: [test('718-7', quantity(14))] }).notes.join()).not.toContain(
      'not used',
    );
  });
});

it('the components of a panel are tests', () => {
  const panel = {
    ...test('75668-4', {}),
    component: [measles, '6476-6', '40667-8'].map((loinc) => ({
      code: { coding: [{ system: 'http://loinc.org', code: loinc }] },
      ...positive,
    })),
  };
  expect(statusOf(ask({ born: '2010-01-01', clinical: [panel] }), 'MMR')).toBe('Immune');
});

describe('antibodies of the mother', () => {
  const child = (born: string, ...clinical: readonly object[]) => ask({ born, on: '2026-11-29', clinical });
  const maternal = 'before the age of 12 months antibodies may be those of the mother';

  it.each([
    [
      'varicella IgG on the day of birth',
      '2025-06-01',
      test(varicella, positive, on('2025-06-01')),
      'Varicella',
    ],
    ['measles IgG at two months', '2025-06-01', test(measles, positive, on('2025-08-01')), 'MMR'],
    [
      'on the day before the first birthday',
      '2025-06-01',
      test(varicella, positive, on('2026-05-31')),
      'Varicella',
    ],
    ['without a date, of an infant', '2026-06-01', test(varicella, positive, on(undefined)), 'Varicella'],
    [
      'by the code of the schedule',
      '2025-06-01',
      { ...test('', positive, on('2025-08-01')), code: snomed('371113008') },
      'Varicella',
    ],
  ])('%s prove nothing', (_, born, clinical, group) => {
    const answer = child(born, clinical);
    expect([statusOf(answer, group), because(answer)]).toEqual(['Not Complete', [maternal]]);
  });

  it('from the first birthday on they are the own', () => {
    expect(statusOf(child('2025-06-01', test(varicella, positive, on('2026-06-01'))), 'Varicella')).toBe(
      'Immune',
    );
  });

  it.each(['023', '024'])('a disease in infancy is one (%s)', (code) => {
    const disease = condition({ code: own(code), onsetDateTime: '2025-12-01' });
    expect(statusOf(child('2025-06-01', disease), 'Varicella')).toBe('Immune');
  });
});

describe('antibodies that were given', () => {
  const born = '2010-01-01';
  const igg = test(varicella, positive, on('2026-06-01'));
  const given = (code: string, performedDateTime?: string) => procedure(own(code), { performedDateTime });

  it.each([
    ['whole blood, six months', given('134', '2025-12-02'), []],
    ['IGIV for Kawasaki disease, eleven months', given('141', '2025-07-02'), []],
    ['blood of nobody knows when', given('134'), []],
    ['whole blood, on the day of the test', given('134', '2026-06-01'), []],
    ['tetanus immune globulin, three months', given('125', '2026-03-02'), []],
    ['varicella immune globulin as a dose', undefined, [['2026-02-01', '36']]],
    ['immune globulin of which no more is said', undefined, [['2025-07-02', '14']]],
  ] as const)('%s', (_, clinical, doses) => {
    const answer = ask({ born, on: '2027-08-01', clinical: [igg, ...(clinical ? [clinical] : [])], doses });
    expect(statusOf(answer, 'Varicella')).not.toBe('Immune');
    expect(because(answer).join()).toContain('antibodies of an immune globulin or a blood product');
  });

  it.each([
    ['past its time', given('134', '2025-12-01'), []],
    ['after the test', given('134', '2026-06-02'), []],
    ['past its time as a dose', undefined, [['2026-01-01', '36']]],
  ] as const)('not %s', (_, clinical, doses) => {
    const answer = ask({ born, on: '2027-08-01', clinical: [igg, ...(clinical ? [clinical] : [])], doses });
    expect(statusOf(answer, 'Varicella')).toBe('Immune');
  });

  it('recorded as a dose put off live vaccines', () => {
    const answer = (assessed: string) => ask({ born, on: assessed, doses: [['2026-02-01', '36']] });
    expect(statusOf(answer('2026-06-30'), 'MMR')).toBe('Contraindicated');
    expect(answer('2026-06-30').of('MMR').supportingPatientInformation).toMatchObject([
      { reference: 'Immunization/d0' },
    ]);
    expect(statusOf(answer('2026-07-01'), 'MMR')).toBe('Not Complete');
  });
});

describe('what came later', () => {
  const born = '2000-01-01';
  const ofTwo = (first: object, second: object) =>
    ask({
      born,
      on: '2026-11-29',
      clinical: [test(varicella, positive, first), test(varicella, negative, second)],
    });

  it.each([
    ['a later negative', on('2020-01-01'), on('2026-01-01'), 'Not Complete'],
    ['one of the same day', on('2020-01-01'), on('2020-01-01'), 'Not Complete'],
    ['one after a positive without a date', on(undefined), on('2020-01-01'), 'Not Complete'],
    ['not an earlier one', on('2020-01-01'), on('2019-01-01'), 'Immune'],
    ['not one without a date', on('2020-01-01'), on(undefined), 'Immune'],
    ['not one of tomorrow', on('2020-01-01'), on('2026-11-30'), 'Immune'],
  ])('%s undoes a positive result', (_, first, second, expected) => {
    expect(statusOf(ofTwo(first, second), 'Varicella')).toBe(expected);
  });

  it('a finding of immunity is a test as well, a verified disease is none', () => {
    const immune = { ...test('', positive, on('2020-01-01')), code: snomed('371113008') };
    const disease = condition({ code: own('024'), onsetDateTime: '2020-01-01' });
    const statuses = [
      [immune],
      [immune, test(varicella, negative)],
      [disease, test(varicella, negative)],
    ].map((clinical) => statusOf(ask({ born, clinical }), 'Varicella'));
    expect(statuses).toEqual(['Immune', 'Not Complete', 'Immune']);
  });

  it('a test whose result is the finding of immunity is told of once', () => {
    const clinical = [test(varicella, { valueCodeableConcept: snomed('371113008') }, on('2020-01-01'))];
    const answer = ask({ born, clinical });
    expect([statusOf(answer, 'Varicella'), because(answer)]).toEqual(['Immune', []]);
    expect(answer.of('Varicella').supportingPatientInformation).toMatchObject([
      { reference: 'Observation/c0' },
    ]);
  });

  it('is told', () => {
    expect(because(ofTwo(on('2020-01-01'), on('2026-01-01')))[0]).toBe(
      'Observation/c1, which is not earlier, is negative',
    );
  });

  it('an equivocal result is no immunity', () => {
    const clinical = [test(varicella, positive, on('2020-01-01')), test(varicella, coded('42425007'))];
    expect(statusOf(ask({ born, clinical }), 'Varicella')).toBe('Not Complete');
  });

  it('a negative result of another disease says nothing', () => {
    const clinical = [test(varicella, positive, on('2020-01-01')), test(measles, negative)];
    expect(statusOf(ask({ born, clinical }), 'Varicella')).toBe('Immune');
  });

  it('a transplant that nobody has confirmed does not', () => {
    const provisional = { verificationStatus: { coding: [{ code: 'provisional' }] } };
    const transplant = condition({ code: snomed('234336002'), onsetDateTime: '2026-03-01', ...provisional });
    const answer = ask({ born, clinical: [test(varicella, positive, on('2020-01-01')), transplant] });
    expect(statusOf(answer, 'Varicella')).toBe('Immune');
  });

  it.each([
    ['a stem cell transplant', '2026-03-01', false],
    ['one of the same day', '2020-01-01', false],
    ['not one of before', '2019-12-31', true],
    ['one of a day that nobody knows', undefined, false],
  ])('%s undoes it', (_, performedDateTime, isImmune) => {
    const transplant = procedure(snomed('234336002'), { performedDateTime });
    const answer = ask({ born, clinical: [test(varicella, positive, on('2020-01-01')), transplant] });
    expect(because(answer).length === 0).toBe(isImmune);
    expect(answer.of('Varicella').forecastReason?.[0]?.text === 'Patient has evidence of immunity').toBe(
      isImmune,
    );
  });
});

describe('hepatitis B', () => {
  const three = [
    ['2010-01-01', '08'],
    ['2010-03-01', '08'],
    ['2012-08-01', '08'],
  ] as const;
  const person = (clinical: readonly object[], doses: Person['doses'] = [], born = '2010-01-01') =>
    ask({ born, on: '2026-11-29', clinical, doses });
  const incomplete = /^anti-HBs proves immunity only after a complete series/;

  it.each([
    ['10 mIU/ml', test(antiHbs, quantity(10))],
    ['positive', test('22322-2', coded('LA6576-8'))],
    ['by its interpretation', test(antiHbs, { interpretation: [{ coding: [{ code: 'POS' }] }] })],
    ['on the day of the last dose', test(antiHbs, quantity(500), on('2012-08-01'))],
  ])('anti-HBs after a complete series, %s', (_, clinical) => {
    expect(statusOf(person([clinical], three), 'HepB')).toBe('Immune');
  });

  it('anti-HBs of 500 at six weeks, after the birth dose', () => {
    const answer = person(
      [test(antiHbs, quantity(500), on('2026-11-27'))],
      [['2026-10-15', '08']],
      '2026-10-15',
    );
    expect(statusOf(answer, 'HepB')).toBe('Not Complete');
    expect(because(answer)[0]).toContain('those of the mother');
  });

  it('anti-HBs a month after one dose of an adult', () => {
    const answer = person(
      [test(antiHbs, quantity(500), on('2026-11-01'))],
      [['2026-10-01', '43']],
      '1990-01-01',
    );
    expect([statusOf(answer, 'HepB'), dateOf(answer.of('HepB'), 'due')]).toEqual([
      'Not Complete',
      '2026-10-29',
    ]);
    expect(because(answer)).toEqual([expect.stringMatching(incomplete)]);
  });

  it('anti-HBs before the series was complete', () => {
    const late = [...three.slice(0, 2), ['2026-06-01', '08']] as const;
    const answer = person([test(antiHbs, quantity(500))], late);
    expect([statusOf(answer, 'HepB'), because(answer)]).toEqual([
      'Complete',
      [expect.stringMatching(incomplete)],
    ]);
  });

  it('anti-HBs without a date', () => {
    expect(because(person([test(antiHbs, quantity(500), on(undefined))], three))[0]).toContain(
      'it has no date',
    );
  });

  it('anti-HBs in the six months after hepatitis B immune globulin', () => {
    const given = (date: string) => person([test(antiHbs, quantity(500))], [...three, [date, '30']]);
    expect(because(given('2025-07-11')).join()).toContain('immune globulin');
    expect(because(given('2025-07-10'))).toEqual([]);
  });

  it('anti-HBs beside antibodies to the core antigen: an infection that is over', () => {
    const answer = person([test(antiHbs, quantity(50)), test(antiHbc, positive)]);
    expect(statusOf(answer, 'HepB')).toBe('Immune');
    expect(because(answer)).toEqual([]);
  });

  it('antibodies to the core antigen alone', () => {
    const answer = person([test(antiHbc, positive)]);
    expect(statusOf(answer, 'HepB')).toBe('Not Complete');
    expect(because(answer)[0]).toContain('whether an infection is over');
  });

  it('antibodies to the core antigen of the mother', () => {
    const clinical = [
      test(antiHbs, quantity(50), on('2026-11-20')),
      test(antiHbc, positive, on('2026-11-20')),
    ];
    const answer = person(clinical, [], '2025-06-01');
    expect(statusOf(answer, 'HepB')).toBe('Not Complete');
    expect(because(answer)).toEqual([
      expect.stringMatching(incomplete),
      'before the age of 24 months antibodies may be those of the mother',
    ]);
  });

  it('HBsAg: an infection, for which vaccine is of no use', () => {
    const answer = person([test(hbsAg, coded('LA6576-8'))]);
    const recommendation = answer.of('HepB');
    expect([recommendation.forecastStatus.text, r4StatusOf(recommendation)]).toEqual(['Immune', 'immune']);
    expect(recommendation.description).toBe(
      'HBsAg was positive on 2026-01-10: a current hepatitis B infection, not immunity. Vaccine is of no use to who has it; a clinician has to see to care and to the contacts.',
    );
    expect(answer.notes.join()).toContain('a current hepatitis B infection');
    expect(recommendation.supportingPatientInformation).toMatchObject([{ reference: 'Observation/c0' }]);
  });

  it.each([
    ['that is negative later', [test(hbsAg, positive), test(hbsAg, negative, on('2026-06-01'))], []],
    ['of the vaccine, 18 days after a dose', [test(hbsAg, positive)], [['2025-12-23', '08']]],
    ['that is negative', [test(hbsAg, negative)], []],
  ] as const)('HBsAg %s is none', (_, clinical, doses) => {
    const answer = person(clinical, doses);
    expect([statusOf(answer, 'HepB'), answer.of('HepB').description ?? '']).toEqual([
      'Not Complete',
      expect.not.stringContaining('infection'),
    ]);
  });

  it('HBsAg twice is told of once, with the later day', () => {
    const answer = person([test(hbsAg, positive), test(hbsAg, positive, on('2025-06-01'))]);
    expect(answer.of('HepB').description?.match(/HBsAg was positive on \S+/g)).toEqual([
      'HBsAg was positive on 2026-01-10:',
    ]);
  });

  it('HBsAg 19 days after a dose is an infection', () => {
    expect(statusOf(person([test(hbsAg, positive)], [['2025-12-22', '08']]), 'HepB')).toBe('Immune');
  });
});
