import fc from 'fast-check';
import type { Definitions, ElementFacts } from '../../../../src/fhir/validation/definitions.ts';
import { jsonName } from '../../../../src/fhir/validation/json-name.ts';

type Value = fc.Arbitrary<unknown>;
type Entry = readonly [string, ElementFacts];

const primitives: Readonly<Record<string, Value>> = {
  boolean: fc.boolean(),
  decimal: fc.constantFrom(-1, 0, 1.5),
  integer: fc.constantFrom(-1, 0, 1),
  unsignedInt: fc.constantFrom(0, 1),
  positiveInt: fc.constantFrom(1, 2),
  date: fc.constantFrom('2024-01-01', '2024-02-01'),
  dateTime: fc.constantFrom('2024-01-01', '2024-02-01'),
  instant: fc.constant('2024-01-01T00:00:00Z'),
};

/**
 * Elements of a type for a rule: each of its elements that the expression names is there or not, strings are those that
 * the expression compares with. Mandatory elements are there.
 */
export function madeUpElement(definitions: Definitions, type: string, expression: string): Value {
  const words = new Set(expression.match(/[A-Za-z]\w*/g));
  const literals = [...expression.matchAll(/'([^'\s]+)'/g)].flatMap(([, text]) => (text ? [text] : []));
  const texts = fc.constantFrom('x', 'Thing', 'Thing.x', ...literals);

  const isNamed = ([element, { types, min = 0 }]: Entry) =>
    types[0] !== 'Resource' && (min > 0 || words.has(element.replace('[x]', '')));

  function ofType(name: string, depth: number): Value {
    const known = definitions.types[name];
    if (known?.kind === 'primitive') return primitives[name] ?? texts;
    const chosen = depth === 0 ? [] : Object.entries(known?.elements ?? {}).filter(isNamed);
    const made = chosen.map(
      ([
        element,
        {
          types: [first = ''],
          max,
          min = 0,
        },
      ]) => {
        const value = ofType(first, depth - 1);
        const values = max === undefined ? value : fc.array(value, { minLength: 1, maxLength: 3 });
        return { key: jsonName(element, first), values, min };
      },
    );
    const requiredKeys = made.filter(({ min }) => min > 0).map(({ key }) => key);
    return fc.record(Object.fromEntries(made.map(({ key, values }) => [key, values])), { requiredKeys });
  }

  return ofType(type, 4);
}
