import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseFilterExpression } from '../../../src/search/filter-expression.ts';
import { find, parse } from './search-world.ts';

const ask = (type: string, filter: string) => find(type, `_filter=${encodeURIComponent(filter)}`);

describe.each`
  rule                             | type              | rows
  ${'strings, without case'}       | ${'Patient'}      | ${[['family eq SMITH', ['bob']], ['family eq smit', []], ['name co "SMIT"', ['ann', 'bob']], ['family sw smi', ['bob']], ['name ew ith', ['ann', 'bob']], ['family ne smith', ['ann', 'cem']]]}
  ${'codes'}                       | ${'Patient'}      | ${[['gender eq female', ['ann']], ['gender ne female', ['bob']], ['gender pr true', ['ann', 'bob']], ['gender pr false', ['cem']], ['identifier eq urn:mrn|A-1', ['ann']], ['identifier eq "urn:mrn|a,1|x"', ['cem']]]}
  ${'value sets and hierarchies'}  | ${'Immunization'} | ${[['vaccine-code in urn:vs', ['i1']], ['vaccine-code ss 08', ['i1']], ['vaccine-code sb 08', ['i1']]]}
  ${'dates'}                       | ${'Patient'}      | ${[['birthdate eq 2020-02-29', ['ann']], ['birthdate ne 2020-02-29', ['bob', 'cem']], ['birthdate ge 2020-03', ['bob', 'cem']], ['birthdate po 2020-02', ['ann', 'cem']], ['birthdate sa 2020-02-29', ['bob']], ['_lastUpdated ge 2026-01-02', ['bob', 'cem']]]}
  ${'quantities'}                  | ${'Observation'}  | ${[['value-quantity eq 100', ['o1']], ['value-quantity gt 99||cm', ['o1', 'o2']], ['value-quantity ne 100', ['o2']], ['value-quantity ap 95', ['o1', 'o2']]]}
  ${'references'}                  | ${'Immunization'} | ${[['patient re Patient/ann', ['i1']], ['patient eq ann', ['i1']], ['patient ne ann', ['i2']]]}
  ${'uris'}                        | ${'ValueSet'}     | ${[['url eq http://example.org/fhir/ValueSet/a/b', ['v1']], ['url ss http://example.org/fhir/ValueSet/a', ['v1']]]}
  ${'ids'}                         | ${'Patient'}      | ${[['_id eq ann', ['ann']], ['_id ne ann', ['bob', 'cem']]]}
  ${'chains, and filters in them'} | ${'Immunization'} | ${[['patient.name co "smit"', ['i1', 'i2']], ['patient[gender eq male].name co smit', ['i2']], ['patient.organization.name sw harbor', ['i1']]]}
  ${'logic from left to right'}    | ${'Patient'}      | ${[['gender eq female or gender eq male', ['ann', 'bob']], ['gender eq female and active eq true', ['ann']], ['gender eq male or gender eq female and active eq true', ['ann']], ['gender eq male or (gender eq female and active eq true)', ['ann', 'bob']], ['not (gender eq male)', ['ann', 'cem']], ['not(gender eq male or _id eq cem)and(_id pr true or _id eq ann)', /compares _id by pr/], ['((_id eq ann))', ['ann']]]}
`('_filter: $rule (R4 search_filter.html)', ({ type, rows }) => {
  it.each(rows as [string, string[] | RegExp][])('%s', (filter, found) => {
    if (found instanceof RegExp) expect(ask(type, filter)).toMatch(found);
    else expect(ask(type, filter)).toEqual(found);
  });
});

describe('_filter refuses, naming what was expected', () => {
  it.each([
    ['', /expected the name of a parameter/],
    ['gender', /expected one of eq, ne/],
    ['gender is male', /expected one of eq, ne/],
    ['gender eq', /expected a value/],
    ['gender eq male nor active eq true', /expected and, or, or the end/],
    ['(gender eq male', /expected "\)"/],
    ['gender eq male)', /expected and, or, or the end/],
    ['organization[name eq x', /expected "\]"/],
    ['gender[active eq true] eq male', /nothing that it filters/],
    ['gender.name eq male', /is no reference/],
    ['nothing eq 1', /no search parameter "nothing"/],
    ['organization.nothing eq 1', /no type that organization refers to has "nothing"/],
    ['gender co male', /compares gender by co; a token parameter has eq, ne, pr, in, ss, sb/],
    ['birthdate eq soon', /not a FHIR date/],
    ['birthdate po soon', /not a FHIR date/],
    ['gender pr maybe', /expected pr true or pr false/],
    ['name eq "--"', /no letter or digit/],
    ['name eq "\\q"', /no JSON string/],
    ['('.repeat(200), /nests deeper than 20/],
    [Array(101).fill('gender eq male').join(' or '), /more than 100 comparisons/],
  ])('%s', (filter, message) => {
    expect(ask('Patient', filter)).toMatch(message);
  });
});

it('takes a prefix for an operator alone: a value may begin with one', () => {
  expect(ask('Patient', 'birthdate eq ge2020')).toMatch(/not a FHIR date/);
});

it('answers whatever it is asked, and quickly', () => {
  const word = fc.constantFrom(
    'gender',
    'name',
    'eq',
    'co',
    'and',
    'or',
    'not',
    '(',
    ')',
    '[',
    ']',
    '.',
    '"x"',
    'male',
  );
  const text = fc.oneof(
    fc.array(word, { maxLength: 30 }).map((words) => words.join(' ')),
    fc.string({ unit: 'binary' }),
  );
  fc.assert(
    fc.property(text, (filter) => {
      expect(['search', 'refused']).toContain(
        parse('Patient', `_filter=${encodeURIComponent(filter.toWellFormed())}`).kind,
      );
    }),
  );
});

it('reads blanks in one way, however many there are', () => {
  // With two ways to share them out, the time is that of the square of their number.
  const blanks = ' '.repeat(200_000);
  expect(() => parseFilterExpression(`${blanks}x`)).toThrow('expected one of');
  expect(
    parseFilterExpression(`${blanks}not${blanks}(${blanks}family eq a${blanks})${blanks}`),
  ).toMatchObject({
    kind: 'not',
  });
});
