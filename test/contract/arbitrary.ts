import fc from 'fast-check';
import type { ResourceType } from '../../src/fhir/resource-type.ts';
import type { Filter, ValueTest } from '../../src/search/filter.ts';
import { cleanText, foldCode, foldText } from '../../src/search/fold-text.ts';
import {
  endOfTime,
  type Indexed,
  type IndexValue,
  type IndexValues,
  impliedSystem,
  noSystem,
  type SimpleValue,
  startOfTime,
} from '../../src/search/index-values.ts';
import { markingTypes, objectionMark } from '../../src/search/reach.ts';
import type { SortKey } from '../../src/search/sort.ts';
import type { EpochMs } from '../../src/values/instant.ts';
import { concerning } from './fixtures.ts';

// Small pools, so that values and tests meet often; the odd ones are what breaks a store.
const texts = [
  '',
  'a',
  'A',
  'ab',
  "O'Neill",
  'oneill',
  'Ärger',
  '%',
  '_',
  'a%b',
  '"',
  "'",
  '\\',
  '😀',
  '￿',
  '\u{10FFFF}',
  '\u0000',
  '\ud800',
].map(cleanText);
const systems = [noSystem, impliedSystem, 'http://a', 'http://b', 'urn:x'];
const ids = ['1', '2', '3', 'A', 'a', 'b.c', 'b-c'];
const uris = ['http://a', 'http://a/b', 'http://a/b/c', 'http://ab', 'urn:x', ...texts];
const versions = ['', '1', '1.2', '1.20', '2'];
const numbers = [-1.5, 0, 0.1, 1, 2, 100, 1e9, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
const times = [startOfTime, -1, 0, 1, 1000, 86_400_000, 1_700_000_000_000, endOfTime] as EpochMs[];
export const types = ['Patient', 'Observation', 'Immunization'] as const satisfies readonly ResourceType[];

const text = fc.constantFrom(...texts);
const system = fc.constantFrom(...systems);
const code = text.map(foldCode);
const id = fc.constantFrom(...ids);
const type = fc.constantFrom(...types, 'Elsewhere');
export const mark = fc.constantFrom(
  'care|Organization/a',
  'care|Organization/b',
  'town|a',
  'roster|Organization/a',
  objectionMark,
  'objects|2026-03',
);
const comparison = fc.constantFrom('<' as const, '<=' as const, '>' as const, '>=' as const);

const ordered = <Value extends number>(pool: readonly Value[]) =>
  fc
    .tuple(fc.constantFrom(...pool), fc.constantFrom(...pool))
    .map(([a, b]) => (a <= b ? [a, b] : [b, a]) as [Value, Value]);

const simpleValues = {
  token: fc.record({ kind: fc.constant('token' as const), system, code }),
  text: text.map((folded) => ({ kind: 'text' as const, folded: foldText(folded) })),
  string: text.map((original) => ({ kind: 'string' as const, original, folded: foldText(original) })),
  reference: fc.record({ kind: fc.constant('reference' as const), type, id }),
  uri: fc.record({
    kind: fc.constant('uri' as const),
    uri: fc.constantFrom(...uris),
    version: fc.constantFrom(...versions),
  }),
  date: ordered(times).map(([first, last]) => ({ kind: 'date' as const, first, last })),
  quantity: fc
    .record({
      range: ordered(numbers),
      system: fc.constantFrom(noSystem, 'http://a'),
      code: text,
      unit: text,
    })
    .map(({ range: [low, high], ...rest }) => ({ kind: 'quantity' as const, low, high, ...rest })),
};

export const kinds = ['token', 'text', 'string', 'reference', 'uri', 'date', 'quantity'] as const;

const anySimple: fc.Arbitrary<SimpleValue> = fc.oneof(...Object.values(simpleValues));
const composite: fc.Arbitrary<IndexValue> = fc
  .tuple(anySimple, anySimple)
  .map((parts) => ({ kind: 'composite', parts }));
const present: fc.Arbitrary<IndexValue> = fc.constant({ kind: 'present' });

const distinct = <Value>(value: fc.Arbitrary<Value>) =>
  fc.uniqueArray(value, { maxLength: 3, selector: (one) => JSON.stringify(one, nameInfinity) });
const nameInfinity = (_: string, value: unknown) => (typeof value === 'number' ? String(value) : value);

const index: fc.Arbitrary<IndexValues> = fc.record(
  {
    token: distinct(fc.oneof(simpleValues.token, present)),
    'token:text': distinct(simpleValues.text),
    string: distinct(simpleValues.string),
    reference: distinct(fc.oneof(simpleValues.reference, simpleValues.uri)),
    uri: distinct(simpleValues.uri),
    date: distinct(simpleValues.date),
    day: distinct(simpleValues.date).map((values) => values.slice(0, 1)),
    quantity: distinct(simpleValues.quantity),
    composite: distinct(composite),
  },
  { requiredKeys: [] },
);

/** A Patient concerns itself, others refer to those whom they concern; and few types give marks. */
function concernedRightly(
  resource: Omit<Indexed, 'person'> & { readonly person: string | undefined },
): Indexed {
  const { type: of, id: name, index: drawn } = resource;
  const patients = of === 'Patient' ? [name] : resource.patients;
  const marks = markingTypes.includes(of) ? resource.marks : [];
  const { person, ...rest } = resource;
  const isOf = of === 'Patient' && person !== undefined && person !== name;
  return { ...rest, patients, marks, index: concerning(of, patients, drawn), ...(isOf && { person }) };
}

export const resources: fc.Arbitrary<readonly Indexed[]> = fc.uniqueArray(
  fc
    .record({
      type: fc.constantFrom(...types),
      id,
      lastUpdated: fc.constantFrom(0, 1, 1000, 1_700_000_000_000).map((at) => at as EpochMs),
      index,
      patients: fc.oneof(
        { weight: 3, arbitrary: fc.uniqueArray(id, { maxLength: 1 }) },
        { weight: 1, arbitrary: fc.uniqueArray(id, { maxLength: 3 }) },
      ),
      marks: fc.uniqueArray(mark, { maxLength: 2 }),
      person: fc.option(id, { nil: undefined }),
    })
    .map(concernedRightly),
  { minLength: 1, maxLength: 12, selector: (one) => `${one.type}/${one.id}` },
);

const dateTest: fc.Arbitrary<ValueTest> = fc.record({
  kind: fc.constant('date' as const),
  bounds: fc.array(
    fc.record({
      end: fc.constantFrom('first' as const, 'last' as const),
      is: comparison,
      at: fc.constantFrom(...times),
    }),
    { maxLength: 2 },
  ),
});
const unit = fc.record(
  { system: fc.constantFrom(noSystem, 'http://a'), code: text },
  { requiredKeys: ['code'] },
);
const quantityTest: fc.Arbitrary<ValueTest> = fc.record(
  {
    kind: fc.constant('quantity' as const),
    bounds: fc.array(
      fc.record({
        end: fc.constantFrom('low' as const, 'high' as const),
        is: comparison,
        value: fc.constantFrom(...numbers),
      }),
      { maxLength: 2 },
    ),
    unit,
  },
  { requiredKeys: ['kind', 'bounds'] },
);
const tests: Record<(typeof kinds)[number], fc.Arbitrary<ValueTest>> = {
  token: fc.record({
    kind: fc.constant('token' as const),
    anyOf: fc.array(fc.record({ system, code }, { requiredKeys: [] }), { maxLength: 3 }),
  }),
  text: text.map((prefix) => ({ kind: 'text', prefix: foldText(prefix) })),
  string: fc
    .record({
      match: fc.constantFrom(
        'prefix' as const,
        'substring' as const,
        'suffix' as const,
        'whole' as const,
        'exact' as const,
      ),
      text,
    })
    .map((test) => ({
      kind: 'string',
      match: test.match,
      text: test.match === 'exact' ? test.text : foldText(test.text),
    })),
  reference: fc.record({
    kind: fc.constant('reference' as const),
    anyOf: fc.array(fc.record({ type, id }, { requiredKeys: [] }), { maxLength: 3 }),
  }),
  uri: fc.record(
    {
      kind: fc.constant('uri' as const),
      match: fc.constantFrom('exact' as const, 'below' as const),
      uri: fc.constantFrom(...uris),
      version: fc.constantFrom(...versions),
    },
    { requiredKeys: ['kind', 'match', 'uri'] },
  ),
  date: dateTest,
  quantity: quantityTest,
};
const anyTest = fc.oneof(...Object.values(tests));
const compositeTest: fc.Arbitrary<ValueTest> = fc
  .tuple(anyTest, anyTest)
  .map((parts) => ({ kind: 'composite', parts }));

const period: fc.Arbitrary<Filter> = fc
  .array(dateTest, { minLength: 1, maxLength: 2 })
  .map((tests) => ({ kind: 'or', of: tests.map((test) => ({ kind: 'value', param: 'day', test })) }));

const leaf: fc.Arbitrary<Filter> = fc.oneof(
  fc.array(id, { maxLength: 3 }).map((anyOf): Filter => ({ kind: 'id', anyOf })),
  fc.array(type, { maxLength: 2 }).map((anyOf): Filter => ({ kind: 'type', anyOf })),
  fc.array(id, { maxLength: 3 }).map((anyOf): Filter => ({ kind: 'concerns', anyOf })),
  fc.array(mark, { maxLength: 2 }).map((anyOf): Filter => ({ kind: 'reach', anyOf })),
  fc
    .array(fc.record({ is: comparison, at: fc.constantFrom(0, 1, 1000).map((at) => at as EpochMs) }), {
      maxLength: 2,
    })
    .map((bounds): Filter => ({ kind: 'lastUpdated', bounds })),
  ...kinds.map((kind) =>
    tests[kind].map(
      (test): Filter => ({ kind: 'value', param: kind === 'text' ? 'token:text' : kind, test }),
    ),
  ),
  tests.uri.map((test): Filter => ({ kind: 'value', param: 'reference', test })),
  // Two conditions on a date that no resource has twice.
  fc.tuple(period, period).map((of): Filter => ({ kind: 'and', of })),
  compositeTest.map((test): Filter => ({ kind: 'value', param: 'composite', test })),
  fc
    .record({
      param: fc.constantFrom('token', 'reference', 'string', 'never-used'),
      kinds: fc.constantFrom(
        ['token', 'present'] as const,
        ['reference', 'uri'] as const,
        ['string'] as const,
      ),
    })
    .map((asked): Filter => ({ kind: 'present', ...asked })),
);

export const { filter } = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.record({
      kind: fc.constantFrom('and' as const, 'or' as const),
      of: fc.array(tie('filter'), { maxLength: 3 }),
    }),
    fc.record({ kind: fc.constant('not' as const), of: tie('filter') }),
    fc.record({
      kind: fc.constant('chain' as const),
      param: fc.constant('reference'),
      type,
      of: tie('filter'),
    }),
    fc.record({
      kind: fc.constant('has' as const),
      type,
      param: fc.constant('reference'),
      of: tie('filter'),
    }),
  ),
}));

const sortKey: fc.Arbitrary<SortKey> = fc
  .record({
    by: fc.constantFrom(
      'id' as const,
      'lastUpdated' as const,
      'token' as const,
      'string' as const,
      'reference' as const,
      'uri' as const,
      'date' as const,
      'quantity' as const,
    ),
    descending: fc.boolean(),
  })
  .map((key) => ({ ...key, param: key.by }));

export const sort = fc.uniqueArray(sortKey, { maxLength: 2, selector: (key) => key.by });
