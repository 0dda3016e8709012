import type { DateBound, Filter } from '../../search/filter.ts';
import type { Names } from './names.ts';
import { conjunction, disjunction, glue, type Sql, sql } from './sql.ts';

/** A part of an `and` that asks one date parameter alone: on one value, one of the groups of bounds. */
type DatePart = {
  readonly filter: Filter;
  readonly param: string;
  readonly anyOf: readonly (readonly DateBound[])[];
};

/** The parts that were put together, and the resources that pass them all. */
export type Window = { readonly covers: readonly Filter[]; readonly set: Sql };

const msPerDay = 86_400_000;

/**
 * `date=ge2024-01&date=lt2024-02`: each half alone finds too many. Where no resource has several values both must
 * hold for the same one, and what does not last longer than a day begins at most a day before the window.
 */
export function dateWindows(parts: readonly Filter[], type: string, names: Names): readonly Window[] {
  const ofParam = new Map<string, DatePart[]>();
  for (const filter of parts) {
    const part = datePartOf(filter);
    if (part) ofParam.set(part.param, [...(ofParam.get(part.param) ?? []), part]);
  }
  return [...ofParam].flatMap(([code, found]) => {
    const param = names.paramId(type, code);
    if (found.length < 2 || param === undefined || !names.isSingle(param)) return [];
    const window = windowOf(found, param);
    return window ? [{ covers: found.map(({ filter }) => filter), set: window }] : [];
  });
}

function datePartOf(filter: Filter): DatePart | undefined {
  const leaves = filter.kind === 'or' ? filter.of : [filter];
  const [first] = leaves;
  if (first?.kind !== 'value') return undefined;
  const anyOf: (readonly DateBound[])[] = [];
  for (const leaf of leaves) {
    if (leaf.kind !== 'value' || leaf.param !== first.param || leaf.test.kind !== 'date') return undefined;
    anyOf.push(leaf.test.bounds);
  }
  return { filter, param: first.param, anyOf };
}

/** No value passes that ends before `from` or begins after `to`. */
function windowOf(parts: readonly DatePart[], param: number): Sql | undefined {
  const from = Math.max(...parts.map(({ anyOf }) => Math.min(...anyOf.map(leastEnd))));
  const to = Math.min(...parts.map(({ anyOf }) => Math.max(...anyOf.map(greatestBeginning))));
  if (!Number.isFinite(from) || !Number.isFinite(to)) return undefined;
  const passes = conjunction(
    parts.map(({ anyOf }) =>
      disjunction(
        anyOf.map((bounds) => conjunction(bounds.map(({ end, is, at }) => sql(`+t.${end} ${is} ?`, at)))),
      ),
    ),
  );
  const short = sql('t.param = ? AND t.first >= ? AND t.first <= ? AND ', param, from - msPerDay, to);
  const long = sql('t.param = ? AND t.last - t.first > 86400000 AND t.first <= ? AND ', param, to);
  return glue(
    'SELECT t.rid FROM date_value t INDEXED BY date_by_first WHERE ',
    glue(short, passes),
    ' UNION ALL SELECT t.rid FROM date_value t INDEXED BY date_long WHERE ',
    glue(long, passes),
  );
}

/** A lower bound on either end is one on the last, since no value ends before it begins. */
function leastEnd(bounds: readonly DateBound[]): number {
  return Math.max(
    Number.NEGATIVE_INFINITY,
    ...bounds.filter(({ is }) => is.startsWith('>')).map(({ at }) => at),
  );
}

function greatestBeginning(bounds: readonly DateBound[]): number {
  return Math.min(
    Number.POSITIVE_INFINITY,
    ...bounds.filter(({ is }) => is.startsWith('<')).map(({ at }) => at),
  );
}
