import type { IndexValue } from './index-values.ts';

/** The values of one resource as they are drawn. */
export type DistinctValues = {
  readonly values: Record<string, IndexValue[]>;
  /** Adds the value under the code, unless it stands there. */
  readonly add: (code: string, value: IndexValue) => void;
  /** The same of a word, of which there are many. */
  readonly addWord: (code: string, folded: string) => void;
  /** How often it was asked for the code before. */
  readonly count: (code: string) => number;
};

/** Up to so many are compared with each other, which costs less than to name them. */
const few = 8;

/** A roster has thousands of members, a code system a hundred thousand codes: what stands there is looked up by its name. */
export function openDistinctValues(): DistinctValues {
  const values: Record<string, IndexValue[]> = {};
  // Most resources need none of them.
  let names: Map<string, Set<string>> | undefined;
  let words: Map<string, Set<string>> | undefined;
  let counts: Map<string, number> | undefined;
  const isNew = (code: string, known: readonly IndexValue[], value: IndexValue): boolean => {
    if (known.length < few) return !known.some((other) => isSame(other, value));
    names ??= new Map();
    let named = names.get(code);
    if (!named) {
      named = new Set(known.map(nameOf));
      names.set(code, named);
    }
    const { size } = named;
    return named.add(nameOf(value)).size > size;
  };
  return {
    values,
    add: (code, value) => {
      const known = values[code];
      if (!known) values[code] = [value];
      else if (isNew(code, known, value)) known.push(value);
    },
    addWord: (code, folded) => {
      words ??= new Map();
      const known = words.get(code) ?? new Set();
      if (known.size === 0) words.set(code, known);
      if (known.has(folded)) return;
      known.add(folded);
      const value: IndexValue = { kind: 'text', folded };
      const listed = values[code];
      if (listed) listed.push(value);
      else values[code] = [value];
    },
    count: (code) => {
      counts ??= new Map();
      const before = counts.get(code) ?? 0;
      counts.set(code, before + 1);
      return before;
    },
  };
}

/** No two values have one name: no text of a value holds U+0000 (`IndexValues`). */
function nameOf(value: IndexValue): string {
  if (value.kind === 'composite') return JSON.stringify(value.parts.map(nameOf));
  let name: string = value.kind;
  const members: Readonly<Record<string, unknown>> = value;
  for (const member in members) if (member !== 'kind') name += `\u0000${members[member]}`;
  return name;
}

function isSame(a: IndexValue, b: IndexValue): boolean {
  if (a.kind !== b.kind) return false;
  if (a.kind === 'composite' && b.kind === 'composite') {
    return a.parts.every((part, i) => {
      const other = b.parts[i];
      return other !== undefined && isSame(part, other);
    });
  }
  const left: Readonly<Record<string, unknown>> = a;
  const right: Readonly<Record<string, unknown>> = b;
  for (const name in left) if (left[name] !== right[name]) return false;
  return true;
}
