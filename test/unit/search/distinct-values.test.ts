import fc from 'fast-check';
import { expect, it } from 'vitest';
import { openDistinctValues } from '../../../src/search/distinct-values.ts';
import type { IndexValue } from '../../../src/search/index-values.ts';
import { indexResource } from './search-world.ts';

const text = fc.constantFrom('', 'a', 'b', 'ab', '1');
const simple = fc.oneof(
  fc.record({ kind: fc.constant('token' as const), system: text, code: text }),
  fc.record({ kind: fc.constant('text' as const), folded: text }),
  fc.record({ kind: fc.constant('string' as const), folded: text, original: text }),
  fc.record({ kind: fc.constant('reference' as const), type: text, id: text }),
  fc.record({ kind: fc.constant('uri' as const), uri: text, version: text }),
  fc.constant({ kind: 'present' as const }),
);
const value: fc.Arbitrary<IndexValue> = fc.oneof(
  simple,
  fc.tuple(simple, simple).map((parts): IndexValue => ({ kind: 'composite', parts })),
);

it('keeps each value once, however many there are', () => {
  const property = fc.property(fc.array(value, { maxLength: 60 }), (all) => {
    const { values, add } = openDistinctValues();
    for (const one of all) add('code', one);
    const distinct = [...new Map(all.map((one) => [JSON.stringify(one), one])).values()];
    expect(values['code'] ?? []).toEqual(distinct);
  });
  fc.assert(property, { numRuns: 500 });
});

it.each([
  [
    'a roster',
    'member',
    { resourceType: 'Group', member: list((n) => ({ entity: { reference: `Patient/${n}` } })) },
  ],
  ['a name', 'given', { resourceType: 'Patient', name: [{ given: list((n) => `Given${n}`) }] }],
  [
    'a value set',
    'code',
    { resourceType: 'ValueSet', expansion: { contains: list((n) => ({ system: 'urn:x', code: `c${n}` })) } },
  ],
])('draws %s of 20,000 by looking at each value once', (_, code, resource) => {
  expect(indexResource(resource)[code]).toHaveLength(20_000);
});

function list<Item>(make: (n: number) => Item): readonly Item[] {
  return Array.from({ length: 20_000 }, (_, n) => make(n));
}
