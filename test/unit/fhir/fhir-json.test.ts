import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseFhirJson, withMembers } from '../../../src/fhir/fhir-json.ts';
import { writeJson } from '../../../src/fhir/write-json.ts';

describe('parseFhirJson (R4 json.html)', () => {
  it.each`
    text                              | message                                                                    | expression
    ${'{"a":1,"a":2}'}                | ${'The name "a" stands twice in one object (line 1, column 12)'}           | ${'a'}
    ${'{"a":{"b":[{"c":""}]}}'}       | ${'A string must not be empty (line 1, column 19)'}                        | ${'a.b[0].c'}
    ${'{"a":{}}'}                     | ${'An object must not be empty (line 1, column 7)'}                        | ${'a'}
    ${'{"a":[]}'}                     | ${'An array must not be empty (line 1, column 7)'}                         | ${'a'}
    ${'{"a":null}'}                   | ${'null is not a value in FHIR; leave the element out (line 1, column 6)'} | ${'a'}
    ${'{"a":\n"x\u0007"}'}            | ${'A string holds a control character (line 2, column 3)'}                 | ${'a'}
    ${'{"a":"\\u0000"}'}              | ${'A string holds a control character (line 1, column 14)'}                | ${'a'}
    ${'{"a":"\\ud800"}'}              | ${'A string holds half of a surrogate pair (line 1, column 14)'}           | ${'a'}
    ${'{"a":"\\x"}'}                  | ${'A string holds an escape that JSON does not know (line 1, column 10)'}  | ${'a'}
    ${'{"a":01}'}                     | ${'A number must not begin with 0 (line 1, column 6)'}                     | ${'a'}
    ${'{"a":1e999}'}                  | ${'1e999 is too large a number (line 1, column 11)'}                       | ${'a'}
    ${'{"a":1,}'}                     | ${"Expected a name in double quotes but found '}' (line 1, column 8)"}     | ${''}
    ${'{"a":1'}                       | ${"Expected ',' or '}' but found the end of the text (line 1, column 7)"}  | ${''}
    ${'{"a":1} x'}                    | ${'The JSON ends, but more text follows (line 1, column 9)'}               | ${''}
    ${'{"a":tru}'}                    | ${"Expected a JSON value but found 't' (line 1, column 6)"}                | ${'a'}
    ${'{"__proto__":{"admin":true}}'} | ${'"__proto__" is not a FHIR element (line 1, column 28)'}                 | ${'__proto__'}
    ${'"open'}                        | ${'A string that begins here does not end (line 1, column 2)'}             | ${''}
  `('says of $text where it is wrong', ({ text, message, expression }) => {
    expect(parseFhirJson(text)).toEqual({ ok: false, message, expression });
  });

  it('stops at 100 levels, however deep the text goes', () => {
    const deep = `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`;
    expect(parseFhirJson(deep)).toMatchObject({
      ok: false,
      message: expect.stringContaining('deeper than 100'),
    });
    const nested = `${'['.repeat(100)}1${']'.repeat(100)}`;
    expect(parseFhirJson(nested).ok).toBe(true);
  });

  it('takes null only as a place holder in an array, and a byte order mark', () => {
    expect(parseFhirJson('\uFEFF{"given":[null,"Ann"]}')).toEqual({
      ok: true,
      value: { given: [null, 'Ann'] },
      exactNumbers: false,
    });
  });

  it('keeps the digits of every number through parsing, copying and writing', () => {
    const text = '{"a":1.00,"b":[1e3,{"c":-0.10}],"d":5,"e":12345678901234567890.5}';
    const parsed = parseFhirJson(text);
    if (!parsed.ok) throw new Error(parsed.message);
    expect(parsed.exactNumbers).toBe(true);
    expect(writeJson(parsed.value, parsed.exactNumbers)).toBe(text);
    const copy = withMembers(parsed.value as never, { d: 6, a: 2 });
    expect(writeJson(copy, true)).toBe('{"a":2,"b":[1e3,{"c":-0.10}],"d":6,"e":12345678901234567890.5}');
  });

  it('agrees with JSON.parse on every text that FHIR allows', () => {
    const leaf = fc.oneof(
      fc.string({ minLength: 1, unit: 'grapheme' }),
      fc.integer(),
      fc.boolean(),
      fc.double(),
    );
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { depthSize: 'small' },
        leaf,
        fc.array(tie('tree'), { minLength: 1 }),
        fc.dictionary(fc.string({ minLength: 1 }), tie('tree'), { minKeys: 1 }),
      ),
    }));
    fc.assert(
      fc.property(tree, fc.constantFrom(undefined, 2), (value, indent) => {
        const text = JSON.stringify(
          value,
          (_, v) => (typeof v === 'number' && !Number.isFinite(v) ? 1 : v),
          indent,
        );
        const parsed = parseFhirJson(text);
        if (parsed.ok) expect(parsed.value).toEqual(JSON.parse(text));
        else expect(parsed.message).toMatch(/empty|control|surrogate|null|__proto__/);
      }),
    );
  });
});
