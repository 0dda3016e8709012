/**
 * That two records were found to be one; `replaced`: the person who was found to be another by it. What is one person is such pairs
 * and nothing else: a merge adds a pair, an un-merge takes one out, and nobody else is moved.
 */
export type ModelJoin = {
  readonly record: string;
  readonly with: string;
  readonly replaced?: string | undefined;
};

export const isSamePair = (a: ModelJoin, b: ModelJoin) => a.record === b.record && a.with === b.with;

export const touches = ({ record, with: other }: ModelJoin, id: string) => record === id || other === id;

export function besideIn(joins: readonly ModelJoin[], id: string): readonly string[] {
  const found = new Set([id]);
  for (const one of found) {
    for (const { record, with: other } of joins) {
      if (record === one) found.add(other);
      if (other === one) found.add(record);
    }
  }
  return [...found].sort();
}

/** Whether none of the ones hangs together with any of the others once the pair is out. */
export function parts(
  joins: readonly ModelJoin[],
  taken: ModelJoin,
  some: readonly string[],
  others: readonly string[],
): boolean {
  const rest = joins.filter((join) => join !== taken);
  const [first = '', second = ''] = [some[0], others[0]];
  const [a, b] = [besideIn(rest, first), besideIn(rest, second)];
  const isWhole =
    some.length > 0 && some.every((id) => a.includes(id)) && others.every((id) => b.includes(id));
  return isWhole && others.length > 0 && !a.includes(second) && besideIn(joins, first).includes(second);
}

/**
 * Who is deleted is in no pair any more: whom it held together hang on the one to whom it was joined first. `order`: the pairs of the
 * person, as the registry keeps them.
 */
export function withoutRecord(
  joins: readonly ModelJoin[],
  id: string,
  order: readonly ModelJoin[],
): readonly ModelJoin[] {
  const first = order.find((join) => touches(join, id));
  if (!first) return joins;
  const heir = first.record === id ? first.with : first.record;
  return joins
    .filter((join) => !isSamePair(join, first))
    .map((join) => ({
      ...join,
      record: join.record === id ? heir : join.record,
      with: join.with === id ? heir : join.with,
    }));
}
