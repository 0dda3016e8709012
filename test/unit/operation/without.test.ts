import { expect, it } from 'vitest';
import { without } from '../../../src/operation/without.ts';

it('knows profiles by their URL, and codings by system and code', () => {
  const tag = { system: 'urn:t', code: 'a', display: 'A' };
  expect(without(['urn:p', tag, { code: 'a' }], ['urn:p', { system: 'urn:t', code: 'a' }])).toEqual([
    { code: 'a' },
  ]);
});

it('looks at each item of two long lists once', () => {
  let looks = 0;
  const list = Array.from({ length: 2000 }, (_, n) => ({
    get code() {
      looks++;
      return `c${n}`;
    },
  }));
  expect(without(list, list)).toEqual([]);
  expect(looks).toBeLessThanOrEqual(2 * list.length);
});
