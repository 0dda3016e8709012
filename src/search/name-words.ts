import { foldText } from './fold-text.ts';
import type { StringValue } from './index-values.ts';

/** Types of whom `name` is the name of a person. */
const people: ReadonlySet<string> = new Set(['Patient', 'Person', 'Practitioner', 'RelatedPerson']);

/** R4 search parameters of people: what `name` looks at a server defines; `family` and `given` are parts of it. */
export function isNameOfPerson(type: string, code: string): boolean {
  return code === 'name' && people.has(type);
}

/** Where the later words of the parts of a name stand; no client can ask by it. */
export function laterWordsOf(code: string): string {
  return `${code}:word`;
}

/** So many words of one part begin a value of their own, of so many characters: a longer part costs no more. */
const most = { words: 8, characters: 100 };

/** What parts words, and the apostrophes that folding drops: "Shaughnessy" finds O'Shaughnessy. */
const between = /[\s\p{P}\p{Z}\p{Cc}`´ʼ]+/gu;

/** A part of a name from its second word on, from its third and so on: "la vega" and "vega" of "de la Vega". */
export function laterWords({ folded, original }: StringValue): readonly StringValue[] {
  const later = new Set<string>();
  let count = 0;
  for (const { index, 0: gap } of original.matchAll(between)) {
    if (count++ >= most.words) break;
    const from = index + gap.length;
    later.add(foldText(original.slice(from, from + most.characters)));
  }
  later.delete('');
  later.delete(folded);
  return [...later].map((text) => ({ kind: 'string', folded: text, original: text }));
}
