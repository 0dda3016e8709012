import type { Filter, ValueTest } from '../search/filter.ts';

const day = 24 * 60 * 60 * 1000;

/**
 * The search as one that names one person: by one identifier, or by family name, given name and birth date, each whole, and
 * whatever narrows that further. Undefined when it names nobody so: then it is a list, and lists are of own persons only.
 */
export function toLookUp(filter: Filter): Filter | undefined {
  const parts = partsOf(filter);
  const values = parts.flatMap((part) => (part.kind === 'value' ? [part] : []));
  if (values.length < parts.length || !values.every(isPlain)) return undefined;
  const has = (param: string) => values.some((part) => part.param === param && isWhole(part.test));
  if (!has('identifier') && !(has('family') && has('given') && has('birthdate'))) return undefined;
  return { kind: 'and', of: values.map((part) => ({ ...part, test: whole(part.test) })) };
}

function partsOf(filter: Filter): readonly Filter[] {
  return filter.kind === 'and' ? filter.of.flatMap(partsOf) : [filter];
}

/** What a person is named by; nothing that tells of others, as a reference would. */
const naming: ReadonlySet<string> = new Set(['identifier', 'family', 'given', 'birthdate', 'gender']);

function isPlain({ param }: { readonly param: string }): boolean {
  return naming.has(param);
}

/** One identifier, one name, one day: not a list of them, nor a span. */
function isWhole(test: ValueTest): boolean {
  switch (test.kind) {
    case 'token':
      return test.anyOf.length === 1 && Boolean(test.anyOf[0]?.code);
    case 'string':
      return test.match === 'prefix' || test.match === 'exact';
    case 'date':
      return isOneDay(test);
    case 'text':
    case 'reference':
    case 'uri':
    case 'quantity':
    case 'composite':
      return false;
  }
}

function isOneDay({ bounds }: Extract<ValueTest, { kind: 'date' }>): boolean {
  const from = bounds.find(({ end, is }) => end === 'first' && is === '>=');
  const to = bounds.find(({ end, is }) => end === 'last' && is === '<=');
  return from !== undefined && to !== undefined && to.at - from.at < day;
}

/** The beginning of a name is not the name. */
function whole(test: ValueTest): ValueTest {
  return test.kind === 'string' && test.match === 'prefix' ? { ...test, match: 'whole' } : test;
}
