import { describe, expect, it } from 'vitest';
import { codeSystem } from '../../../../src/registry/forecasting/code-systems.ts';
import { rowsOf, tellPerson } from './told-person.ts';

/** Due on 2027-01-10: begun on 2026-04-05. */
const dueDate = {
  code: { coding: [{ system: 'http://loinc.org', code: '11778-8' }], text: 'due date' },
  effectiveDateTime: '2026-10-01',
  valueDateTime: '2027-01-10',
};

describe('a pregnancy', () => {
  const told = (date: string) => tellPerson(date, { born: '1996-12-01', observations: [dueDate] });

  it('shows the weeks in which Tdap and RSV vaccine are given, and until when', () => {
    const text = told('2026-11-28');
    const [, tdap = ''] = rowsOf(text, 'DTaP/Tdap/Td');
    expect(tdap).toContain('DTaP/Tdap/Td (risk: Pregnant): dose 1 of 1, due since 2026-10-11');
    expect(tdap).toContain('For weeks 27 to 36 of the pregnancy, 2026-10-11 to 2026-12-19\n');
    expect(tdap).toContain('why: 27 weeks after onset of pregnancy (2026-04-05)\n');
    expect(tdap).toContain('risk: Pregnant, by "due date" (Observation/1), until 2027-02-07');
    const [rsv = ''] = rowsOf(text, 'RSV');
    // What is overdue after its last day is said once.
    expect(rsv).toContain('dose 1 of 1, due since 2026-11-15, not after 2026-12-19, season assumed\n');
    expect(rsv).toContain('For weeks 32 to 36 of the pregnancy, 2026-11-15 to 2026-12-19\n');
  });

  it('asks for no RSV vaccine when its weeks are over', () => {
    const text = told('2026-12-25');
    expect(text).toMatch(/Not needed\n(?: .*\n)* {2}RSV \(risk: Pregnant\): too late in this pregnancy/);
  });

  it('says what forbids live vaccines, and until when', () => {
    const text = told('2026-11-28');
    expect(rowsOf(text, 'Varicella').join()).toBe(
      '  Varicella          no vaccine of it, because of: Pregnant, by "due date" (Observation/1), until 2027-02-07',
    );
  });
});

describe('what is known of a person', () => {
  it('says which risk a row is for, and what says so', () => {
    const text = tellPerson('2026-11-28', {
      born: '1990-01-28',
      conditions: [['186', '2020-01-01', 'HIV']],
    });
    const row = rowsOf(text, 'HepA').join();
    expect(row).toContain('  HepA (risk: HIV Infection): dose 1 of 2');
    expect(row).toContain('risk: HIV Infection, by "HIV" (Condition/1)');
  });

  it('says which products are forbidden, and by what', () => {
    const text = tellPerson('2026-11-28', {
      born: '2020-01-28',
      conditions: [['160', '2026-01-01', 'no spleen']],
    });
    expect(rowsOf(text, 'Influenza').join()).toContain(
      'do not give: influenza, live, trivalent, intranasal (CVX 111); Influenza, live, trivalent, intranasal, ' +
        'self/caregiver admin, PF (CVX 333) (because of: Anatomical or functional asplenia, by "no spleen" (Condition/1))',
    );
  });

  it('says what proves immunity, be it a finding or the date of birth', () => {
    const proven = tellPerson('2026-11-28', {
      born: '1990-01-28',
      conditions: [['024', '2000-01-01', 'chickenpox']],
    });
    expect(rowsOf(proven, 'Varicella').join()).toContain(
      'immune: Healthcare provider verified history of or diagnosis of Varicella, by "chickenpox" (Condition/1)',
    );
    expect(rowsOf(tellPerson('2026-11-28', { born: '1948-03-05' }), 'MMR').join()).toContain(
      'immune: by the date of birth',
    );
  });

  it('says until when something holds: the last day of all that say it, none where one does not pass', () => {
    const coded = { code: { coding: [{ system: codeSystem.cdsiObservation, code: '138' }] } };
    const conditions = [
      ['138', '2026-08-01'],
      ['138', '2026-10-01'],
    ] as const;
    const passing = tellPerson('2026-11-28', { born: '2024-06-28', conditions });
    expect(rowsOf(passing, 'Varicella').join()).toMatch(/, until 2027-05-31$/);
    const lasting = tellPerson('2026-11-28', { born: '2024-06-28', conditions, observations: [coded] });
    expect(rowsOf(lasting, 'Varicella').join()).toMatch(/Observation\/3$/);
  });

  it('calls the person by name', () => {
    const name = [{ given: ['Jo', 'Q'], family: 'Doe' }];
    const text = tellPerson('2026-11-28', { born: '2026-11-01', patient: { name } });
    expect(text).toContain('\nJo Q Doe, Patient/p, born 2026-11-01 (27 days old), female\n');
  });

  it('asks for what is still needed of a group that is contraindicated as a whole', () => {
    const text = tellPerson('2026-11-28', {
      born: '2016-06-28',
      conditions: [['086', '2025-01-01', 'shock']],
      doses: [['2016-09-01', '20']],
    });
    expect(text).toMatch(/\nOverdue\n(?: .*\n)* {2}DTaP\/Tdap\/Td {7}overdue since 2023-06-29\n/);
    const row = rowsOf(text, 'DTaP/Tdap/Td').join();
    expect(row).toContain(
      'give: one of Td (adult), adsorbed (CVX 09); Td (adult) preservative free (CVX 113)\n',
    );
    expect(row).toMatch(
      /do not give: DTaP \(CVX 20\); .*Tdap \(CVX 115\) \(because of: Severe allergic reaction/,
    );
    expect(row).toContain('needed of it: Diphtheria and Tetanus');
    expect(text).not.toContain('no vaccine of it');
  });

  it('says which vaccines are forbidden where none is left', () => {
    const text = tellPerson('2026-11-28', { born: '2024-06-28', conditions: [['079', '2025-01-01']] });
    expect(rowsOf(text, 'DTaP/Tdap/Td').join()).toMatch(
      /no vaccine of it that is for this person, because of: Encephalopathy .*\n {6}do not give: DTaP \(CVX 20\); /,
    );
  });
});
