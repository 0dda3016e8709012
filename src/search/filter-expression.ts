import { ValueFault } from './parse-value.ts';

const filterOperators = [
  'eq',
  'ne',
  'co',
  'sw',
  'ew',
  'gt',
  'lt',
  'ge',
  'le',
  'ap',
  'sa',
  'eb',
  'pr',
  'po',
  'ss',
  'sb',
  'in',
  're',
] as const;

export type FilterOperator = (typeof filterOperators)[number];

/** One name of a path; `where` is the filter in brackets behind it. */
export type FilterStep = { readonly name: string; readonly where?: FilterExpression };

/** What the value of `_filter` says (R4 search_filter.html). */
export type FilterExpression =
  | { readonly kind: 'and' | 'or'; readonly of: readonly FilterExpression[] }
  | { readonly kind: 'not'; readonly of: FilterExpression }
  | {
      readonly kind: 'test';
      readonly path: readonly FilterStep[];
      readonly operator: FilterOperator;
      readonly value: string;
    };

/** More than anybody needs, few enough for any store. */
const maxTests = 100;
const maxDepth = 20;

/**
 * Reads a filter expression. `and` and `or` are taken from left to right, neither before the other. Throws a
 * ValueFault.
 */
export function parseFilterExpression(text: string): FilterExpression {
  const reader = new FilterReader(text);
  const expression = reader.expression(0);
  reader.requireEnd();
  return expression;
}

class FilterReader {
  readonly #text: string;
  #at = 0;
  #tests = 0;

  constructor(text: string) {
    this.#text = text;
  }

  expression(depth: number): FilterExpression {
    if (depth > maxDepth) throw new ValueFault(`nests deeper than ${maxDepth} levels`);
    let left = this.#term(depth);
    for (;;) {
      const [, word] = this.#take(/\s*(and|or)(?=[\s(])\s*/y) ?? [];
      if (word !== 'and' && word !== 'or') return left;
      left = { kind: word, of: [left, this.#term(depth)] };
    }
  }

  requireEnd(): void {
    this.#take(/\s*/y);
    if (this.#at < this.#text.length) throw this.#fault('and, or, or the end');
  }

  #term(depth: number): FilterExpression {
    // Blanks are taken by themselves: beside an optional word they could be shared out in as many ways as there are.
    this.#take(/\s*/y);
    const open = this.#take(/(not\s*)?\(/y);
    if (!open) return this.#test(depth);
    const inner = this.expression(depth + 1);
    if (!this.#take(/\s*\)/y)) throw this.#fault('")"');
    return open[1] === undefined ? inner : { kind: 'not', of: inner };
  }

  #test(depth: number): FilterExpression {
    this.#tests++;
    if (this.#tests > maxTests) throw new ValueFault(`has more than ${maxTests} comparisons`);
    const path = this.#path(depth);
    const [, word] = this.#take(/\s+([a-z]{2})(?=\s|$)/y) ?? [];
    const operator = filterOperators.find((known) => known === word);
    if (!operator) throw this.#fault(`one of ${filterOperators.join(', ')}`);
    return { kind: 'test', path, operator, value: this.#value() };
  }

  #path(depth: number): readonly FilterStep[] {
    const steps: FilterStep[] = [];
    do {
      const [, name] = this.#take(/\s*([_A-Za-z][\w-]*)/y) ?? [];
      if (name === undefined) throw this.#fault('the name of a parameter');
      const where = this.#take(/\[/y) ? this.expression(depth + 1) : undefined;
      if (where && !this.#take(/\s*\]/y)) throw this.#fault('"]"');
      steps.push(where ? { name, where } : { name });
    } while (this.#take(/\./y));
    return steps;
  }

  #value(): string {
    this.#take(/\s+/y);
    const [quoted] = this.#take(/"(?:[^"\\]|\\.)*"/y) ?? [];
    if (quoted !== undefined) return this.#fromJson(quoted);
    const [token] = this.#take(/[^\s()[\]"]+/y) ?? [];
    if (token === undefined) throw this.#fault('a value');
    return token;
  }

  #fromJson(quoted: string): string {
    try {
      return String(JSON.parse(quoted));
    } catch {
      throw new ValueFault(`has ${quoted.slice(0, 60)}, which is no JSON string`);
    }
  }

  #take(shape: RegExp): RegExpExecArray | undefined {
    shape.lastIndex = this.#at;
    const match = shape.exec(this.#text);
    if (!match) return undefined;
    this.#at = shape.lastIndex;
    return match;
  }

  #fault(expected: string): ValueFault {
    const rest = this.#text.slice(this.#at, this.#at + 40);
    return new ValueFault(
      `cannot be read from "${rest}" on (character ${this.#at + 1}): expected ${expected}`,
    );
  }
}
