import fc from 'fast-check';
import type { Immunization } from 'fhir/r4.js';
import { describe, expect, it } from 'vitest';
import { deduplicate } from '../../../../src/registry/deduplication/deduplicate.ts';
import { fillFrom } from '../../../../src/registry/deduplication/fill-from.ts';
import { isSameLot, normalLot } from '../../../../src/registry/deduplication/normal-lot.ts';
import { pairKey } from '../../../../src/registry/deduplication/said-of-doses.ts';
import { leftOut, vaccines } from './vaccines.ts';

const dose = (
  id: string,
  on: string,
  cvx: string,
  primarySource?: boolean,
  more: Partial<Immunization> = {},
): Immunization => ({
  resourceType: 'Immunization',
  id,
  status: 'completed',
  vaccineCode: { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: cvx }] },
  patient: { reference: 'Patient/p' },
  occurrenceDateTime: on,
  performer: [{ actor: { reference: `Organization/${primarySource ? 'murphey' : 'mercy'}` } }],
  ...(primarySource !== undefined && { primarySource }),
  ...more,
});
const groupsOf = (...doses: readonly Immunization[]) =>
  deduplicate(doses, vaccines).groups.map(({ survivors, alternates }) => [survivors, [...alternates].sort()]);

describe('the groupings of the reference', () => {
  it('one given, told on the day and on the next; nothing else of the day', () => {
    expect(
      groupsOf(
        dose('given', '2016-12-17', '03', true),
        dose('told', '2016-12-17', '03', false),
        dose('told-later', '2016-12-18', '03', false, {
          performer: [{ actor: { reference: 'Organization/medicare' } }],
        }),
        dose('dtap-ipv', '2016-12-17', '130', true),
        dose('hep-a', '2016-12-17', '83', true),
        dose('hep-b-1', '2016-06-05', '08', true),
        dose('hep-b-2', '2016-04-01', '08', true),
      ),
    ).toEqual([[['given'], ['told', 'told-later']]]);
  });

  it('a combination and its parts, and two clinics of one day', () => {
    expect(
      groupsOf(
        dose('pediarix', '2016-12-17', '110', true),
        dose('dtap', '2016-12-17', '20', false),
        dose('hep-b', '2016-12-17', '08', false),
        dose('ipv', '2016-12-17', '10', false),
        dose('mmr', '2016-12-17', '03', false),
        dose('one', '2016-06-05', '08', true),
        dose('two', '2016-06-05', '08', true, {
          performer: [{ actor: { reference: 'Organization/mercy' } }],
        }),
        dose('lot', '2016-02-01', '08', true, { lotNumber: 'AAAAA' }),
        dose('same-lot', '2016-02-01', '08', true, { lotNumber: 'aa-aaa (P)' }),
      ),
    ).toEqual([
      [['pediarix'], ['dtap', 'hep-b', 'ipv']],
      [['one'], ['two']],
      [['lot'], ['same-lot']],
    ]);
  });

  it('an unspecified code beside a specific one, the same twice', () => {
    const found = groupsOf(
      dose('a', '2016-12-17', '10', true),
      dose('b', '2016-12-17', '89', false),
      dose('c', '2016-12-17', '10', true),
    );
    expect(found).toEqual([[['a'], ['b', 'c']]]);
  });

  it('whatever the order: one given, told 14 days later, and told 30 days later of another', () => {
    const doses = [
      dose('a', '2016-01-01', '10', true),
      dose('b', '2016-01-15', '10', false),
      dose('c', '2016-01-31', '10', false),
    ].map((one) => ({ ...one, performer: [{ actor: { reference: 'Organization/murphey' } }] }));
    for (const order of [
      [0, 1, 2],
      [0, 2, 1],
      [1, 0, 2],
      [1, 2, 0],
      [2, 0, 1],
      [2, 1, 0],
    ]) {
      expect(groupsOf(...order.map((place) => doses[place] as Immunization))).toEqual([[['a'], ['b']]]);
    }
  });

  it('told twice of the one that was given between', () => {
    const doses = [
      dose('a', '2016-01-01', '10', false),
      dose('b', '2016-01-15', '10', true),
      dose('c', '2016-01-31', '10', false),
    ].map((one) => ({ ...one, performer: [{ actor: { reference: 'Organization/murphey' } }] }));
    expect(groupsOf(...doses)).toEqual([[['b'], ['a', 'c']]]);
  });
});

