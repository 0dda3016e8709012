import { describe, expect, it } from 'vitest';
import { rowsOf, tellPerson } from './told-person.ts';

describe('dates', () => {
  it.each(['HepB', 'DTaP/Tdap/Td', 'Pneumococcal'])('tells a grown-up no date of childhood: %s', (group) => {
    const [row = ''] = rowsOf(tellPerson('2026-11-28', { born: '1948-03-05' }), group);
    expect(row.split('\n')[0]).not.toMatch(/19[456]\d/);
  });

  it('says overdue once: since when the person has been behind', () => {
    // Three doses of DTaP; the fourth was overdue at 20 months and is not asked for any more at four years.
    const doses = ['2020-03-02', '2020-05-02', '2020-07-02'].map((date) => [date, '20'] as const);
    const [row = ''] = rowsOf(tellPerson('2025-01-10', { born: '2020-01-01', doses }), 'DTaP/Tdap/Td');
    expect(row.match(/overdue|behind/g)).toEqual(['overdue']);
    expect(row).toContain('overdue since 2021-');
  });

  it('says when nothing is due, and what is next', () => {
    const text = tellPerson('2026-06-28', { born: '2026-06-28', doses: [['2026-06-28', '08']] });
    expect(text).toContain('\nNothing is due today; next: HepB on 2026-07-28\n');
    const dead = tellPerson('2026-06-28', { born: '1950-06-28', patient: { deceasedBoolean: true } });
    expect(dead).toContain('\nNothing is due: the person is dead\n');
    expect(dead).not.toMatch(/\n(?:Overdue|Due now|Later)\n/);
  });
});

describe('seasons', () => {
  it('says of a group whose season nobody has dated what its dates are', () => {
    const [row = ''] = rowsOf(tellPerson('2026-11-28', { born: '1990-01-28' }), 'Influenza');
    expect(row).toContain('dose 1 of 1, due since 2026-07-01, season assumed\n');
    expect(row).toContain(
      "season: CDC's season 2026-27 is not in this schedule yet; the dates (2026-07-01 to 2027-06-30) repeat those of 2025-26\n",
    );
  });

  it('names the last season that was dated, and assumes none that is', () => {
    const [later = ''] = rowsOf(tellPerson('2028-11-28', { born: '1990-01-28' }), 'Influenza');
    expect(later).toContain("CDC's season 2028-29 is not in this schedule yet");
    expect(later).toContain('repeat those of 2025-26');
    const [dated = ''] = rowsOf(tellPerson('2025-11-28', { born: '1990-01-28' }), 'Influenza');
    expect(dated).toContain('season: 2025-26, 2025-07-01 to 2026-06-30\n');
    expect(dated).not.toContain('assumed');
  });

  it('says at the head that the schedule is not made for the day', () => {
    const text = tellPerson('2025-08-01', { born: '2023-05-01', schedules: ['USA-AAP'] });
    expect(text).toContain('\nSchedule USA-AAP 2026-01 is in effect only from 2026-01-26\n');
  });

  it('says for which season a group is complete', () => {
    const doses = [
      ['2025-10-01', '140'],
      ['2026-10-01', '140'],
    ] as const;
    const [row] = rowsOf(tellPerson('2026-11-28', { born: '1990-01-28', doses }), 'Influenza');
    expect(row).toBe(
      '  Influenza          complete for the season 2026-27 with 2 doses in all, season assumed',
    );
  });

  it('warns of no season of a group that is not shown', () => {
    const text = tellPerson('2026-11-28', { born: '1990-01-28' });
    expect(rowsOf(text, 'RSV')).toEqual([]);
    expect(text).not.toMatch(/RSV.*season|dates no season/);
  });
});

