import { allOf, anyOf, type Filter } from './filter.ts';
import { foldText } from './fold-text.ts';
import { ValueFault } from './parse-value.ts';
import { unescapeValue } from './split-escaped.ts';
import { splitValues } from './split-values.ts';
import { cut, type WordParam } from './words.ts';

const maxWords = 50;
const maxDepth = 20;

/**
 * `_text=(bone OR liver) metastases` (R4 search.html#content): words beside each other, or with AND between them, must all
 * be there; OR and parentheses as usual, AND before OR; a comma is an OR. Each fits the beginning of a word.
 */
export function parseWords(code: WordParam, value: string): Filter {
  return anyOf(splitValues(value).map((text) => new WordsReader(code, unescapeValue(text)).whole()));
}

class WordsReader {
  readonly #code: WordParam;
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(code: WordParam, text: string) {
    this.#code = code;
    this.#tokens = text.match(/[()]|[^\s()]+/g) ?? [];
    if (text.includes('"')) throw new ValueFault('has a phrase in quotes; words are looked for one by one');
    if (this.#tokens.length > maxWords) throw new ValueFault(`has more than ${maxWords} words`);
  }

  whole(): Filter {
    const filter = this.#either(0);
    if (this.#at < this.#tokens.length) throw new ValueFault('has a ")" that closes nothing');
    return filter;
  }

  #either(depth: number): Filter {
    if (depth > maxDepth) throw new ValueFault(`nests deeper than ${maxDepth} levels`);
    const parts = [this.#all(depth)];
    while (this.#take('OR')) parts.push(this.#all(depth));
    return anyOf(parts);
  }

  #all(depth: number): Filter {
    const parts = [this.#one(depth)];
    while (this.#take('AND') || this.#goesOn()) parts.push(this.#one(depth));
    return allOf(parts);
  }

  #goesOn(): boolean {
    const next = this.#tokens[this.#at];
    return next !== undefined && next !== 'OR' && next !== ')';
  }

  #one(depth: number): Filter {
    if (this.#take('(')) {
      const inner = this.#either(depth + 1);
      if (!this.#take(')')) throw new ValueFault('has a "(" that is not closed');
      return inner;
    }
    const word = this.#tokens[this.#at++];
    if (word === 'NOT') throw new ValueFault('has NOT, which is not known; AND, OR and parentheses are');
    if (word === undefined || word === 'AND' || word === 'OR' || word === ')') {
      throw new ValueFault(`has ${word === undefined ? 'no word' : `"${word}"`} where a word was expected`);
    }
    return this.#word(word);
  }

  /** Punctuation parts words, here as where they were taken from. */
  #word(text: string): Filter {
    const words = foldText(text).split(' ').filter(Boolean);
    if (words.length === 0) throw new ValueFault(`"${text}" has no letter or digit to search for`);
    const tests = words.map(
      (word): Filter => ({
        kind: 'value',
        param: this.#code,
        test: { kind: 'text', prefix: cut(word) },
      }),
    );
    return allOf(tests);
  }

  #take(token: string): boolean {
    if (this.#tokens[this.#at] !== token) return false;
    this.#at++;
    return true;
  }
}
