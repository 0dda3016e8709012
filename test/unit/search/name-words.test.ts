import { describe, expect, it } from 'vitest';
import { foldText } from '../../../src/search/fold-text.ts';
import { laterWords } from '../../../src/search/name-words.ts';

const wordsOf = (original: string) =>
  laterWords({ kind: 'string', folded: foldText(original), original }).map(({ folded }) => folded);

describe('the later words of a part of a name', () => {
  it.each([
    ['Smith', []],
    ['de la Vega', ['la vega', 'vega']],
    ['Diallo-Gaines', ['gaines']],
    ["O'Néill", ['neill']],
    ['O’Shaughnessy Ruiz', ['shaughnessy ruiz', 'ruiz']],
    ['‘Anne’', []],
    ['  José  ', []],
    ['-', []],
    ['Нет Имени', ['имени']],
  ])('of %s', (original, words) => {
    expect(wordsOf(original)).toEqual(words);
  });

  it('are few and short, however long the part is', () => {
    const words = wordsOf(Array.from({ length: 100_000 }, (_, n) => `ab${n}`).join(' '));
    expect(words).toHaveLength(8);
    expect(Math.max(...words.map(({ length }) => length))).toBeLessThanOrEqual(100);
  });
});
