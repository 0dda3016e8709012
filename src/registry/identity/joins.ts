import type { Join } from './record-links.ts';

/** Who hangs together on either side of a join of a tree, without it: those beside `with`, and those beside `record`. */
export function sidesWithout(
  joins: readonly Join[],
  taken: Join,
): readonly [stays: ReadonlySet<string>, parted: ReadonlySet<string>] {
  const rest = joins.filter((join) => join.record !== taken.record || join.with !== taken.with);
  return [reachable(rest, taken.with), reachable(rest, taken.record)];
}

export function isSameJoin(a: Join, b: Join): boolean {
  return a.record === b.record && a.with === b.with;
}

export type JoinsLeft = {
  readonly joins: readonly Join[];
  /** What a join has become; undefined where it joins nobody any more. */
  readonly leftOf: (join: Join) => Join | undefined;
};

/**
 * The joins without who is not there any more: whom it held together hang on the one to whom it was joined first. Should it come
 * back it is nobody's, and must not be found in a tree that it has left.
 */
export function joinsAmong(joins: readonly Join[], isThere: (id: string) => boolean): JoinsLeft {
  const heirs = new Map<string, string>();
  const heirOf = (id: string): string => {
    const heir = heirs.get(id);
    return heir === undefined ? id : heirOf(heir);
  };
  const leftOf = (join: Join): Join | undefined => {
    const [record, other] = [heirOf(join.record), heirOf(join.with)];
    if (record === other) return undefined;
    return record === join.record && other === join.with ? join : { ...join, record, with: other };
  };
  for (const join of joins) {
    const [record, other] = [heirOf(join.record), heirOf(join.with)];
    if (record === other) continue;
    if (!isThere(record)) heirs.set(record, other);
    else if (!isThere(other)) heirs.set(other, record);
  }
  return { joins: joins.flatMap((join) => leftOf(join) ?? []), leftOf };
}

function reachable(joins: readonly Join[], start: string): ReadonlySet<string> {
  const found = new Set([start]);
  const open = [start];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    for (const next of neighbours(joins, id)) {
      if (found.has(next)) continue;
      found.add(next);
      open.push(next);
    }
  }
  return found;
}

function neighbours(joins: readonly Join[], id: string): readonly string[] {
  const next: string[] = [];
  for (const join of joins) {
    if (join.record === id) next.push(join.with);
    else if (join.with === id) next.push(join.record);
  }
  return next;
}

/**
 * Of the joins on the way between some records and others the one that is least alike, the later of equals; without others,
 * of the joins of the first ones. Undefined where there is none.
 */
export function weakestBetween(
  alike: ReadonlyMap<Join, number>,
  some: readonly string[],
  others: readonly string[] | undefined,
): Join | undefined {
  const joins = [...alike.keys()];
  let weakest: Join | undefined;
  for (const [join, likeness] of alike) {
    const isOnWay = others
      ? partsThem(joins, join, some, others)
      : some.includes(join.record) || some.includes(join.with);
    if (isOnWay && (!weakest || likeness <= (alike.get(weakest) ?? 0))) weakest = join;
  }
  return weakest;
}

/** Whether all of some are on one side of the join, and all of the others on the other. */
export function partsThem(
  joins: readonly Join[],
  join: Join,
  some: readonly string[],
  others: readonly string[],
): boolean {
  const [a, b] = sidesWithout(joins, join);
  const has = (side: ReadonlySet<string>, ids: readonly string[]) =>
    ids.length > 0 && ids.every((id) => side.has(id));
  return (has(a, some) && has(b, others)) || (has(b, some) && has(a, others));
}
