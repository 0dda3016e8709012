import type { Bindable } from './driver.ts';

/** SQL from fixed pieces, and what its question marks stand for. */
export type Sql = { readonly text: string; readonly args: readonly Bindable[] };

export const always: Sql = { text: '1', args: [] };
export const never: Sql = { text: '0', args: [] };

export function sql(text: string, ...args: Bindable[]): Sql {
  return { text, args };
}

/** Puts pieces together; strings are fixed text. */
export function glue(...pieces: readonly (string | Sql)[]): Sql {
  let text = '';
  const args: Bindable[] = [];
  for (const piece of pieces) {
    if (typeof piece === 'string') text += piece;
    else {
      text += piece.text;
      for (const arg of piece.args) args.push(arg);
    }
  }
  return { text, args };
}

/** The number stands in the text: SQLite plans a statement anew whenever a parameter of its LIMIT is bound. */
export function limitSql(rows: number): string {
  return `LIMIT ${Math.trunc(rows)}`;
}

export function join(parts: readonly Sql[], between: string): Sql {
  return { text: parts.map((part) => part.text).join(between), args: parts.flatMap((part) => part.args) };
}

/**
 * The same with each value bound once, however often it stands there: to bind one takes some 0.1 µs. The first is `?` and
 * the number after `bound`, so many stand before it.
 */
export function bindOnce(whole: Sql, bound: number): Sql {
  const { texts, args } = bindTogether([whole], bound);
  return { text: texts.join(''), args };
}

/** The same of pieces that stand apart in one statement. */
export function bindTogether(
  pieces: readonly Sql[],
  bound: number,
): { readonly texts: readonly string[]; readonly args: readonly Bindable[] } {
  const numbers = new Map<Bindable, number>();
  const texts = pieces.map(({ text, args }) => {
    let at = 0;
    return text.replaceAll('?', () => {
      const value = args[at++] ?? null;
      const number = numbers.get(value) ?? bound + numbers.size + 1;
      numbers.set(value, number);
      return `?${number}`;
    });
  });
  return { texts, args: [...numbers.keys()] };
}

export function conjunction(parts: readonly Sql[]): Sql {
  const real = parts.filter((part) => part !== always);
  if (real.length === 0) return always;
  return real.includes(never) ? never : bundle(real, ' AND ');
}

export function disjunction(parts: readonly Sql[]): Sql {
  const real = parts.filter((part) => part !== never);
  if (real.length === 0) return never;
  return real.includes(always) ? always : bundle(real, ' OR ');
}

/** SQLite reads `a OR b OR …` as a tree that is as deep as it is long, and refuses depth 1,000: halves are flat. */
function bundle(parts: readonly Sql[], between: string): Sql {
  if (parts.length <= 100) return glue('(', join(parts, between), ')');
  const half = Math.ceil(parts.length / 2);
  return glue('(', bundle(parts.slice(0, half), between), between, bundle(parts.slice(half), between), ')');
}

export function negation(part: Sql): Sql {
  if (part === always) return never;
  return part === never ? always : glue('NOT ', part);
}

/** The least text above all that start with the prefix; undefined when there is none. */
export function afterPrefix(prefix: string): string | undefined {
  const points = Array.from(prefix, (char) => char.codePointAt(0) ?? 0);
  while (points.at(-1) === 0x10ffff) points.pop();
  const last = points.pop();
  if (last === undefined) return undefined;
  return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1);
}