describe('what stands for a dose', () => {
  it('the whole one before a part, what says more, and nothing that was not given', () => {
    expect(
      groupsOf(
        dose('part', '2020-01-01', '20', true, { isSubpotent: true }),
        dose('whole', '2020-01-01', '20', true),
      ),
    ).toEqual([[['whole'], ['part']]]);
    expect(
      groupsOf(
        dose('bare', '2020-01-01', '20', true),
        dose('full', '2020-01-01', '20', true, { lotNumber: 'X12345' }),
      ),
    ).toEqual([[['full'], ['bare']]]);
    expect(
      groupsOf(
        dose('a', '2020-01-01', '20', true),
        dose('b', '2020-01-01', '20', false, { status: 'not-done' }),
      ),
    ).toEqual([]);
  });

  it('also a combination that was only told, beside a part that was given', () => {
    expect(
      groupsOf(dose('dtap', '2020-01-01', '20', true), dose('pediarix', '2020-01-01', '110', false)),
    ).toEqual([[['dtap', 'pediarix'], []]]);
  });

  it('never loses a disease that was vaccinated against, nor makes two given doses one by what is told', () => {
    const one = fc.record({
      cvx: fc.constantFrom('110', '20', '107', '10', '08', '45', '03', '133', '33', '90'),
      day: fc.integer({ min: 1, max: 28 }),
      given: fc.option(fc.boolean(), { nil: undefined }),
      lot: fc.option(fc.constantFrom('AAAAA1', 'BBBBB2'), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 8 }), (told) => {
        const doses = told.map(({ cvx, day, given, lot }, place) =>
          dose(
            `d${place}`,
            `2020-01-${String(day).padStart(2, '0')}`,
            cvx,
            given,
            lot === undefined ? {} : { lotNumber: lot },
          ),
        );
        const cvxOf = (id: string) =>
          doses.find((each) => each.id === id)?.vaccineCode.coding?.[0]?.code ?? '';
        for (const { survivors, alternates } of deduplicate(doses, vaccines).groups) {
          const held = new Set(survivors.flatMap((id) => [...vaccines.antigensOf(cvxOf(id))]));
          for (const id of alternates)
            for (const antigen of vaccines.antigensOf(cvxOf(id))) expect(held).toContain(antigen);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('also of a dose that has an NDC alone', () => {
    const ndc = { coding: [{ system: 'http://hl7.org/fhir/sid/ndc', code: '58160-0811-52' }] };
    const given = dose('a', '2020-01-01', '110', true);
    const told = dose('b', '2020-01-01', '110', false, { vaccineCode: ndc });
    expect(groupsOf(given, told)).toEqual([[['a'], ['b']]]);
  });

  it('makes two doses that were given no one, because somebody told of either', () => {
    const by = { performer: [{ actor: { reference: 'Organization/murphey' } }] };
    const given = ['2016-01-01', '2016-01-29'].map((on, place) => dose(`given${place}`, on, '10', true, by));
    const told = dose('told', '2016-01-15', '10', false, by);
    const [group, ...others] = groupsOf(...given, told);
    expect([group?.[0]?.length, group?.[1], others]).toEqual([1, ['told'], []]);
  });

  it('is filled from the others, and overwrites nothing', () => {
    const filled = fillFrom(dose('a', '2020-01-01', '20', true, { lotNumber: 'A' }), [
      dose('b', '2020-01-01', '20', false, { lotNumber: 'B', expirationDate: '2021-01-01' }),
    ]);
    expect(filled).toMatchObject({
      lotNumber: 'A',
      expirationDate: '2021-01-01',
      extension: [{ extension: [{}, { valueReference: { reference: 'Immunization/b' } }] }],
    });
  });
});

it('leaves to the forecast the same vaccine on the same day, and nothing else that is told twice', () => {
  const same = [dose('a', '2020-01-01', '20', true), dose('b', '2020-01-01', '20', false)];
  expect(leftOut(same).size).toBe(0);
  for (const [on, cvx] of [
    ['2020-01-02', '110'],
    ['2020-01-01', '20'],
  ] as const) {
    const told = [dose('a', '2020-01-01', '110', true), dose('b', on, cvx, false)];
    expect([...leftOut(told)]).toEqual([['b', 'a']]);
  }
});

it('compares lots in their normal form', () => {
  expect(normalLot(' c2-221aa (P)')).toBe('C2221AA');
  expect(normalLot('C2221AA*VFC')).toBe('C2221AA');
  for (const [a, b, same] of [
    ['C2221A', 'C2221AA', true],
    ['AC2221', 'C2221', true],
    ['C2221', 'C2222', false],
    ['1C2221', 'C2221', false],
    ['AA', 'AAA', false],
  ] as const) {
    expect(isSameLot(a, b)).toBe(same);
  }
});

describe('what people said', () => {
  const said = (...pairs: readonly (readonly [string, string, 'same' | 'not-same'])[]) =>
    new Map(pairs.map(([a, b, word]) => [pairKey(a, b), word]));
  const grouping = (doses: readonly Immunization[], word: ReturnType<typeof said>) => {
    const { groups, unsure } = deduplicate(doses, vaccines, word);
    const all = groups.map(({ survivors, alternates }) => [...survivors, ...alternates].sort().join());
    return { groups: all.sort(), unsure: unsure.map(({ a, b }) => [a, b].sort().join()) };
  };

  it('keeps two apart that are both one with a third', () => {
    const doses = [
      dose('a', '2016-12-17', '10', true),
      dose('b', '2016-12-17', '10', false),
      dose('c', '2016-12-17', '10', false),
    ];
    expect(grouping(doses, said()).groups).toEqual(['a,b,c']);
    expect(grouping(doses, said(['c', 'b', 'not-same'])).groups).toEqual(['a,b']);
  });

  it('goes before what the rules find more alike', () => {
    const doses = [
      dose('a', '2020-01-01', '90', true),
      dose('b', '2020-01-02', '90', false),
      dose('c', '2020-01-04', '90', true),
    ];
    expect(grouping(doses, said()).groups).toEqual(['a,b']);
    expect(grouping(doses, said(['b', 'c', 'same'])).groups).toEqual(['b,c']);
  });

  it('is asked once of two groups, and not where it was said of one pair', () => {
    const doses = [
      dose('a', '2020-01-01', '90', true),
      dose('b', '2020-01-01', '90', false),
      dose('c', '2020-01-05', '90', false),
    ];
    expect(grouping(doses, said())).toEqual({ groups: ['a,b'], unsure: ['a,c'] });
    expect(grouping(doses, said(['a', 'c', 'not-same']))).toEqual({ groups: ['a,b'], unsure: [] });
    expect(grouping(doses, said(['a', 'c', 'same'])).groups).toEqual(['a,b,c']);
  });

  it('makes no dose of two that are too far apart to be compared', () => {
    const doses = [dose('a', '2020-01-01', '90', true), dose('b', '2020-03-01', '90', false)];
    expect(grouping(doses, said(['a', 'b', 'same'])).groups).toEqual([]);
  });
});

describe('very many doses of one person', () => {
  it.each([true, false])('are looked at a few times each (given: %s)', (isGiven) => {
    class Counted extends Map<string, 'same' | 'not-same'> {
      asked = 0;
      override get(key: string) {
        this.asked++;
        return super.get(key);
      }
    }
    const said = new Counted();
    const doses = Array.from({ length: 300 }, (_, n) =>
      dose(`d${n}`, `2016-12-${String(1 + (n % 6)).padStart(2, '0')}`, '03', isGiven),
    );
    deduplicate(doses, vaccines, said);
    expect(said.asked).toBeLessThan(10 * doses.length ** 2);
  });
});

describe('of doses that say as much', () => {
  const told = (id: string, cvx: string, lastUpdated?: string) =>
    dose(id, '2020-03-04', cvx, false, {
      lotNumber: 'AC21A011CA',
      ...(lastUpdated !== undefined && { meta: { lastUpdated } }),
    });

  it.each<[string, Immunization, Immunization]>([
    ['the specific one', told('a', '107'), told('b', '20')],
    ['the whole of which the other is a part', told('a', '20'), told('b', '130')],
    ['the newer one', told('a', '20', '2026-01-01T00:00:00Z'), told('b', '20', '2026-01-02T00:00:00Z')],
  ])('%s counts', (_which, a, b) => {
    expect(groupsOf(a, b)).toEqual([[['b'], ['a']]]);
    expect(groupsOf(b, a)).toEqual([[['b'], ['a']]]);
  });
});