describe('vaccines', () => {
  it('separates names that have commas, and says which antibody is for which weight', () => {
    const [row = ''] = rowsOf(tellPerson('2026-11-28', { born: '2026-11-28' }), 'RSV');
    expect(row).toContain(
      'give: one of RSV, mAb, nirsevimab-alip, 0.5 mL, neonate to 24 months (CVX 306) for a weight under 5 kg; ' +
        'RSV, mAb, nirsevimab-alip, 1.0 mL, neonate to 24 months (CVX 307) for a weight of 5 kg or more; RSV, mAb, cles',
    );
  });

  it('says that one dose serves two rows of a group', () => {
    const text = tellPerson('2026-11-28', {
      born: '1990-01-28',
      conditions: [['143', '2026-01-01']],
      doses: [
        ['1990-04-01', '10'],
        ['1990-06-01', '10'],
      ],
    });
    const [own = '', risk = ''] = rowsOf(text, 'Polio');
    expect(own).not.toContain('not two');
    expect(risk).toContain(
      'note: one dose of IPV (CVX 10) serves this row and that of Polio above: one dose, not two',
    );
  });

  it('says which combination serves several groups today', () => {
    const text = tellPerson('2026-03-01', { born: '2025-12-01' });
    expect(text).toContain('  one dose of DTaP-Hep B-IPV (CVX 110) serves HepB, DTaP/Tdap/Td and Polio\n');
    // On the day of birth nothing but hepatitis B vaccine is for that day.
    expect(tellPerson('2025-12-01', { born: '2025-12-01' })).not.toContain('One dose for several');
  });

  it('names no combination a part of which must not be given', () => {
    const text = tellPerson('2026-03-01', { born: '2025-12-01', conditions: [['097', '2025-12-02']] });
    expect(text).not.toMatch(/one dose of .*CVX 110\)/);
    expect(text).toContain('  one dose of DTaP-Hib-IPV (CVX 120) serves DTaP/Tdap/Td, Hib and Polio\n');
  });
});

describe('reasons', () => {
  it('names the vaccine that came too shortly before, and the day that would have counted', () => {
    const text = tellPerson('2026-03-01', {
      born: '2020-01-01',
      doses: [
        ['2021-02-01', '03'],
        ['2021-02-10', '21'],
        ['2026-02-25', '21'],
      ],
    });
    expect(text).toContain(
      '  2021-02-10 varicella (CVX 21): not counted for Varicella: given too soon after MMR (CVX 03) (it would have counted from 2021-03-01 on)\n',
    );
    expect(rowsOf(text, 'MMR').join()).toContain(
      'why: 28 days after varicella (CVX 21) of 2026-02-25, with which it must not come too close',
    );
  });

  it('tells of a dose that was given too young no more than that', () => {
    const text = tellPerson('2026-03-01', { born: '2023-05-01', doses: [['2024-04-01', '03']] });
    expect(text).toContain(
      '  2024-04-01 MMR (CVX 03): not counted for Measles, Mumps and Rubella: given too young (it would have counted from 2024-04-27 on)\n',
    );
  });

  it('gives as reason nothing that moved another date than the recommended one', () => {
    const text = tellPerson('2026-06-28', { born: '1950-01-28', doses: [['2020-06-01', '115']] });
    expect(rowsOf(text, 'DTaP/Tdap/Td').join()).toContain(
      '\n      why: at least 4 weeks after the dose of 2020-06-01',
    );
    expect(text).not.toContain('past due');
  });

  it('shows ids of rules only where every rule is asked for, and then with names', () => {
    const person = { born: '1996-12-01', conditions: [['186', '2020-01-01']] } as const;
    expect(tellPerson('2026-11-28', person)).not.toMatch(/FORECASTDT|observation \d/);
    const explained = tellPerson('2026-11-28', { ...person, form: { explain: true } });
    expect(explained).toContain('[FORECASTDT-2]');
    expect(explained).toContain('observation 186 (HIV Infection)');
    expect(explained).toContain('zoster recombinant (CVX 187)');
  });

  it('takes no reference for the beginning of another one', () => {
    const others = Array.from({ length: 8 }, (_, i) => [`2021-03-0${i + 1}`, '08'] as const);
    const doses = [['2020-03-01', '20'], ...others, ['2020-03-01', '110']] as const;
    expect(tellPerson('2026-03-01', { born: '2020-01-01', doses })).toContain(
      '2020-03-01 DTaP (CVX 20) [Immunization/1] and 2020-03-01 DTaP-Hep B-IPV (CVX 110) [Immunization/10] both',
    );
  });

  it('tells two vaccines against one disease on one day by their names', () => {
    const doses = [
      ['2020-03-01', '20'],
      ['2020-03-01', '110'],
    ] as const;
    expect(tellPerson('2026-03-01', { born: '2020-01-01', doses })).toContain(
      '  warning: 2020-03-01 DTaP (CVX 20) [Immunization/1] and 2020-03-01 DTaP-Hep B-IPV (CVX 110) [Immunization/2] both hold Diphtheria, ',
    );
  });
});
