import { tableOf } from '../../values/table-of.ts';

/** Letters that sound alike in one class; vowels and what is silent have none. */
const classes: Readonly<Record<string, string>> = tableOf({
  b: '1',
  p: '1',
  f: '1',
  v: '1',
  h: '0',
  w: '0',
  c: '2',
  k: '2',
  q: '2',
  g: '2',
  j: '2',
  x: '2',
  s: '3',
  z: '3',
  d: '4',
  t: '4',
  l: '5',
  m: '6',
  n: '6',
  r: '7',
});

/** It does not part two letters of one class. */
const silent = '0';

/** How many classes a code holds. */
const length = 4;

/**
 * A short code that names of one sound share, whatever language they are of: classes of consonants, the first letter
 * too, so that Catherine and Kathryn meet. A name without Latin letters is its own code, cut.
 */
export function soundOf(folded: string): string {
  let code = isVowel(folded[0]) ? 'a' : '';
  let last = '';
  for (let at = 0; at < folded.length && code.length < length; at++) {
    const group = classes[folded[at] ?? ''] ?? '';
    if (group === silent) continue;
    if (group !== last) code += group;
    last = group;
  }
  return code || folded.slice(0, length);
}

function isVowel(letter: string | undefined): boolean {
  return letter !== undefined && 'aeiouy'.includes(letter);
}
