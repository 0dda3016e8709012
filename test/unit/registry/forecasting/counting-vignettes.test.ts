import { describe, expect, it } from 'vitest';
import { ask, dateOf, type Person } from './asking.ts';

// Which dose counts, where and how often, in records of 2026-11-28.

const own = (code: string) => ({
  resourceType: 'Condition',
  code: { coding: [{ system: 'https://jenner-iis.org/fhir/CodeSystem/cdsi-observation', code }] },
});
const verdicts = (person: Person, disease: string) =>
  ask(person)
    .evaluations.filter(({ targetDisease }) => targetDisease.text === disease)
    .map(
      ({ immunizationEvent, doseStatus, series }) =>
        `${immunizationEvent.reference?.slice(-2)} ${doseStatus.coding?.[1]?.display ?? 'not evaluated'}: ${series}`,
    );

describe('on the day on which a risk series takes over', () => {
  // Not complete: a complete series stays the best one.
  const pcv = ['2025-01-28', '2025-03-28', '2025-05-28'].map((date) => [date, '216'] as const);
  const infants = pcv.map((_, i) => `d${i} Valid: Pneumococcal 4-dose series`);
  it.each([
    ['the day before', '2024-11-29'],
    ['the second birthday', '2024-11-28'],
  ])('%s: the doses of an infant stay valid, in the series in which they count', (_, born) => {
    expect(verdicts({ born, doses: pcv, clinical: [own('160')] }, 'Pneumococcal')).toEqual(infants);
  });

  it('Hib of an infant with asplenia too', () => {
    const doses = ['2025-01-28', '2025-03-28', '2025-05-28', '2025-12-01'].map(
      (date) => [date, '48'] as const,
    );
    for (const born of ['2024-11-29', '2024-11-28', '2024-11-20']) {
      const found = verdicts({ born, doses, clinical: [own('160')] }, 'Hib');
      expect(found.map((each) => each.split(':')[0])).toEqual([
        'd0 Valid',
        'd1 Valid',
        'd2 Valid',
        'd3 Valid',
      ]);
    }
  });

  it('each evaluation names the series group in which it is', () => {
    const [first] = ask({ born: '2024-11-28', doses: pcv, clinical: [own('160')] }).evaluations;
    expect(first?.extension?.[0]).toEqual({
      url: 'https://jenner-iis.org/fhir/StructureDefinition/series-group',
      valueString: 'Standard 1',
    });
  });
});

describe('two doses of one day', () => {
  const menB = (...doses: readonly (readonly [string, string])[]): Person => ({ born: '2008-01-01', doses });
  it('the same vaccine twice never completes a series', () => {
    const once = ask(menB(['2026-03-01', '328']));
    const twice = ask(menB(['2026-03-01', '328'], ['2026-03-01', '328']));
    const group = 'Meningococcal B';
    expect(twice.of(group)).toEqual({ ...once.of(group) });
    expect(twice.of(group).forecastStatus.text).toBe('Not Complete');
    expect(twice.notes).toContain(
      'Immunization/d1 was not evaluated: the same vaccine of the same day is there already; one dose counts once',
    );
    expect(once.notes.join()).not.toContain('same day');
  });

  it('two vaccines against one disease: a warning', () => {
    const { notes } = ask({
      born: '2026-08-01',
      doses: [
        ['2026-10-01', '110'],
        ['2026-10-01', '08'],
        ['2026-10-01', '49'],
      ],
    });
    expect(notes.filter((text) => text.includes('are of one day'))).toEqual([
      'Immunization/d0 and Immunization/d1 both hold HepB and are of one day, 2026-10-01',
    ]);
  });

  it('of which a recall spoils one record: the other counts', () => {
    const base = menB(['2026-03-01', '328'], ['2026-03-01', '328']);
    expect(verdicts(base, 'Meningococcal B').filter((each) => each.includes(' Valid'))).toHaveLength(1);
  });

  it('the order in which they are sent decides nothing', () => {
    const doses = [
      ['2026-10-01', '110'],
      ['2026-10-01', '08'],
      ['2026-10-01', '20'],
    ] as const;
    const born = '2026-08-01';
    const one = ask({ born, doses });
    const other = ask({ born, doses: [...doses].reverse() });
    for (const group of ['HepB', 'DTaP/Tdap/Td']) {
      expect(dateOf(other.of(group), 'due')).toBe(dateOf(one.of(group), 'due'));
      expect(other.of(group).doseNumberPositiveInt).toBe(one.of(group).doseNumberPositiveInt);
    }
  });
});
