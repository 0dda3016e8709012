import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldCode, foldText } from '../../../src/search/fold-text.ts';

describe('how strings are compared (R4 search.html#string)', () => {
  // Unicode's default case folding, and what is an accent in the script.
  it.each([
    ['ΣΟΦΟΣ', 'Σοφός', true],
    ['ΣΟΦΟΣ', 'σοφοσ', true],
    ['STRASSE', 'Straße', true],
    ['straße', 'STRAẞE', true],
    ['YILDIZ', 'Yıldız', true],
    ['İzmir', 'IZMIR', true],
    ['ﬁnn', 'FINN', true],
    ['ԵՒ', 'և', true],
    ['Ꭰ', 'ꭰ', true],
    ['𐐀', '𐐨', true],
    ['Ÿ', 'y', true],
    ['ᾳ', 'ΑΙ', true],
    ['Müller', 'Mu\u0308ller', true],
    ['שָׁלוֹם', 'שלום', true],
    ['محمّد', 'محمد', true],
    ['Łódź', 'lodz', true],
    ['soft\u00adhyphen', 'softhyphen', true],
    ['राम', 'रमा', false],
    ['กา', 'กิ', false],
    ['が', 'か', false],
    ['각', '가', false],
  ])('%s and %s: the same is %s', (one, other, isSame) => {
    expect(foldText(one) === foldText(other)).toBe(isSame);
  });

  it.each([
    ['ΣΑΣ', 'σας', true],
    ['ẞ', 'SS', true],
    ['é', 'e', false],
  ])('codes differ by more than case: %s and %s: %s', (one, other, isSame) => {
    expect(foldCode(one) === foldCode(other)).toBe(isSame);
  });

  it('takes a sigma for the same at the end of a word and within one', () => {
    expect(foldText('ΣΟΦΟΣΑ').startsWith(foldText('Σοφός'))).toBe(true);
    expect(foldCode('ΣΑΣΑ').startsWith(foldCode('σας'))).toBe(true);
  });

  it('begins with a syllable only where that is one', () => {
    expect(foldText('각').startsWith(foldText('가'))).toBe(false);
    expect(foldText('가나').startsWith(foldText('가'))).toBe(true);
  });

  it('is its own result, so that what was folded may be folded again', () => {
    const text = fc.string({ unit: 'binary', maxLength: 8 });
    fc.assert(
      fc.property(text, (given) => {
        expect(foldText(foldText(given))).toBe(foldText(given));
      }),
      { numRuns: 2000 },
    );
  });

  it('does not see the difference of cases in any letter', () => {
    const letter = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(letter, (given) => {
        expect(foldText(given.toUpperCase())).toBe(foldText(given));
        expect(foldText(given.toLowerCase())).toBe(foldText(given));
      }),
      { numRuns: 2000 },
    );
  });
});
