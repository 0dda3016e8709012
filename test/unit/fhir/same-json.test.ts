import { describe, expect, it } from 'vitest';
import { isSameJson } from '../../../src/fhir/same-json.ts';

describe('the same JSON', () => {
  it.each([
    [{ a: [1, { b: 'x' }] }, { a: [1, { b: 'x' }] }, true],
    [{ a: 1, b: 2 }, { b: 2, a: 1 }, true],
    [{ a: 1 }, { a: 1, b: undefined }, true],
    [{ a: 1 }, { a: 1, b: 2 }, false],
    [{ a: 1, b: 2 }, { a: 1 }, false],
    [[1, 2], [1], false],
    [[1], [1, 2], false],
    [[1, 2], [2, 1], false],
    [[], {}, false],
    [{}, [], false],
    [null, {}, false],
    // Every object has it, unless it is asked whose it is.
    [{}, { constructor: 'x' }, false],
    [{ constructor: 'x' }, {}, false],
    [undefined, undefined, true],
    ['1', 1, false],
  ])('%j and %j: %s', (a, b, same) => {
    expect(isSameJson(a, b)).toBe(same);
  });
});
